/** Shows the metrics at GET /metrics, and nothing else, on a listener of their own. */
import type { RequestListener } from 'node:http';

interface Shown {
  readonly contentType: string;
  text(): string;
}

/** Answers under way: whoever asks and never reads takes no more than that. */
const mostAtOnce = 20;
/** Milliseconds for which a text is given out: asking often costs the house nothing. */
const life = 500;

/** @param now milliseconds, rising */
export function createMetricsListener(metrics: Shown, now: () => number): RequestListener {
  let text: { readonly madeAt: number; readonly bytes: Buffer } | undefined;
  let underWay = 0;

  /** The same bytes for all who ask meanwhile, so that slow readers hold no copies. */
  function current(): Buffer {
    if (text === undefined || now() - text.madeAt >= life) text = { madeAt: now(), bytes: Buffer.from(metrics.text()) };
    return text.bytes;
  }

  return (req, res) => {
    const path = req.url?.split('?', 1)[0];
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (path !== '/metrics' || !isRead) {
      // What is sent along is not read: nothing more comes by this connection.
      res.setHeader('Connection', 'close');
      res.writeHead(path === '/metrics' ? 405 : 404, path === '/metrics' ? { Allow: 'GET, HEAD' } : {}).end();
      return;
    }
    if (underWay >= mostAtOnce) {
      res.writeHead(503, { 'Retry-After': '5', Connection: 'close' }).end();
      return;
    }
    underWay += 1;
    res.once('close', () => {
      underWay -= 1;
    });
    const bytes = current();
    res
      .writeHead(200, {
        'Content-Type': metrics.contentType,
        'Content-Length': bytes.length,
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
      })
      .end(req.method === 'HEAD' ? undefined : bytes);
  };
}

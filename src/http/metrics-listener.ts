/** Shows the metrics at GET /metrics, and nothing else, on a listener of their own. */
import type { RequestListener } from 'node:http';

interface Shown {
  readonly contentType: string;
  text(): Promise<string>;
}

export function createMetricsListener(metrics: Shown): RequestListener {
  return (req, res) => {
    const path = req.url?.split('?', 1)[0];
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (path !== '/metrics' || !isRead) {
      res.writeHead(path === '/metrics' ? 405 : 404, path === '/metrics' ? { Allow: 'GET, HEAD' } : {}).end();
      return;
    }
    metrics.text().then(
      (body) => {
        res
          .writeHead(200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' })
          .end(req.method === 'HEAD' ? undefined : body);
      },
      () => {
        res.writeHead(500).end();
      },
    );
  };
}

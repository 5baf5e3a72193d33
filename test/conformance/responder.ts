/** A web server of metadata on loopback, whose answers and log are in the test’s hands. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { afterwards } from './requirement.ts';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Responder {
  /** Without a slash at its end. */
  readonly url: string;
  /** What it answers, by path; what is not here is not found. */
  readonly answers: Map<string, Answer>;
  /** Paths that it was asked for, in order. */
  readonly asked: string[];
  /** The next time that it is asked for that path. */
  next(path: string): Promise<IncomingMessage>;
}

/** Milliseconds. */
const patience = 10_000;

/** Starts one; it is stopped after the last test of the file. */
export async function openResponder(): Promise<Responder> {
  const answers = new Map<string, Answer>();
  const asked: string[] = [];
  const waiting: { path: string; resolve: (request: IncomingMessage) => void }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const { status = 200, headers = {}, body = '' } = answers.get(path) ?? { status: 404 };
    response.writeHead(status, { 'Content-Type': 'application/samlmetadata+xml', ...headers });
    response.end(body, () => {
      for (const waiter of waiting.filter((one) => one.path === path)) {
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.resolve(request);
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    answers,
    asked,
    next: (path) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`nobody asked for ${path}`)), patience);
        const taken = (request: IncomingMessage): void => {
          clearTimeout(timer);
          resolve(request);
        };
        waiting.push({ path, resolve: taken });
      }),
  };
}

const opened: (() => void)[] = [];
afterwards(async () => {
  for (const close of opened) close();
  return Promise.resolve();
});

/** Asks a web server as the doctor does: once, within bounds, telling everything of how it answers; nothing is followed. */
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import { describeNetworkTrouble } from './describe-network-trouble.ts';
import { describeTls, type ShownTls } from './show-tls.ts';

export interface Asked {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** PEM. */
  readonly authorities: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Our own end of the connection. */
  readonly local: { readonly address: string; readonly port: number };
  readonly tls: ShownTls | undefined;
  readonly milliseconds: number;
}

/** Nobody answered, in words. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const limit = 5_000;
const mostBytes = 2 * 1024 * 1024;
const tooLong = 'its answer does not end within 2 MB';

/** A certificate that is not to be trusted is told of, and no obstacle: nothing secret is ever sent. @throws NoAnswer */
export function ask({ url, method = 'GET', headers = {}, body, authorities, now, signal }: Asked): Promise<Answer> {
  const began = performance.now();
  const target = new URL(url);
  const isTls = target.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    const fail = (error: unknown): void => {
      reject(new NoAnswer(ends.aborted ? `it does not answer within ${String(limit / 1_000)} s` : describeNetworkTrouble(error)));
    };
    const request = (isTls ? tlsRequest : plainRequest)(target, {
      method,
      agent: false,
      signal: ends,
      maxHeaderSize: 65_536,
      headers: { 'User-Agent': 'Passerelle-Doctor', ...(body !== undefined && { 'Content-Length': body.length }), ...headers },
      ...(isTls && { rejectUnauthorized: false, ca: [...authorities] }),
    });
    request.on('error', fail);
    request.on('response', (response) => {
      const { socket } = response;
      const local = { address: socket.localAddress ?? '', port: socket.localPort ?? 0 };
      const tls = socket instanceof TLSSocket ? describeTls(socket, target.hostname, now) : undefined;
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= mostBytes) chunks.push(chunk);
        else {
          reject(new NoAnswer(tooLong));
          request.destroy();
        }
      });
      response.on('error', fail);
      response.on('end', () => {
        const milliseconds = performance.now() - began;
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
          local,
          tls,
          milliseconds,
        });
      });
      response.on('close', () => {
        fail(undefined);
      });
    });
    request.end(body);
  });
}

/** Serves an application over HTTP or HTTPS, and stops without dropping what is in flight. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Listener {
  readonly address: AddressInfo;
  /** Accepts nothing more, waits for what is in flight, at most `grace` milliseconds. */
  close(grace: number): Promise<void>;
}

const bounds = {
  // A RelayState of 64 KiB in percent-encoding is three times as long (HTTP-Redirect).
  maxHeaderSize: 256 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 20_000,
  // How often the two above are looked at.
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
};

const handshakeTimeout = 10_000;
/** Milliseconds without a byte either way; whoever never reads an answer would hold it in memory for good. */
const silence = 120_000;

/** `tls`: certificate chain and key in PEM. Resolves once it listens. */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
  tls: { cert: string; key: string } | undefined,
): Promise<Listener> {
  const server =
    tls === undefined
      ? createServer(bounds, app)
      : createTlsServer({ ...bounds, ...tls, minVersion: 'TLSv1.2', handshakeTimeout }, app);
  server.maxRequestsPerSocket = 1000;
  server.timeout = silence;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return {
    address,
    async close(grace) {
      const closed = once(server, 'close');
      server.close();
      // A connection that answers its last request becomes idle, and is closed at the next look.
      const idle = setInterval(() => {
        server.closeIdleConnections();
      }, 50);
      const deadline = setTimeout(() => {
        server.closeAllConnections();
      }, grace);
      await closed;
      clearInterval(idle);
      clearTimeout(deadline);
    },
  };
}

/** Serves an application over HTTP or HTTPS, and stops without dropping what is in flight. */
import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';

export interface Listener {
  readonly address: AddressInfo;
  /** From now on connections are made with these; those that are there stay. Only where it speaks TLS, with what `verifyTls` takes. */
  renew(tls: Tls): void;
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

export interface Tls {
  /** Certificate chain, PEM. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** Authorities (PEM) of the certificates that browsers are asked for; undefined: they are asked for none. */
  readonly clientAuthorities?: string;
}

/** Whoever comes without a certificate, or with a wrong one, is told so by a page: hence nobody is turned away here. */
const asking = (ca: string) => ({
  ca,
  requestCert: true,
  rejectUnauthorized: false,
  // A session taken up again proves no key, and has forgotten what was sent along.
  secureOptions: constants.SSL_OP_NO_TICKET,
  sigalgs:
    'ecdsa_secp256r1_sha256:ecdsa_secp384r1_sha384:ecdsa_secp521r1_sha512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512',
});

const secured = ({ cert, key, clientAuthorities }: Tls) => ({
  cert,
  key,
  minVersion: 'TLSv1.2' as const,
  ...(clientAuthorities !== undefined && asking(clientAuthorities)),
});

/** @throws Error where OpenSSL cannot use them together */
export function verifyTls(tls: Tls): void {
  createSecureContext(secured(tls));
}

/**
 * Resolves once it listens.
 * @param limits `mostConnections` at a time, where they are few by nature; further ones are cut
 */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
  tls: Tls | undefined,
  limits: { readonly mostConnections?: number } = {},
): Promise<Listener> {
  const server =
    tls === undefined ? createServer(bounds, app) : createTlsServer({ ...bounds, ...secured(tls), handshakeTimeout }, app);
  server.maxRequestsPerSocket = tls?.clientAuthorities === undefined ? 1000 : 1;
  server.timeout = silence;
  if (limits.mostConnections !== undefined) server.maxConnections = limits.mostConnections;
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return {
    address,
    renew(renewed) {
      if (server instanceof TlsServer) server.setSecureContext(secured(renewed));
    },
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

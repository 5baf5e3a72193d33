/** Looks at how a server speaks TLS, and whether its certificate is to be trusted; nothing is sent over the connection. */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import { describeNetworkTrouble } from './describe-network-trouble.ts';
import { certificateTrouble } from '../directory/certificate-trouble.ts';

export interface ShownTls {
  /** Such as TLSv1.3. */
  readonly version: string;
  /** Milliseconds since the epoch; NaN where it does not say. */
  readonly notAfter: number;
  readonly issuer: string;
  /** Why it is not to be trusted, in words; undefined where it is. */
  readonly trouble: string | undefined;
}

const limit = 5_000;

export function describeTls(socket: TLSSocket, host: string, now: number): ShownTls {
  const certificate = socket.getPeerCertificate();
  const { authorizationError } = socket;
  // Node says null where there is none.
  const code = socket.authorized ? undefined : String(authorizationError);
  const { issuer } = certificate as Partial<typeof certificate>;
  return {
    version: socket.getProtocol() ?? 'unknown',
    notAfter: Date.parse(certificate.valid_to),
    issuer: [issuer?.CN ?? issuer?.O ?? 'nobody'].flat().join(', ').slice(0, 120),
    trouble: code === undefined ? undefined : certificateTrouble(code, certificate, host, now),
  };
}

/**
 * @param options.old whether versions before 1.2 alone are offered, to see whether they are taken
 * @throws Error in words, where no TLS comes about
 */
export function showTls(options: {
  readonly host: string;
  readonly port: number;
  readonly authorities: readonly string[] | undefined;
  readonly old?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
}): Promise<ShownTls> {
  const { host, port, authorities, old = false, now, signal } = options;
  return new Promise((resolve, reject) => {
    const versions: ConnectionOptions = old
      ? { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }
      : { minVersion: 'TLSv1.2' };
    const socket = connect({
      host,
      port,
      ...(isIP(host) === 0 && { servername: host }),
      ...versions,
      rejectUnauthorized: false,
      ...(authorities !== undefined && { ca: [...authorities] }),
    });
    const ends = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(new Error(ends.aborted ? `no TLS within ${String(limit / 1_000)} s` : describeNetworkTrouble(error)));
    };
    ends.addEventListener('abort', fail, { once: true });
    socket.on('error', fail);
    socket.once('secureConnect', () => {
      ends.removeEventListener('abort', fail);
      resolve(describeTls(socket, host, now));
      socket.destroy();
    });
  });
}

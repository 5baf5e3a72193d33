/** Looks at the certificate that a directory server shows, whoever issued it; nothing is ever sent over that connection. */
import { connect, isIP, type Socket } from 'node:net';
import { type PeerCertificate, connect as secure } from 'node:tls';
import { Ber } from 'ldapts';
import { enter, integer } from '../ber.ts';
import { certificateTrouble } from '../certificate-trouble.ts';
import { createMessageStream } from '../message-stream.ts';

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601, the date alone. */
  readonly notAfter: string;
  /** Undefined where it may be trusted; else why not, in words. */
  readonly problem: string | undefined;
}

export interface Shown {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly protection: 'ldaps' | 'starttls';
  /** PEM; undefined for the well-known authorities. */
  readonly ca: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const EXTENDED_RESPONSE = 0x78;
const RESPONSE_LIMIT = 4_096;
// RFC 4511 §4.14.1, as message 1.
const startTlsRequest = Buffer.concat([Buffer.from('301d02010177188016', 'hex'), Buffer.from('1.3.6.1.4.1.1466.20037')]);

/** Some put several values into one part of a name. */
const nameOf = (part: Partial<PeerCertificate['subject']> | undefined): string =>
  [part?.CN, part?.O]
    .flat()
    .filter((value) => value !== undefined)
    .join(', ')
    .slice(0, 200) || 'nobody';

const dateOf = (text: string): string => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? 'unknown' : new Date(time).toISOString().slice(0, 10);
};

/** Undefined where no TLS answers there in time. */
export function showCertificate({
  host,
  address,
  port,
  protection,
  ca,
  timeout,
  now,
}: Shown): Promise<ShownCertificate | undefined> {
  return new Promise((resolve) => {
    const plain = connect({ host: address, port });
    let outer: Socket = plain;
    const end = (shown: ShownCertificate | undefined): void => {
      clearTimeout(timer);
      outer.destroy();
      plain.destroy();
      resolve(shown);
    };
    const timer = setTimeout(end, timeout, undefined);
    const fail = (): void => end(undefined);
    plain.on('error', fail);
    plain.on('close', fail);

    const encrypt = (): void => {
      const socket = secure({
        socket: plain,
        host,
        // RFC 6066 §3: no literal address as a server name.
        ...(isIP(host) === 0 && { servername: host }),
        minVersion: 'TLSv1.2',
        // Only to look at it.
        rejectUnauthorized: false,
        ...(ca === undefined ? {} : { ca }),
      });
      outer = socket;
      socket.on('error', fail);
      socket.once('secureConnect', () => {
        const certificate = socket.getPeerCertificate();
        end({
          subject: nameOf(certificate.subject),
          issuer: nameOf(certificate.issuer),
          notAfter: dateOf(certificate.valid_to),
          problem: socket.authorized ? undefined : certificateTrouble(String(socket.authorizationError), certificate, host, now),
        });
      });
    };

    plain.once('connect', () => {
      if (protection === 'ldaps') {
        encrypt();
        return;
      }
      const receive = (chunk: Buffer): void => {
        try {
          read(chunk);
        } catch {
          fail();
        }
      };
      const read = createMessageStream(RESPONSE_LIMIT, ({ reader }) => {
        plain.removeListener('data', receive);
        enter(reader, EXTENDED_RESPONSE);
        if (integer(reader, Ber.Enumeration) === 0) encrypt();
        else fail();
      });
      plain.on('data', receive);
      plain.write(startTlsRequest);
    });
  });
}

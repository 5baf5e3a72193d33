/** Opens the socket to a directory server, with TLS by ldaps or StartTLS where asked, all within one time limit. */
import { connect, isIP, type Socket } from 'node:net';
import { type PeerCertificate, type SecureContext, connect as secure } from 'node:tls';
import { Ber, BerWriter } from 'ldapts';
import { MalformedMessage, enter, integer } from './ber.ts';
import { certificateTrouble } from './certificate-trouble.ts';
import type { Endpoint } from './endpoint.ts';
import { createMessageStream } from './message-stream.ts';
import { timeLimit } from './time-limit.ts';
import { Unanswered, Untrusted } from './unanswered.ts';

const EXTENDED_REQUEST = 0x77;
const EXTENDED_RESPONSE = 0x78;
const RESPONSE_LIMIT = 4_096;
/** Milliseconds of rest after which the system asks whether the other end still stands, so that firewalls remember the line. */
const KEEP_ALIVE = 30_000;

/** Where what ends a connection is known while it is open or being opened. */
export interface Lines {
  add(end: () => void): void;
  delete(end: () => void): void;
}

// RFC 4511 §4.14: an extended request with this name and no value.
function startTlsRequest(): Buffer {
  const writer = new BerWriter({ size: 64 });
  writer.startSequence();
  writer.writeInt(1);
  writer.startSequence(EXTENDED_REQUEST);
  writer.writeString('1.3.6.1.4.1.1466.20037', 0x80);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

const reasonOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : error.message);

/**
 * The socket, ready for the first LDAP message. The certificate and its name are always verified, against the authorities of
 * `trust` (PEM, or a context) or else against the well-known ones; TLS 1.2 is the least.
 * @param timeout milliseconds, for everything together
 * @param lines where it can be ended while it lasts
 * @throws Unanswered; Untrusted
 */
export function dial(
  endpoint: Endpoint,
  trust: string | SecureContext | undefined,
  timeout: number,
  lines: Lines,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const plain = connect({
      host: endpoint.address ?? endpoint.host,
      port: endpoint.port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE,
    });
    let outer = plain;
    const fail = (trouble: string | Unanswered): void => {
      callOff();
      lines.delete(hangUp);
      outer.destroy();
      plain.destroy();
      reject(typeof trouble === 'string' ? new Unanswered(endpoint.name, trouble, true) : trouble);
    };
    const hangUp = (): void => {
      fail('closed');
    };
    lines.add(hangUp);
    const callOff = timeLimit(timeout, () => {
      fail(new Unanswered(endpoint.name, `no connection within ${String(timeout)} ms`, false));
    });
    const succeed = (socket: Socket): void => {
      callOff();
      lines.delete(hangUp);
      resolve(socket);
    };
    // Both listeners stay: an error event that nobody listens to would end the process.
    plain.on('error', (error) => {
      fail(reasonOf(error));
    });
    plain.on('close', () => {
      fail('connection closed');
    });

    const encrypt = (): void => {
      const socket = secure({
        socket: plain,
        host: endpoint.host,
        // RFC 6066 §3: no literal address as a server name.
        ...(isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {}),
        ...(typeof trust === 'object' ? { secureContext: trust } : trust === undefined ? {} : { ca: trust }),
        minVersion: 'TLSv1.2',
        rejectUnauthorized: true,
      });
      outer = socket;
      let certificate: PeerCertificate | undefined;
      // The handshake is done and nothing verified yet; a certificate that is not taken can be seen at no other time.
      socket.prependListener('secure', () => {
        certificate = socket.getPeerCertificate();
      });
      socket.on('error', (error: Error) => {
        const refused = socket.authorizationError as unknown;
        if (refused === null || refused === undefined) fail(reasonOf(error));
        else fail(new Untrusted(endpoint.name, certificateTrouble(reasonOf(error), certificate, endpoint.host, Date.now())));
      });
      socket.once('secureConnect', () => {
        succeed(socket);
      });
    };

    const askForTls = (): void => {
      let agreed = false;
      const read = createMessageStream(RESPONSE_LIMIT, ({ operation, reader }) => {
        if (agreed || operation !== EXTENDED_RESPONSE) {
          throw new MalformedMessage();
        }
        enter(reader, EXTENDED_RESPONSE);
        const code = integer(reader, Ber.Enumeration);
        if (code !== 0) {
          throw new Error(`StartTLS refused, LDAP code ${String(code)}`);
        }
        agreed = true;
      });
      const receive = (chunk: Buffer): void => {
        try {
          // What comes in the clear behind the answer must never count as part of the protected stream.
          if (read(chunk) > 0 && agreed) {
            throw new MalformedMessage();
          }
        } catch (error) {
          fail(error instanceof Error ? error.message : 'no answer to StartTLS');
          return;
        }
        if (agreed) {
          plain.removeListener('data', receive);
          encrypt();
        }
      };
      plain.on('data', receive);
      plain.write(startTlsRequest());
    };

    plain.once('connect', () => {
      if (endpoint.protection === 'none') {
        succeed(plain);
      } else if (endpoint.protection === 'ldaps') {
        encrypt();
      } else {
        askForTls();
      }
    });
  });
}

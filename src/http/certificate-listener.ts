/** What the TLS listener of client certificates serves: it takes what the browser presents, and leads back. Nothing else is there. */
import type { RequestListener } from 'node:http';
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import { newReference } from '../audit/reference.ts';
import type { Random } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { HandOver, Shown } from '../signin/hand-over.ts';
import type { RecordTrouble } from './record-trouble.ts';

const mostCertificates = 8;
const signInPattern = /^[A-Za-z0-9_-]{22}$/;

/**
 * What the other end proved to hold the key of, and what it sent along, as far as each vouches for the one before; of the latter some
 * releases of Node tell nothing (nodejs/node#65579).
 */
function shownBy(socket: unknown): Shown {
  const found: string[] = [];
  let certificate: Partial<DetailedPeerCertificate> | undefined =
    socket instanceof TLSSocket ? socket.getPeerCertificate(true) : undefined;
  while (certificate?.raw !== undefined && found.length < mostCertificates) {
    const text = certificate.raw.toString('base64');
    // The last one is its own issuer.
    if (found.includes(text)) break;
    found.push(text);
    certificate = certificate.issuerCertificate;
  }
  return { certificates: found.join(' '), ocsp: '' };
}

/** Where the way back leads; without a code to a refusal there. */
export const returnUrl = (origin: string, signIn: string, code?: string): string =>
  `${origin}${paths.certificateReturn}?id=${signIn}${code === undefined ? '' : `&code=${code}`}`;

/** @param parts `origin` of publicUrl, which alone is ever led to */
export function createCertificateListener(parts: {
  handOver: HandOver;
  record: RecordTrouble;
  origin: string;
  random: Random;
}): RequestListener {
  const { handOver, record, origin, random } = parts;

  async function answer(url: string, socket: unknown, reference: string, remoteAddress: string): Promise<string | undefined> {
    const [path, query] = url.split('?', 2);
    if (path !== paths.certificatePresent) return undefined;
    const parameters = new URLSearchParams(query);
    const signIn = parameters.get('id') ?? '';
    if (!signInPattern.test(signIn)) return undefined;
    try {
      return returnUrl(
        origin,
        signIn,
        await handOver.present(signIn, parameters.get('ticket') ?? '', shownBy(socket), remoteAddress),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      record.refusal({ reference, remoteAddress }, error, 'certificate.refused');
      return returnUrl(origin, signIn);
    }
  }

  return (req, res) => {
    // One question a connection: each sign-in proves the key anew.
    res.setHeader('Connection', 'close');
    res.setHeader('Cache-Control', 'no-store');
    res.setHeader('Referrer-Policy', 'no-referrer');
    res.setHeader('X-Content-Type-Options', 'nosniff');
    // It holds for every port of the host.
    if (origin.startsWith('https:')) res.setHeader('Strict-Transport-Security', 'max-age=31536000');
    const end = (status: number, location?: string): void => {
      res.writeHead(status, { ...(location !== undefined && { Location: location }), 'Content-Length': 0 }).end();
    };
    if (req.method !== 'GET') {
      end(405);
      return;
    }
    const reference = newReference(random);
    // Of the connection alone: no proxy can stand between.
    const remoteAddress = req.socket.remoteAddress ?? 'unknown';
    answer(req.url ?? '', req.socket, reference, remoteAddress).then(
      (location) => {
        end(location === undefined ? 404 : 303, location);
      },
      (error: unknown) => {
        record.fault({ reference, remoteAddress }, error);
        end(500);
      },
    );
  };
}

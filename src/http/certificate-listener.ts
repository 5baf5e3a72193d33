/** What the TLS listener of client certificates serves: it takes what the browser presents, and leads back. Nothing else is there. */
import type { RequestListener } from 'node:http';
import { TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import { newReference } from '../audit/reference.ts';
import type { Steps } from '../audit/steps.ts';
import type { Step, Trail } from '../audit/trail.ts';
import type { Clock, Random } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { HandOver, Shown } from '../signin/hand-over.ts';
import type { Receive } from '../signin/receive.ts';
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

interface Asked {
  /** That of the sign-in, once it is known. */
  reference: string;
  readonly remoteAddress: string;
}

/** Where the way back leads; without a code to a refusal there. */
export const returnUrl = (origin: string, signIn: string, code?: string): string =>
  `${origin}${paths.certificateReturn}?id=${signIn}${code === undefined ? '' : `&code=${code}`}`;

/** @param parts `origin` of publicUrl, which alone is ever led to */
export function createCertificateListener(parts: {
  handOver: HandOver;
  receive: Pick<Receive, 'referenceOf'>;
  record: RecordTrouble;
  origin: string;
  steps: Steps;
  /** Told of each request in which anything was looked at, once it is over. */
  keepTrail: (trail: Trail) => void;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): RequestListener {
  const { handOver, receive, record, origin, steps, keepTrail, clock, random } = parts;

  async function answer(url: string, socket: unknown, asked: Asked): Promise<string | undefined> {
    const [path, query] = url.split('?', 2);
    if (path !== paths.certificatePresent) return undefined;
    const parameters = new URLSearchParams(query);
    const signIn = parameters.get('id') ?? '';
    if (!signInPattern.test(signIn)) return undefined;
    const { remoteAddress } = asked;
    try {
      asked.reference = (await receive.referenceOf(signIn)) ?? asked.reference;
      const shown = shownBy(socket);
      const certificates = shown.certificates === '' ? 0 : shown.certificates.split(' ').length;
      steps.tell('authenticator', { authenticator: 'certificate', what: 'presented', certificates });
      return returnUrl(origin, signIn, await handOver.present(signIn, parameters.get('ticket') ?? '', shown, remoteAddress));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      record.refusal(asked, error, 'certificate.refused');
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
    // Of the connection alone: no proxy can stand between.
    const asked: Asked = { reference: newReference(random), remoteAddress: req.socket.remoteAddress ?? 'unknown' };
    const begunAt = clock.now();
    const taken: Step[] = [];
    res.once('close', () => {
      const status = res.headersSent ? res.statusCode : undefined;
      if (taken.length > 0) keepTrail({ ...asked, begunAt, exchange: `GET ${paths.certificatePresent}`, status, steps: taken });
    });
    const work = () => answer(req.url ?? '', req.socket, asked);
    steps.within(taken, work).then(
      (location) => {
        end(location === undefined ? 404 : 303, location);
      },
      (error: unknown) => {
        record.fault(asked, error);
        end(500);
      },
    );
  };
}

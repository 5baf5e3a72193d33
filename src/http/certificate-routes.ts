/** The routes of client certificates: to the host that asks for one, through a proxy's header, and back. */
import { Router, type Request as HttpRequest } from 'express';
import { nameOfCertificate } from '../authenticators/certificate.ts';
import type { Clock, Random } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { Disbelieved, Shown } from '../signin/hand-over.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { createBrowserCookie } from './browser-cookie.ts';
import type { CertificateDoor } from './certificate-door.ts';
import { returnUrl } from './certificate-listener.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawQuery } from './incoming.ts';
import { recall, recallNext } from './recall.ts';
import type { RecordTrouble } from './record-trouble.ts';
import type { SessionCookie } from './session-cookie.ts';

/** A page of ours led here, not another site's that would have somebody show a certificate unasked. */
function isOwnPage({ headers }: HttpRequest, origin: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return URL.parse(headers.referer ?? '')?.origin === origin;
}

export function createCertificateRoutes(parts: {
  /** Undefined where it is not configured. */
  certificate: CertificateDoor | undefined;
  receive: Receive;
  proceed: Pick<Proceed, 'next'>;
  identify: Identify;
  record: RecordTrouble;
  cookie: SessionCookie;
  origin: string;
  clock: Pick<Clock, 'now'>;
  random: Random;
}): Router {
  const { certificate: door, receive, identify, record, cookie, origin, clock, random } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  if (door === undefined) return router;
  const { recogniser, handOver, presentedAt, readHeader } = door;
  const browserCookie = createBrowserCookie();
  /** What came in a way that is not believed is told here at once, whether or not anybody goes on; and to the person, over there. */
  function readShown(req: HttpRequest, query: string, { reference, remoteAddress }: Exchange): Shown | Disbelieved {
    try {
      return readHeader?.(req, query, clock.now()) ?? { certificates: '', ocsp: '' };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, detail } = error;
      if (reason !== 'certificate-header-unsealed' && reason !== 'certificate-untrusted') throw error;
      record.refusal({ reference, remoteAddress }, error, 'certificate.refused');
      return { reason, detail };
    }
  }

  const pageOf = (signIn: string): string => `${paths.signIn}?id=${signIn}`;

  router.head([paths.withCertificate, paths.certificatePresent, paths.certificateReturn], () => {
    throw new Refusal('method-unknown');
  });

  router.get(paths.withCertificate, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const signIn = parseParameters(rawQuery(req)).get('id')?.value ?? '';
    await recallNext(parts, exchange, signIn);
    if (!isOwnPage(req, origin) || !exchange.ways.includes('certificate')) {
      exchange.leave(pageOf(signIn));
      return;
    }
    const known = browserCookie.read(req.headers.cookie);
    const browser = known ?? random(32).toString('base64url');
    const ticket = await handOver.begin(signIn, browser, exchange.remoteAddress);
    if (known === undefined) res.setHeader('Set-Cookie', browserCookie.keep(browser));
    exchange.leave(`${presentedAt}${paths.certificatePresent}?id=${signIn}&ticket=${ticket}`);
  });

  if (readHeader !== undefined) {
    router.get(paths.certificatePresent, async (req, res: Reply) => {
      const { exchange } = res.locals;
      const query = rawQuery(req);
      const parameters = parseParameters(query);
      const signIn = parameters.get('id')?.value ?? '';
      await recall(receive, exchange, signIn);
      const shown = readShown(req, query, exchange);
      const ticket = parameters.get('ticket')?.value ?? '';
      exchange.leave(returnUrl(origin, signIn, await handOver.present(signIn, ticket, shown, exchange.remoteAddress)));
    });
  }

  router.get(paths.certificateReturn, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const query = parseParameters(rawQuery(req));
    const signIn = query.get('id')?.value ?? '';
    // Whatever becomes of it, the code is used.
    const taken = handOver.take(signIn, query.get('code')?.value ?? '', browserCookie.read(req.headers.cookie));
    await Promise.allSettled([taken]);
    const { request } = await recallNext(parts, exchange, signIn);
    const { certificates, ocsp } = await taken;
    if (!exchange.ways.includes('certificate')) {
      exchange.leave(pageOf(signIn));
      return;
    }
    const session = await identify(recogniser, {
      signIn,
      name: nameOfCertificate(certificates),
      fields: { certificates, ocsp },
      remoteAddress: exchange.remoteAddress,
      userAgent: exchange.userAgent,
      session: exchange.session,
      reference: exchange.reference,
      serviceProvider: request.serviceProvider.entityID,
      forceAuthn: request.forceAuthn,
    });
    res.setHeader('Set-Cookie', cookie.keep(session));
    exchange.leave(pageOf(signIn));
  });
  return router;
}

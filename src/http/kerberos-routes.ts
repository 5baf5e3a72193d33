/** The route of Windows integrated authentication (RFC 4559): asks the browser for a ticket, with the form beside the question. */
import { Router } from 'express';
import type { Kerberos } from '../authenticators/kerberos.ts';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import type { Request } from '../signin/verify-requested.ts';
import { askPassword } from './answer-refusal.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawQuery } from './incoming.ts';
import type { KerberosOffer } from './kerberos-offer.ts';
import { recallNext } from './recall.ts';
import type { RecordTrouble } from './record-trouble.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { SignedOutCookie } from './signed-out-cookie.ts';

/** What the routes of Kerberos and of the sign-in have in common. */
export interface KerberosDoor {
  readonly authenticator: Kerberos;
  readonly offer: KerberosOffer;
  readonly signedOut: SignedOutCookie;
}

const words = 'kerberos-not-accepted';

const pageOf = (signIn: string): string => `${paths.signIn}?id=${signIn}`;

/** Where a person asks for it; the answer then says what stood against it. */
export const kerberosOnDemand = (signIn: string): string => `${paths.kerberos}?id=${signIn}&asked=1`;
export const kerberosAtOnce = (signIn: string): string => `${paths.kerberos}?id=${signIn}`;

/** The token of an Authorization header; undefined where it is of another scheme. */
const tokenOf = (authorization: string | undefined): string | undefined =>
  /^(?:negotiate|ntlm) +(\S+) *$/i.exec(authorization ?? '')?.[1];

export function createKerberosRoutes(parts: {
  /** Undefined where it is not configured. */
  kerberos: KerberosDoor | undefined;
  receive: Receive;
  proceed: Pick<Proceed, 'next'>;
  identify: Identify;
  record: RecordTrouble;
  cookie: SessionCookie;
  clock: Pick<Clock, 'now'>;
}): Router {
  const { kerberos: door, receive, identify, record, cookie, clock } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  if (door === undefined) return router;
  const { authenticator, offer, signedOut } = door;

  /** Chromium and Firefox show the page of a 401 where they have no ticket, as long as Negotiate is the only challenge. */
  function challenge(res: Reply, signIn: string, loginHint: string, request: Request): void {
    const { exchange } = res.locals;
    res.setHeader('WWW-Authenticate', 'Negotiate');
    if (exchange.ways.includes('password')) {
      askPassword(exchange, signIn, loginHint, undefined, { status: 401 });
      return;
    }
    const serviceProvider = request.serviceProvider.name;
    const tryAgainUrl = `${pageOf(signIn)}&without=kerberos`;
    exchange.page(401, 'refusal', { words, reference: exchange.reference, serviceProvider, tryAgainUrl });
  }

  /** Never a second challenge: to it some browsers answer with a box for a password. */
  function fallBack(exchange: Exchange, signIn: string, loginHint: string, refusal: Refusal, isTold: boolean): void {
    const { request, reference, remoteAddress } = exchange;
    record.refusal(
      { reference, remoteAddress, request: request?.id, serviceProvider: request?.serviceProvider.entityID },
      refusal,
      'kerberos.refused',
    );
    if (!exchange.ways.some((way) => way === 'password' || way === 'certificate'))
      throw new Refusal('authn-context-unmet', { missing: 'kerberos' });
    askPassword(exchange, signIn, loginHint, isTold ? { refusal, now: clock.now() } : undefined);
  }

  router.head(paths.kerberos, () => {
    throw new Refusal('method-unknown');
  });

  router.get(paths.kerberos, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const query = parseParameters(rawQuery(req));
    const signIn = query.get('id')?.value ?? '';
    const recalled = await recallNext(parts, exchange, signIn);
    const { request, loginHint } = recalled;
    const token = tokenOf(req.headers.authorization);
    if (offer(req, exchange, recalled) === undefined) {
      exchange.leave(pageOf(signIn));
      return;
    }
    if (token === undefined) {
      challenge(res, signIn, loginHint, request);
      return;
    }
    if (!(await receive.judgeTicket(signIn))) {
      exchange.leave(pageOf(signIn));
      return;
    }
    let reply: string | undefined;
    const recogniser = authenticator.recogniser((given) => {
      reply = given;
    });
    try {
      const session = await identify(recogniser, {
        signIn,
        name: '',
        fields: { token },
        remoteAddress: exchange.remoteAddress,
        userAgent: exchange.userAgent,
        session: exchange.session,
        reference: exchange.reference,
        serviceProvider: request.serviceProvider.entityID,
        forceAuthn: request.forceAuthn,
      });
      res.setHeader('Set-Cookie', [cookie.keep(session), ...(signedOut.read(req.headers.cookie) ? [signedOut.forget()] : [])]);
    } catch (error) {
      if (!(error instanceof Refusal) || error.row.answer !== 'again') throw error;
      fallBack(exchange, signIn, loginHint, error, error.row.words !== words || query.has('asked'));
      return;
    }
    // RFC 4559 §5: what proves us to the browser.
    if (reply !== undefined) res.setHeader('WWW-Authenticate', `Negotiate ${reply}`);
    exchange.leave(pageOf(signIn));
  });
  return router;
}

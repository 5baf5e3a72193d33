/** The routes of signing out: the person's own way, the single logout endpoint, and the page that leads from hop to hop. */
import { type NextFunction, Router, type Request as HttpRequest } from 'express';
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import type { Outgoing } from '../saml/front-channel.ts';
import { type Parameters as FormParameters, parseParameters } from '../saml/parameters.ts';
import type { Course, Logout, LogoutStage } from '../signin/logout.ts';
import { currentHop, type Hop, isPartial } from '../signin/propagation.ts';
import type { LogoutMessage } from '../signin/receive-logout.ts';
import { isHandle } from '../signin/running-logouts.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawForm, rawQuery, readForm, verifySameOrigin } from './incoming.ts';
import type { LogoutNext, LogoutService } from './page-contents.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { SignedOutCookie } from './signed-out-cookie.ts';

/** Sentences about signing in, which say nothing here. */
const misleading: readonly string[] = [
  'request-unreadable',
  'request-stale',
  'request-not-trusted',
  'request-unmet',
  'service-provider-unknown',
];

const progressOf = (handle: string): string => `${paths.signOutProgress}?id=${handle}`;

/** Where a form may go beside our own origin. */
const formActionOf = (outgoing: Outgoing): readonly string[] => (outgoing.by === 'post' ? [outgoing.location] : []);

const servicesOf = (hops: readonly Hop[]): readonly LogoutService[] => {
  const current = currentHop(hops);
  return hops.map(({ name, state }, index) => {
    if (state === 'done' || state === 'failed') return { name, state };
    return { name, state: index === current ? 'current' : 'waiting' };
  });
};

function nextOf(outgoing: Outgoing, next: Pick<LogoutNext, 'purpose' | 'automatic' | 'serviceProvider'>): LogoutNext {
  if (outgoing.by === 'redirect') return { ...next, url: outgoing.url };
  const { location, holder, message, relayState } = outgoing;
  return { ...next, form: { location, holder, message, RelayState: relayState } };
}

export function createLogoutRoutes(parts: {
  logout: Logout;
  cookie: SessionCookie;
  audit: Audit;
  steps: Pick<Steps, 'tell'>;
  origin: string;
  /** Where the person signs out of Google, where people of ours go there. */
  googleSignOutUrl: string | undefined;
  /** Undefined where nobody is signed in unasked. */
  kerberos: { readonly signedOut: Pick<SignedOutCookie, 'keep'> } | undefined;
}): Router {
  const { logout, cookie, audit, steps, origin, googleSignOutUrl, kerberos } = parts;
  const router = Router({ caseSensitive: true, strict: true });

  /** The cookie stands for the browser while a sign-out runs in it; with the last it goes, unless a session is behind it. */
  async function forgetCookie({ session }: Exchange, res: Reply): Promise<void> {
    if (session !== undefined && !(await logout.isNeeded(session))) res.setHeader('Set-Cookie', cookie.forget());
  }

  function visit(exchange: Exchange, { hops, at, again, outgoing }: LogoutStage & { step: 'visit' }, handle: string): void {
    exchange.page(
      200,
      'logout',
      {
        services: servicesOf(hops),
        next: nextOf(outgoing, { purpose: again ? 'again' : 'visit', automatic: !again, serviceProvider: at.name }),
        skip: { action: paths.signOutProgress, id: handle, at: currentHop(hops) },
      },
      formActionOf(outgoing),
    );
  }

  /** Whoever could not be reached is shown before the browser returns. */
  function goBack(exchange: Exchange, { hops, name, outgoing }: LogoutStage & { step: 'return' }): void {
    if (hops.length === 0 && outgoing.by === 'redirect') {
      exchange.leave(outgoing.url);
    } else if (hops.length === 0 && outgoing.by === 'post') {
      const { location, message, relayState } = outgoing;
      const posted = { location, SAMLResponse: message, RelayState: relayState };
      exchange.page(200, 'respond', { ...posted, serviceProvider: name }, [location]);
    } else {
      const partial = isPartial(hops);
      const next = nextOf(outgoing, { purpose: partial ? 'partial' : 'return', automatic: !partial, serviceProvider: name });
      exchange.page(200, 'logout', { services: servicesOf(hops), next }, formActionOf(outgoing));
    }
  }

  async function show(res: Reply, stage: LogoutStage, handle: string): Promise<void> {
    const { exchange } = res.locals;
    if (stage.step === 'visit') {
      visit(exchange, stage, handle);
      return;
    }
    await forgetCookie(exchange, res);
    if (kerberos !== undefined) res.appendHeader('Set-Cookie', kerberos.signedOut.keep());
    if (stage.step === 'return') goBack(exchange, stage);
    else exchange.page(200, 'signed-out', { services: servicesOf(stage.hops), googleSignOutUrl });
  }

  async function follow(res: Reply, course: Course, handle = ''): Promise<void> {
    if ('handle' in course) res.locals.exchange.leave(progressOf(course.handle));
    else await show(res, course.stage, handle);
  }

  async function receive(message: LogoutMessage, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    const parameters = parseParameters(message.text);
    if (!parameters.has('SAMLResponse')) {
      await follow(res, await logout.receiveRequest(message, exchange));
      return;
    }
    if (parameters.has('SAMLRequest')) throw new Refusal('request-not-logout', { why: 'both SAMLRequest and SAMLResponse' });
    exchange.leave(progressOf(await logout.receiveResponse(message, exchange)));
  }

  /** What the person can do about a message that was refused: go on with the sign-out that it belongs to, or sign out here. */
  function wayOn(req: HttpRequest): string {
    let parameters: FormParameters | undefined;
    try {
      parameters = parseParameters(req.method === 'POST' ? rawForm(req) : rawQuery(req));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    const handle = parameters?.has('SAMLResponse') === true ? (parameters.get('RelayState')?.value ?? '') : '';
    return isHandle(handle) ? progressOf(handle) : paths.signOut;
  }

  // What is asked by HEAD is never shown, yet would end a session.
  router.head([paths.singleLogout, paths.signOut, paths.signOutProgress], () => {
    throw new Refusal('method-unknown');
  });

  router.get(paths.signOut, async (_req, res: Reply) => {
    await follow(res, await logout.signOut(res.locals.exchange));
  });
  router.get(paths.singleLogout, (req, res: Reply) => receive({ binding: 'HTTP-Redirect', text: rawQuery(req) }, res));
  router.post(paths.singleLogout, readForm, (req, res: Reply) => receive({ binding: 'HTTP-POST', text: rawForm(req) }, res));

  router.get(paths.signOutProgress, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const handle = parseParameters(rawQuery(req)).get('id')?.value ?? '';
    await follow(res, await logout.goOn(handle, exchange), handle);
  });
  router.post(paths.signOutProgress, readForm, async (req, res: Reply) => {
    const { exchange } = res.locals;
    verifySameOrigin(req, origin);
    const fields = parseParameters(rawForm(req));
    const handle = fields.get('id')?.value ?? '';
    const at = fields.get('at')?.value ?? '';
    await logout.skip(handle, /^\d{1,3}$/.test(at) ? Number(at) : -1, exchange);
    exchange.leave(progressOf(handle));
  });

  router.use(
    [paths.singleLogout, paths.signOut, paths.signOutProgress],
    (error: unknown, req: HttpRequest, res: Reply, next: NextFunction) => {
      if (!(error instanceof Refusal) || res.headersSent) {
        next(error);
        return;
      }
      const { exchange } = res.locals;
      const { reference, remoteAddress } = exchange;
      const { reason, row, detail } = error;
      steps.tell('refusal', { reason, event: 'logout.refused', why: detail });
      audit.record({ event: 'logout.refused', reference, remoteAddress, reason, hint: row.hint, detail });
      const words = misleading.includes(row.words) ? 'logout-refused' : row.words;
      exchange.page(row.http, 'refusal', { words, reference, tryAgainUrl: wayOn(req) });
    },
  );
  return router;
}

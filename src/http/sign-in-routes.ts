/** The routes of a sign-in: receive, nextStep, identify, issue. */
import { Router, type Request as HttpRequest } from 'express';
import { Passport } from 'passport';
import { formOf, type Authenticator } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Message, Recalled, Receive } from '../signin/receive.ts';
import { askPassword } from './answer-refusal.ts';
import type { AskNewPassword } from './ask-new-password.ts';
import { createAuthenticatorStrategy, type Identified } from './authenticator-strategy.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawForm, rawQuery, readForm, verifySameOrigin } from './incoming.ts';
import { kerberosAtOnce, kerberosOnDemand, type KerberosDoor } from './kerberos-routes.ts';
import { recall } from './recall.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { ShowAnswer } from './show-answer.ts';

const day = 24 * 3_600_000;

export function createSignInRoutes(parts: {
  authenticators: readonly Authenticator[];
  receive: Receive;
  proceed: Proceed;
  identify: Identify;
  showAnswer: ShowAnswer;
  /** Undefined where passwords are not changed here, but at `changePasswordUrl` perhaps. */
  askNewPassword: AskNewPassword | undefined;
  changePasswordUrl: string | undefined;
  clock: Pick<Clock, 'now'>;
  cookie: SessionCookie;
  /** Undefined where it is not configured. */
  kerberos: KerberosDoor | undefined;
  origin: string;
}): Router {
  const { authenticators, receive, proceed, identify, showAnswer, cookie, origin } = parts;
  const { askNewPassword, changePasswordUrl, clock, kerberos } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const passport = new Passport();

  const pageOf = (signIn: string): string => `${paths.signIn}?id=${signIn}`;
  /** Where it goes on although the password will expire. */
  const laterOf = (signIn: string): string => `${pageOf(signIn)}&later=1`;

  function tellExpiry(exchange: Exchange, signIn: string, passwordExpiresAt: number): void {
    exchange.page(200, 'password-expiring', {
      days: Math.floor((passwordExpiresAt - clock.now()) / day),
      serviceProvider: exchange.request?.serviceProvider.name ?? '',
      changeUrl: askNewPassword === undefined ? changePasswordUrl : `${paths.newPassword}?id=${signIn}`,
      laterUrl: laterOf(signIn),
    });
  }

  async function receiveMessage(message: Message, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    const { session, reference, remoteAddress } = exchange;
    const received = await receive.receive(message, (to) => {
      exchange.returnAddress = to;
    });
    const remember = () => receive.remember(received, remoteAddress);
    exchange.request = received.request;
    if (session === undefined) {
      // A form posted from another site brings no SameSite=Lax cookie along; the redirect to our own page does.
      if (message.binding === 'HTTP-POST' || !received.request.isPassive) {
        exchange.leave(pageOf(await remember()));
        return;
      }
    }
    try {
      // Its ID was counted on arrival, so that nobody else answers it.
      const claim = () => Promise.resolve();
      const outcome = await proceed(received.request, undefined, { session, reference, remoteAddress, claim });
      if (outcome.step === 'answer') await showAnswer.show(exchange, outcome.answer, received.request.serviceProvider);
      else exchange.leave(pageOf(await remember()));
    } catch (error) {
      if (error instanceof Refusal && error.row.answer === 'again') exchange.signIn = await remember();
      throw error;
    }
  }

  /** Asks the computer for a ticket where it may have one, else the person for a password. */
  function ask(req: HttpRequest, exchange: Exchange, signIn: string, recalled: Recalled): void {
    const { request, loginHint } = recalled;
    if (kerberos === undefined) {
      askPassword(exchange, signIn, loginHint);
      return;
    }
    const offered = parseParameters(rawQuery(req)).has('without') ? undefined : kerberos.offer(req, exchange, recalled);
    if (offered === 'at once') exchange.leave(kerberosAtOnce(signIn));
    else if (kerberos.allowsPassword(request) || exchange.ways().certificate) {
      const kerberosUrl = offered === undefined ? undefined : kerberosOnDemand(signIn);
      askPassword(exchange, signIn, loginHint, undefined, { kerberosUrl });
    } else if (offered === 'on demand') exchange.leave(kerberosOnDemand(signIn));
    else throw new Refusal('authn-context-unmet', { missing: 'kerberos' });
  }

  /** Reads the posted form into what the authenticator verifies. */
  async function readPresented(req: HttpRequest, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    verifySameOrigin(req, origin);
    const form = parseParameters(rawForm(req));
    const signIn = form.get('signin')?.value;
    if (signIn === undefined) throw new Refusal('form-malformed', { cause: 'no sign-in' });
    const { request } = await recall(receive, exchange, signIn);
    // saml-core §3.4.1: nobody is asked, so nobody may answer either.
    if (request.isPassive) throw new Refusal('passive-impossible');
    exchange.name = form.get('name')?.value ?? '';
    req.body = Object.fromEntries([...form].map(([name, parameter]) => [name, parameter.value]));
  }

  for (const authenticator of authenticators) {
    passport.use(
      createAuthenticatorStrategy(authenticator, identify, (req) => {
        const { exchange } = (req.res as Reply).locals;
        const body = req.body as Readonly<Record<string, string>>;
        return {
          signIn: exchange.signIn ?? '',
          name: exchange.name,
          fields: Object.fromEntries(authenticator.fields.map((field) => [field, body[field] ?? ''])),
          remoteAddress: exchange.remoteAddress,
          session: exchange.session,
          reference: exchange.reference,
          serviceProvider: exchange.request?.serviceProvider.entityID ?? '',
          forceAuthn: exchange.request?.forceAuthn ?? true,
        };
      }),
    );
  }

  // What is asked by HEAD is never shown, yet would count as answered.
  router.head([paths.singleSignOn, paths.idpInitiated, paths.signIn], () => {
    throw new Refusal('method-unknown');
  });
  router.get(paths.singleSignOn, (req, res: Reply) => receiveMessage({ binding: 'HTTP-Redirect', text: rawQuery(req) }, res));
  router.post(paths.singleSignOn, readForm, (req, res: Reply) =>
    receiveMessage({ binding: 'HTTP-POST', text: rawForm(req) }, res),
  );
  router.get(paths.idpInitiated, (req, res: Reply) => {
    const query = parseParameters(rawQuery(req));
    const entityID = query.get('sp')?.value ?? '';
    return receiveMessage({ binding: 'none', entityID, relayState: query.get('RelayState')?.value }, res);
  });

  router.get(paths.signIn, async (req, res: Reply) => {
    const { exchange } = res.locals;
    const query = parseParameters(rawQuery(req));
    const signIn = query.get('id')?.value ?? '';
    const recalled = await recall(receive, exchange, signIn);
    const { request } = recalled;
    const { session, reference, remoteAddress } = exchange;
    const claim = () => receive.finish(signIn);
    const mayWarn = !query.has('later');
    const outcome = await proceed(request, signIn, { session, reference, remoteAddress, claim, mayWarn });
    if (outcome.step === 'warn') tellExpiry(exchange, signIn, outcome.passwordExpiresAt);
    else if (outcome.step === 'ask') ask(req, exchange, signIn, recalled);
    else await showAnswer.show(exchange, outcome.answer, request.serviceProvider);
  });

  if (askNewPassword !== undefined) {
    router.get(paths.newPassword, async (req, res: Reply) => {
      const { exchange } = res.locals;
      const signIn = parseParameters(rawQuery(req)).get('id')?.value ?? '';
      const { request } = await recall(receive, exchange, signIn);
      if (request.isPassive) throw new Refusal('passive-impossible');
      await askNewPassword(exchange, { signIn, laterUrl: laterOf(signIn) });
    });
  }

  router.post(
    `${paths.signIn}/:authenticator`,
    readForm,
    async (req, res: Reply, next) => {
      if (!authenticators.some((each) => formOf(each) === req.params.authenticator)) throw new Refusal('page-unknown');
      await readPresented(req, res);
      next();
    },
    (req, res: Reply, next) => {
      const done = (error: unknown, identified?: Identified | false | null): void => {
        if (error !== null && error !== undefined) next(error);
        else if (!identified) next(new Error('an authenticator gave no evidence'));
        else {
          res.setHeader('Set-Cookie', cookie.keep(identified.session));
          res.locals.exchange.leave(pageOf(res.locals.exchange.signIn ?? ''));
        }
      };
      const authenticate: unknown = passport.authenticate(req.params.authenticator, { session: false }, done);
      (authenticate as (req: HttpRequest, res: Reply, next: (error?: unknown) => void) => void)(req, res, next);
    },
  );
  return router;
}

/** The routes of a sign-in: receive, nextStep, identify, issue. */
import { Router, type Request as HttpRequest } from 'express';
import { Passport } from 'passport';
import { formOf, type Authenticator } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { Outcome, Proceed } from '../signin/proceed.ts';
import type { Message, Recalled, Receive } from '../signin/receive.ts';
import { askPassword } from './answer-refusal.ts';
import { factorUrl, pageOf } from './ask-factor.ts';
import type { AskNewPassword } from './ask-new-password.ts';
import { createAuthenticatorStrategy, type Identified } from './authenticator-strategy.ts';
import type { DeviceCookie } from './device-cookie.ts';
import type { Exchange, Reply } from './exchange.ts';
import { rawForm, rawQuery, readForm } from './incoming.ts';
import { kerberosAtOnce, kerberosOnDemand, type KerberosDoor } from './kerberos-routes.ts';
import { readPresented } from './read-presented.ts';
import { recall, recallNext } from './recall.ts';
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
  deviceCookie: DeviceCookie;
  /** Undefined where it is not configured. */
  kerberos: KerberosDoor | undefined;
  origin: string;
}): Router {
  const { authenticators, receive, proceed, identify, showAnswer, cookie, deviceCookie } = parts;
  const { askNewPassword, changePasswordUrl, clock, kerberos } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  const passport = new Passport();

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

  function setKeeps(res: Reply, outcome: Outcome): void {
    if (outcome.step !== 'answer' && outcome.step !== 'arrive') return;
    const { session: kept, device } = outcome.keeps;
    if (kept !== undefined) res.append('Set-Cookie', cookie.keep(kept.token, kept.life));
    if (device !== undefined) res.append('Set-Cookie', deviceCookie.keep(device.text, device.life));
  }

  async function receiveMessage(message: Message, res: Reply): Promise<void> {
    const { exchange } = res.locals;
    const { session, reference, remoteAddress, device, userAgent } = exchange;
    const received = await receive.receive(message, (to) => {
      exchange.returnAddress = to;
    });
    const remember = () => receive.remember(received, { remoteAddress, reference });
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
      const outcome = await proceed.go(received.request, undefined, {
        session,
        reference,
        remoteAddress,
        device,
        userAgent,
        claim,
      });
      setKeeps(res, outcome);
      if (outcome.step === 'answer') await showAnswer.show(exchange, outcome.answer, received.request.serviceProvider);
      else exchange.leave(pageOf(await remember()));
    } catch (error) {
      if (error instanceof Refusal && error.row.answer === 'again') exchange.signIn = await remember();
      throw error;
    }
  }

  /** Asks the computer for a ticket where it may have one, else the person for what the requirement names first. */
  function ask(req: HttpRequest, exchange: Exchange, signIn: string, recalled: Recalled): void {
    const { ways } = exchange;
    const query = parseParameters(rawQuery(req));
    const asked = ways.find((way) => way === query.get('way')?.value);
    const typed = ways.some((way) => way === 'password' || way === 'certificate');
    const offered = query.has('without') || asked === 'password' ? undefined : kerberos?.offer(req, exchange, recalled);
    const [factor] = ways.filter((way) => way !== 'password' && way !== 'certificate' && way !== 'kerberos');
    if (offered === 'at once') exchange.leave(kerberosAtOnce(signIn));
    else if (typed && (factor === undefined || asked !== undefined || ways.indexOf(factor) > 0)) {
      const kerberosUrl = offered === undefined ? undefined : kerberosOnDemand(signIn);
      askPassword(exchange, signIn, recalled.loginHint, undefined, { kerberosUrl });
    } else if (factor !== undefined) exchange.leave(factorUrl(signIn, factor));
    else if (offered === 'on demand') exchange.leave(kerberosOnDemand(signIn));
    else throw new Refusal('authn-context-unmet', { missing: 'kerberos' });
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
          userAgent: exchange.userAgent,
          wishes: { keep: exchange.wishes.keep },
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
    const { next, ...recalled } = await recallNext(parts, exchange, signIn);
    const { request } = recalled;
    const { session, reference, remoteAddress, device, userAgent } = exchange;
    const claim = () => receive.finish(signIn);
    const mayWarn = !query.has('later');
    const visit = { session, reference, remoteAddress, device, userAgent, claim, mayWarn };
    const outcome = await proceed.go(request, signIn, visit, next);
    // A session that has just ended leaves other ways than it had.
    if (outcome.step === 'ask') exchange.ways = outcome.ways;
    setKeeps(res, outcome);
    if (outcome.step === 'warn') tellExpiry(exchange, signIn, outcome.passwordExpiresAt);
    else if (outcome.step === 'ask') ask(req, exchange, signIn, recalled);
    else if (outcome.step === 'enrol') exchange.leave(`${paths.enrol}?id=${signIn}`);
    else if (outcome.step === 'arrive') exchange.leave(paths.account);
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
      const { exchange } = res.locals;
      const { next: step, fields } = await readPresented(parts, req, exchange);
      // A password is judged where it is asked for, and where anybody may begin with it: whoever types it in another tab means to be
      // signed in as themselves. Else another factor has to come first. To change it needs the current one.
      const [begin] = step.decision.requirement;
      const isAsked =
        exchange.ways.includes('password') ||
        begin.includes('password') ||
        (step.step === 'issue' && req.params.authenticator !== 'password');
      if (!isAsked) {
        exchange.leave(pageOf(exchange.signIn ?? ''));
        return;
      }
      req.body = fields;
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

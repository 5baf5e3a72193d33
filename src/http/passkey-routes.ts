/** The route of passkeys: a key that knows its person, in place of a name and a password. */
import { Router, type Request as HttpRequest } from 'express';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Identify } from '../signin/identify.ts';
import type { PasskeyChallenges } from '../signin/passkey-challenges.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { pageOf, type AskFactor } from './ask-factor.ts';
import type { Reply } from './exchange.ts';
import { rawQuery, readForm } from './incoming.ts';
import { readPresented } from './read-presented.ts';
import { recallNext } from './recall.ts';
import type { SessionCookie } from './session-cookie.ts';

export function createPasskeyRoutes(parts: {
  /** Undefined where there are none to be had. */
  passkeys: PasskeyChallenges | undefined;
  askFactor: AskFactor;
  identify: Identify;
  receive: Receive;
  proceed: Proceed;
  cookie: SessionCookie;
  origin: string;
}): Router {
  const { passkeys, askFactor, identify, cookie } = parts;
  const router = Router({ caseSensitive: true, strict: true });
  if (passkeys === undefined) return router;

  router.head(paths.passkey, () => {
    throw new Refusal('method-unknown');
  });

  router.get(paths.passkey, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const signIn = parseParameters(rawQuery(req)).get('id')?.value ?? '';
    await recallNext(parts, exchange, signIn);
    if (exchange.ways.includes('passkey')) await askFactor.askPasskey(exchange);
    else exchange.leave(pageOf(signIn));
  });

  router.post(paths.passkey, readForm, async (req: HttpRequest, res: Reply) => {
    const { exchange } = res.locals;
    const { signIn, fields } = await readPresented(parts, req, exchange);
    if (!exchange.ways.includes('passkey')) {
      exchange.leave(pageOf(signIn));
      return;
    }
    const session = await identify(await passkeys.take(signIn), {
      signIn,
      name: '',
      fields: { response: fields.response ?? '' },
      remoteAddress: exchange.remoteAddress,
      userAgent: exchange.userAgent,
      session: exchange.session,
      reference: exchange.reference,
      serviceProvider: exchange.request?.serviceProvider.entityID,
      forceAuthn: exchange.request?.forceAuthn ?? true,
    });
    res.setHeader('Set-Cookie', cookie.keep(session));
    exchange.leave(pageOf(signIn));
  });
  return router;
}

/** The routes of the factors: each asks on a page of its own, judges what is posted there, and takes back whom it sent elsewhere. */
import { Router, type Request as HttpRequest } from 'express';
import { paths } from '../config/published-urls.ts';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Factor } from '../authenticators/authenticator.ts';
import type { Confirm } from '../signin/confirm.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { pageOf, type AskFactor } from './ask-factor.ts';
import type { Reply } from './exchange.ts';
import { rawQuery, readForm } from './incoming.ts';
import { readPresented } from './read-presented.ts';
import { recallNext } from './recall.ts';
import type { SessionCookie } from './session-cookie.ts';

export function createFactorRoutes(parts: {
  factors: readonly Factor[];
  confirm: Confirm;
  askFactor: AskFactor;
  receive: Receive;
  proceed: Proceed;
  cookie: SessionCookie;
  origin: string;
}): Router {
  const { factors, confirm, askFactor, cookie } = parts;
  const router = Router({ caseSensitive: true, strict: true });

  async function answer(res: Reply, factor: Factor, fields: Readonly<Record<string, string>>): Promise<void> {
    const { exchange } = res.locals;
    const confirmed = await confirm.answer(factor, askFactor.confirming(exchange, factor), fields);
    if (confirmed.step === 'ask') {
      askFactor.show(exchange, factor, confirmed.challenge);
      return;
    }
    res.setHeader('Set-Cookie', cookie.keep(confirmed.session));
    exchange.leave(pageOf(exchange.signIn ?? ''));
  }

  for (const factor of factors) {
    const path = `${paths.signIn}/${factor.name}`;
    const returnPath = `${path}/return`;
    router.head([path, returnPath], () => {
      throw new Refusal('method-unknown');
    });

    router.get(path, async (req: HttpRequest, res: Reply) => {
      const { exchange } = res.locals;
      const query = parseParameters(rawQuery(req));
      const signIn = query.get('id')?.value ?? '';
      exchange.wishes = { remember: query.get('remember')?.value === '1' };
      await recallNext(parts, exchange, signIn);
      if (!exchange.ways.includes(factor.name)) exchange.leave(pageOf(signIn));
      else if (query.has('poll')) await answer(res, factor, {});
      else await askFactor.ask(exchange, factor);
    });

    router.post(path, readForm, async (req: HttpRequest, res: Reply) => {
      const { exchange } = res.locals;
      const { signIn, fields } = await readPresented(parts, req, exchange);
      const { signin: _, name, ...presented } = fields;
      if (!exchange.ways.includes(factor.name)) exchange.leave(pageOf(signIn));
      // The page that asks for the name alone.
      else if (name !== undefined && Object.keys(presented).length === 0) await askFactor.ask(exchange, factor);
      else await answer(res, factor, presented);
    });

    router.get(returnPath, async (req: HttpRequest, res: Reply) => {
      const { exchange } = res.locals;
      const query = parseParameters(rawQuery(req));
      const signIn = await confirm.returned(query.get('state')?.value ?? '');
      await recallNext(parts, exchange, signIn);
      if (!exchange.ways.includes(factor.name)) exchange.leave(pageOf(signIn));
      else await answer(res, factor, Object.fromEntries([...query].map(([name, { value }]) => [name, value])));
    });
  }
  return router;
}

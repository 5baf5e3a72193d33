/** Reads a form of a sign-in that came back, and what is to be done next in that sign-in. */
import type { Request as HttpRequest } from 'express';
import { Refusal } from '../refusal.ts';
import { parseParameters } from '../saml/parameters.ts';
import type { Next, Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import type { Exchange } from './exchange.ts';
import { rawForm, verifySameOrigin } from './incoming.ts';
import { recallNext } from './recall.ts';

/** @throws Refusal */
export async function readPresented(
  parts: {
    readonly receive: Pick<Receive, 'recall'>;
    readonly proceed: Pick<Proceed, 'next'>;
    readonly origin: string;
  },
  req: HttpRequest,
  exchange: Exchange,
): Promise<{ readonly next: Next; readonly signIn: string; readonly fields: Readonly<Record<string, string>> }> {
  verifySameOrigin(req, parts.origin);
  const form = parseParameters(rawForm(req));
  const signIn = form.get('signin')?.value;
  if (signIn === undefined) throw new Refusal('form-malformed', { cause: 'no sign-in' });
  exchange.name = form.get('name')?.value ?? '';
  exchange.wishes = { keep: form.get('keep')?.value === '1', remember: form.get('remember')?.value === '1' };
  const { next } = await recallNext(parts, exchange, signIn);
  const { keep: _, remember: _remember, ...fields } = Object.fromEntries([...form].map(([name, { value }]) => [name, value]));
  return { next, signIn, fields };
}

/** Recalls a sign-in into its exchange. */
import type { Next, Proceed } from '../signin/proceed.ts';
import type { Recalled, Receive } from '../signin/receive.ts';
import type { Exchange } from './exchange.ts';

/** @throws Refusal signin-unknown, and those of verification where the configuration changed */
export async function recall(receive: Pick<Receive, 'recall'>, exchange: Exchange, signIn: string): Promise<Recalled> {
  const recalled = await receive.recall(
    signIn,
    (to) => {
      exchange.returnAddress = to;
      // A refusal that is answered ends the sign-in as any answer does.
      exchange.signIn = signIn;
    },
    (reference) => {
      exchange.reference = reference;
    },
  );
  exchange.request = recalled.request;
  exchange.signIn = signIn;
  return recalled;
}

/** The same, with what is to be done next in it. @throws Refusal also where there is nothing that could be done */
export async function recallNext(
  parts: { readonly receive: Pick<Receive, 'recall'>; readonly proceed: Pick<Proceed, 'next'> },
  exchange: Exchange,
  signIn: string,
): Promise<Recalled & { readonly next: Next }> {
  const recalled = await recall(parts.receive, exchange, signIn);
  const next = await parts.proceed.next(recalled.request, signIn, exchange);
  exchange.ways = next.step === 'ask' ? next.ways : [];
  exchange.offers = { keep: next.decision.keepSignedIn, remember: next.decision.rememberDevice };
  return { ...recalled, next };
}

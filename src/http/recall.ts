/** Recalls a sign-in into its exchange. */
import type { Recalled, Receive } from '../signin/receive.ts';
import type { Exchange } from './exchange.ts';

/** @throws Refusal signin-unknown, and those of verification where the configuration changed */
export async function recall(receive: Pick<Receive, 'recall'>, exchange: Exchange, signIn: string): Promise<Recalled> {
  const recalled = await receive.recall(signIn, (to) => {
    exchange.returnAddress = to;
    // A refusal that is answered ends the sign-in as any answer does.
    exchange.signIn = signIn;
  });
  exchange.request = recalled.request;
  exchange.signIn = signIn;
  return recalled;
}

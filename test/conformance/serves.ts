/** Whether a service provider is known to a house, and served. */
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { arrive, signIn } from './exchange.ts';
import { judge, judgeRefusalPage } from './judge.ts';
import type { Stage } from './stage.ts';

/** Somebody signs in there. */
export async function serves(set: Stage, partner: ForeignServiceProvider, signed = false): Promise<void> {
  judge(set, partner, await signIn(set, partner, { signed, binding: signed ? 'post' : 'redirect' }));
}
export const knowsNot = async (set: Stage, partner: ForeignServiceProvider): Promise<void> =>
  judgeRefusalPage(await arrive(set, partner));

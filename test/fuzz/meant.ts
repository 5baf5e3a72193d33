/** What a parser may end in. */
import { Refusal } from '../../src/refusal.ts';

/** Lets pass what is meant to be told, and throws on whatever else was thrown. */
export async function meant(attempt: () => unknown, ...kinds: readonly (new (...args: never[]) => Error)[]): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (![Refusal, ...kinds].some((kind) => error instanceof kind)) throw error;
  }
}

/** Waits for code that is not ours, for a while. */
import { timeLimit } from '../../directory/time-limit.ts';

/** It did not answer in time; whatever it answers later goes unheard. */
export class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

/** @param milliseconds how long. @throws TookTooLong, and what `doing` throws */
export async function within(milliseconds: number, doing: () => unknown): Promise<unknown> {
  let callOff: (() => void) | undefined;
  const limit = new Promise<never>((_, reject) => {
    callOff = timeLimit(milliseconds, () => reject(new TookTooLong(`no answer within ${String(milliseconds)} ms`)));
  });
  const done = (async () => doing())();
  try {
    return await Promise.race([done, limit]);
  } finally {
    callOff?.();
  }
}

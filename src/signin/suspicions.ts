/**
 * Whose password may have been found by guessing: it was right just after others had failed. That success forgives the failures, so
 * it is remembered apart, lest whoever guessed signs in once more and seems to be the person.
 */
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import { suspectedKey } from './attempt-keys.ts';

export interface Suspicions {
  of(objectGUID: string): Promise<boolean>;
  remember(objectGUID: string): Promise<void>;
}

/** @param parts `window` is how long it is remembered, in milliseconds */
export function createSuspicions(parts: {
  store: Pick<Store, 'get' | 'update'>;
  clock: Pick<Clock, 'now'>;
  window: number;
}): Suspicions {
  const { store, clock, window } = parts;
  return {
    async of(objectGUID) {
      const at = await store.get('attempts', suspectedKey(objectGUID));
      return typeof at === 'number' && clock.now() < at + window;
    },
    async remember(objectGUID) {
      const at = clock.now();
      await store.update('attempts', suspectedKey(objectGUID), () => ({ value: at, expiresAt: at + window }));
    },
  };
}

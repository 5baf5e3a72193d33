/** What a passkey is asked: kept on the server until the answer comes, and answered once. */
import { hash } from 'node:crypto';
import type { Passkey } from '../authenticators/passkey.ts';
import type { Recogniser } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';

export interface PasskeyChallenges {
  /** What `parseRequestOptionsFromJSON` takes; it takes the place of what was asked before in that sign-in. */
  begin(signIn: string): Promise<object>;
  /** What judges the answer. @throws Refusal challenge-lapsed */
  take(signIn: string): Promise<Recogniser>;
}

const keyOf = (signIn: string): string => hash('sha256', `passkey\0${signIn}`, 'base64url');

/** @param parts `patience` in milliseconds */
export function createPasskeyChallenges(parts: {
  passkey: Passkey;
  store: Store;
  patience: number;
  clock: Pick<Clock, 'now'>;
}): PasskeyChallenges {
  const { passkey, store, patience, clock } = parts;
  return {
    async begin(signIn) {
      const { options, state } = await passkey.begin();
      await store.update('challenge', keyOf(signIn), () => ({ value: state, expiresAt: clock.now() + patience }));
      return options;
    },
    async take(signIn) {
      const state = await store.get('challenge', keyOf(signIn));
      if (state === undefined || !(await store.delete('challenge', keyOf(signIn)))) throw new Refusal('challenge-lapsed');
      return passkey.recogniser(state);
    },
  };
}

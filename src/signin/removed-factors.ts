/** What a person removed at their own page, remembered for the session in which they did: it was proven there all the same. */
import { hash } from 'node:crypto';
import type { Enroller } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { Session } from './session.ts';

type Way = Enroller['name'];

export interface RemovedFactors {
  note(session: Pick<Session, 'id'>, way: Way): Promise<void>;
  /** Nothing of what was removed in other sessions: whoever is there may be why. */
  of(session: Pick<Session, 'id'>): Promise<readonly Way[]>;
}

/** @param parts `keep` in milliseconds */
export function createRemovedFactors(parts: {
  store: Pick<Store, 'get' | 'update'>;
  clock: Pick<Clock, 'now'>;
  keep: number;
}): RemovedFactors {
  const { store, clock, keep } = parts;
  const keyOf = ({ id }: Pick<Session, 'id'>): string => hash('sha256', `removed\0${id}`, 'base64url');
  // The store holds only what this file wrote.
  const stored = (value: unknown): readonly Way[] => (value ?? []) as readonly Way[];

  return {
    async note(session, way) {
      const expiresAt = clock.now() + keep;
      await store.update('challenge', keyOf(session), (record) => ({
        value: [...new Set([...stored(record?.value), way])],
        expiresAt,
      }));
    },
    of: async (session) => stored(await store.get('challenge', keyOf(session))),
  };
}

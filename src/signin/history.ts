/** The last sign-ins of each person, for them to look at: one bounded record a person, which nobody waits for. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';

export interface PastSignIn {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly entityID: string;
  /** As people see it then; empty for our own page. */
  readonly name: string;
  /** Network address. */
  readonly place: string;
  /** By what, in the order in which it was required. */
  readonly by: readonly AuthenticatorName[];
  /** Whether any of it was proven then; else the session was carried over from another place than that where it was proven. */
  readonly proven: boolean;
}

export interface History {
  /** Returns at once; what cannot be written is told to the log. */
  record(objectGUID: string, signIn: Omit<PastSignIn, 'at'>): void;
  /** The newest first, twenty at most. */
  of(objectGUID: string): Promise<readonly PastSignIn[]>;
}

const most = 20;

/** @param parts `keep` in milliseconds; 'note' is for what could not be written */
export function createHistory(parts: {
  store: Pick<Store, 'get' | 'update'>;
  keep: number;
  clock: Pick<Clock, 'now'>;
  note: (level: 'warn', message: string, detail: Readonly<Record<string, unknown>>) => void;
}): History {
  const { store, keep, clock, note } = parts;

  /** Whoever goes on with one session only cannot push out of the list how it was begun. */
  const isSame = (one: PastSignIn, other: Omit<PastSignIn, 'at'>): boolean =>
    !one.proven && !other.proven && one.entityID === other.entityID && one.place === other.place;
  // The store holds only what `record` wrote.
  const living = (value: unknown): readonly PastSignIn[] =>
    ((value ?? []) as readonly PastSignIn[]).filter(({ at }) => clock.now() < at + keep);

  return {
    record(objectGUID, signIn) {
      const at = clock.now();
      store
        .update('history', objectGUID, (record) => ({
          value: [{ at, ...signIn }, ...living(record?.value).filter((each) => !isSame(each, signIn))].slice(0, most),
          expiresAt: at + keep,
        }))
        .catch((error: unknown) => {
          note('warn', 'a sign-in is missing from the list that its person sees', {
            person: objectGUID,
            cause: error instanceof Error ? error.message : 'unknown',
          });
        });
    },
    of: async (objectGUID) => living(await store.get('history', objectGUID)),
  };
}

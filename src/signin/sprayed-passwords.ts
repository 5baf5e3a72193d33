/**
 * Notices one password that is tried on many accounts, from however many networks and at whichever node. It is known by its HMAC under
 * a key that the store does not hold: neither is stored, written anywhere or sent.
 */
import type { Clock } from '../clock.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { networkKey } from './attempt-keys.ts';

/** Of one password, as it came to be noticed. */
export interface Sprayed {
  readonly accounts: number;
  readonly networks: number;
}

export interface SprayedPasswords {
  /** Whether it was noticed within the window. Reads the store, and writes nothing as long as nobody sets the clock back. */
  has(password: string): Promise<boolean>;
  /**
   * It was refused, or not judged, for that account (any name for it) from that network. Answers where it comes to be noticed by
   * that, once a window.
   */
  refused(password: string, account: string, network: string): Promise<Sprayed | undefined>;
}

/** Instants in milliseconds since the epoch. */
interface Trail {
  /** By account, from where and when it was tried last; fewer than make it a spray. */
  readonly tried: readonly (readonly [account: string, network: string, at: number])[];
  readonly noticedUntil: number;
}

/** Beyond that no directory is asked. */
const longest = 1_024;
const untried: Trail = { tried: [], noticedUntil: 0 };

// The store holds only what this file wrote.
const trailOf = (value: unknown): Trail => (value === undefined ? untried : (value as Trail));

/** @param parts `accounts` is how many make it a spray, `window` the milliseconds within which; `mark` gives that HMAC */
export function createSprayedPasswords(parts: {
  store: Pick<Store, 'get' | 'update'>;
  mark: (password: string) => string;
  clock: Clock;
  accounts: number;
  window: number;
}): SprayedPasswords {
  const { store, mark, clock, accounts: enough, window } = parts;

  const isUsable = (password: string): boolean => password !== '' && password.length <= longest;

  /** As it counts now: after the clock was set back, nothing lasts longer than a window from now. */
  function settled({ tried, noticedUntil }: Trail): Trail {
    const now = clock.now();
    return {
      tried: tried.filter(([, , at]) => at + window > now).map(([account, network, at]) => [account, network, Math.min(at, now)]),
      noticedUntil: Math.min(noticedUntil, now + window),
    };
  }

  const recordOf = (trail: Trail): StoredRecord => ({
    value: trail,
    expiresAt: Math.max(trail.noticedUntil, ...trail.tried.map(([, , at]) => at + window)),
  });

  return {
    async has(password) {
      if (!isUsable(password)) return false;
      const key = mark(password);
      const { noticedUntil } = trailOf(await store.get('sprayed', key));
      if (noticedUntil > clock.now() + window) {
        await store.update('sprayed', key, (record) => record && recordOf(settled(trailOf(record.value))));
      }
      return noticedUntil > clock.now();
    },

    async refused(password, account, network) {
      if (!isUsable(password)) return undefined;
      let sprayed: Sprayed | undefined;
      await store.update('sprayed', mark(password), (record) => {
        sprayed = undefined;
        const now = clock.now();
        const before = settled(trailOf(record?.value));
        // Nothing more to learn of it, hence nothing to write.
        if (before.noticedUntil > now)
          return before.noticedUntil < trailOf(record?.value).noticedUntil ? recordOf(before) : record;
        const others = before.tried.filter(([name]) => name !== account);
        const tried = [...others, [account, networkKey(network), now] as const];
        if (tried.length < enough) return recordOf({ tried, noticedUntil: 0 });
        sprayed = { accounts: tried.length, networks: new Set(tried.map(([, from]) => from)).size };
        return recordOf({ tried: [], noticedUntil: now + window });
      });
      return sprayed;
    },
  };
}

/**
 * Who may leave how much in the journal. What succeeded for a known person always has room, and so has what Passerelle tells of itself;
 * whatever strangers can provoke is held to so many bytes a network, and to so many of all of them together.
 */
import type { Clock } from '../clock.ts';
import { networkOf } from './network.ts';

/** What an entry is, as far as its room goes. */
export interface Guest {
  /** Undefined where nobody asked from anywhere, as at Passerelle's own deeds. */
  readonly remoteAddress: string | undefined;
  /** objectGUID. */
  readonly person: string | undefined;
  /** Whether all that was tried was granted. */
  readonly succeeded: boolean;
  /** Steps of an exchange, which are worth less than its outcome. */
  readonly isTrail: boolean;
}

/** Bytes at once, and a second. */
export interface Allowance {
  readonly burst: number;
  readonly rate: number;
}

const kilo = 1_024;
const mega = 1_024 * kilo;

export interface Allowances {
  /** Where no person is known. */
  readonly network: Allowance;
  readonly strangers: Allowance;
  /** Where a person is known, and something was refused: for each network from which it comes, for each person, and for all. */
  readonly place: Allowance;
  readonly person: Allowance;
  readonly refused: Allowance;
  /** Trails of what a person was granted. */
  readonly granted: Allowance;
}

/**
 * A network may be a company: ten thousand people who sign in within an hour leave 35 MB before they are known. A sign-in of a known person
 * takes about 10 kB.
 */
export const usualAllowances: Allowances = {
  network: { burst: 32 * mega, rate: 8 * kilo },
  strangers: { burst: 128 * mega, rate: 32 * kilo },
  place: { burst: 4 * mega, rate: 2 * kilo },
  person: { burst: 16 * mega, rate: 4 * kilo },
  refused: { burst: 256 * mega, rate: 64 * kilo },
  granted: { burst: 16 * mega, rate: 4 * kilo },
};

interface Bucket {
  level: number;
  at: number;
}

/** Those that were used last; which of them is forgotten begins anew, but not its part of all. */
const mostBuckets = 20_000;

export interface JournalRoom {
  /** Whether there is room for that many bytes, which are then taken. */
  readonly enter: (guest: Guest, bytes: number) => boolean;
}

export function createJournalRoom({
  clock,
  allowances = usualAllowances,
}: {
  clock: Pick<Clock, 'now'>;
  allowances?: Allowances;
}): JournalRoom {
  const buckets = new Map<string, Bucket>();

  function bucketOf(key: string, { burst, rate }: Allowance): Bucket {
    const now = clock.now();
    const { level, at } = buckets.get(key) ?? { level: burst, at: now };
    const bucket = { level: Math.min(burst, level + (Math.max(0, now - at) / 1_000) * rate), at: now };
    // To the end of the order, so that the longest silent is forgotten first.
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size > mostBuckets) forgetSome();
    return bucket;
  }

  function forgetSome(): void {
    for (const first of buckets.keys()) {
      if (buckets.size <= mostBuckets / 2) return;
      buckets.delete(first);
    }
  }

  function rooms({ remoteAddress, person, succeeded, isTrail }: Guest): readonly (readonly [string, Allowance])[] {
    if (person !== undefined && succeeded) return isTrail ? [[`granted ${person}`, allowances.granted]] : [];
    if (remoteAddress === undefined) return [];
    const network = networkOf(remoteAddress);
    if (person === undefined)
      return [
        [network, allowances.network],
        ['strangers', allowances.strangers],
      ];
    return [
      [`${network} ${person}`, allowances.place],
      [`person ${person}`, allowances.person],
      ['refused', allowances.refused],
    ];
  }

  return {
    enter(guest, bytes) {
      const found = rooms(guest).map(([key, allowance]) => ({ bucket: bucketOf(key, allowance), allowance }));
      // The last half is for outcomes alone.
      const isFree = found.every(({ bucket, allowance }) => bucket.level - (guest.isTrail ? allowance.burst / 2 : 0) >= bytes);
      if (isFree) for (const { bucket } of found) bucket.level -= bytes;
      return isFree;
    },
  };
}

/** What the throttle holds against a person and in their favour, for an administrator to see and to clear. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Directory, FailedPasswords, PasswordPolicy, Person } from '../directory/directory.ts';
import type { Store } from '../store/store.ts';
import { limitsFor } from './account-budget.ts';
import { counting, type Failure, failuresOf, opensAt } from './account-failures.ts';
import { askLockout } from './ask-lockout.ts';
import { nameKey, personKey, placedNameKey, suspectedKey } from './attempt-keys.ts';
import type { FamiliarPlaces, Place } from './familiar-places.ts';

/** Failures from familiar places or from others, and how many more may be tried now. */
interface Count {
  readonly failures: number;
  readonly left: number;
}

export interface Counter {
  /** What is counted: the person, or a name of theirs. */
  readonly of: string;
  readonly familiar: Count;
  readonly unfamiliar: Count;
  /** When all of it is forgotten, if nothing else fails (milliseconds since the epoch); undefined where nothing counts. */
  readonly opensAt: number | undefined;
}

export interface ThrottleState {
  readonly places: readonly Place[];
  /** That of the person first. */
  readonly counters: readonly Counter[];
  readonly failed: FailedPasswords;
  readonly policy: PasswordPolicy | undefined;
}

interface Parts {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'passwordPolicy' | 'failedPasswords'>;
  readonly places: FamiliarPlaces;
  readonly limits: Pick<Config['throttle'], 'attemptsPerAccount' | 'window'>;
}

/** The names that a person bears, each in one spelling of those that count as one. */
function namesOf({ sAMAccountName, userPrincipalName, mail }: Person): readonly string[] {
  const names = [sAMAccountName, userPrincipalName, mail].filter((name) => name !== undefined);
  return [...new Map(names.toReversed().map((name) => [nameKey(name), name])).values()].toReversed();
}

export async function readThrottleState(person: Person, parts: Parts): Promise<ThrottleState> {
  const { store, clock, directory, limits } = parts;
  const configured = { limit: limits.attemptsPerAccount, window: limits.window };
  const places = await parts.places.of(person.objectGUID);
  const lockout = await askLockout(directory, person);
  const { policy, failed } = lockout;
  const now = clock.now();

  async function read(key: string, window: number): Promise<readonly Failure[]> {
    const value = await store.get('attempts', key);
    return value === undefined ? [] : counting(failuresOf({ value }), now, window);
  }

  function countOf(of: string, failures: readonly Failure[], window: number, total: (familiar: boolean) => number): Counter {
    const count = (familiar: boolean): Count => {
      const alike = failures.filter((failure) => failure.familiar === familiar).length;
      return { failures: alike, left: Math.max(0, Math.min(configured.limit - alike, total(familiar) - failures.length)) };
    };
    return {
      of,
      familiar: count(true),
      unfamiliar: count(false),
      opensAt: failures.length === 0 ? undefined : opensAt(failures, window),
    };
  }

  const longer = Math.max(configured.window, policy?.lockoutWindow ?? 0);
  const own = await read(personKey(person.objectGUID), longer);
  const ownBefore = own.filter(({ held }) => !held).length;
  const ofPerson = countOf('person', own, longer, (familiar) => {
    const knowledge = { ...lockout, ownBefore, familiar, hasFamiliar: places.length > 0 };
    return limitsFor(knowledge, configured).total;
  });
  /** Of a name each familiar place counts by itself: shown is the one that counts most. */
  async function readNamed(name: string): Promise<readonly Failure[]> {
    const strange = await read(nameKey(name), configured.window);
    const placed = await Promise.all(places.map(({ network }) => read(placedNameKey(name, network), configured.window)));
    return [...strange, ...(placed.toSorted((one, other) => other.length - one.length)[0] ?? [])];
  }
  const ofNames = await Promise.all(
    namesOf(person).map(async (name) => countOf(name, await readNamed(name), configured.window, () => Infinity)),
  );
  return { places, counters: [ofPerson, ...ofNames], failed, policy };
}

/** Forgets the failures of the person, under all their names; those that the directory counts are not touched. */
export async function clearThrottle(person: Person, { store, places }: Pick<Parts, 'store' | 'places'>): Promise<void> {
  const known = await places.of(person.objectGUID);
  const named = namesOf(person).flatMap((name) => [nameKey(name), ...known.map(({ network }) => placedNameKey(name, network))]);
  const keys = [personKey(person.objectGUID), suspectedKey(person.objectGUID), ...named];
  await Promise.all(keys.map((key) => store.delete('attempts', key)));
}

/**
 * What stops guessing, per account and per network, before the directory's own lockout would begin. An attempt takes its place
 * before the directory is asked, so that many at once cannot pass the limit, and gives it back where it was no failure. Attempts
 * from places where the person signed in before are counted apart, so that no stranger uses up what is theirs.
 */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { isLocked } from '../directory/account-state.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { limitsFor } from './account-budget.ts';
import { counting, fail, failuresOf, opensAt, reserve, succeed, withdraw } from './account-failures.ts';
import type { AccountLimits, Failure } from './account-failures.ts';
import { askLockout } from './ask-lockout.ts';
import { nameKey, networkKey, personKey, placedNameKey } from './attempt-keys.ts';
import type { FamiliarPlaces } from './familiar-places.ts';
import { networkOf } from '../audit/network.ts';
import { addTried, keepNetworkAttempts, type NetworkAttempts, networkAttemptsOf } from './network-attempts.ts';
import { count, uncount } from './network-failures.ts';

/** Guessing at many accounts from one network, as it came to be noticed. */
export interface NetworkSpray {
  readonly network: string;
  readonly accounts: number;
}

/** One attempt, to be ended exactly once; one that never is (the process died) counts as failed. */
export interface Attempt {
  readonly network: string;
  /** Whether it comes from a familiar place: of that name, and once `person` was told, of that person. */
  readonly familiar: boolean;
  /** Failures of that name or person that count, this attempt left out. */
  readonly failedBefore: number;
  /**
   * Says whom the name meant, before the password is tried: the several names of a person must not multiply the attempts.
   * @throws Refusal person-attempts-exhausted, which reads as for a name that nobody bears; from a familiar place in its stead
   *   attempts-exhausted. End the attempt as its row tells.
   */
  person(person: Person): Promise<void>;
  /** Says that nobody bears the name: the same effort. */
  nobody(): Promise<void>;
  /** What was presented was refused: it counts. Answers where guessing at many comes to be noticed by that. */
  failed(): Promise<NetworkSpray | undefined>;
  /** It was right: earlier failures of the account from places of that kind are forgiven, and the place is familiar from now on. */
  succeeded(person: Person): Promise<void>;
  /** It was not judged, or it was right and something else stands against the person: it does not count. */
  withdrawn(): Promise<void>;
}

export interface Throttle {
  /**
   * Lets an attempt begin, or not. Names that nobody bears are treated exactly as names that somebody bears. `name` is undefined
   * where what is presented says by itself whose it is, so that the network alone is counted.
   * @throws Refusal attempts-exhausted, address-attempts-exhausted; `minutes` in their detail tells how long
   */
  admit(name: string | undefined, remoteAddress: string | undefined): Promise<Attempt>;
}

interface Place {
  readonly id: number;
  readonly familiar: boolean;
  /** Milliseconds for which the list that it is in is kept after its last failure. */
  readonly lasts: number;
}

const failedOf = (failures: readonly Failure[]): number => failures.filter(({ held }) => !held).length;

/** Milliseconds for which failures of a person are remembered where the directory's own window was not asked for. */
const remembered = 24 * 3_600_000;

export function createThrottle(parts: {
  store: Store;
  clock: Clock;
  directory: Pick<Directory, 'passwordPolicy' | 'failedPasswords'>;
  places: FamiliarPlaces;
  limits: Pick<Config['throttle'], 'attemptsPerAccount' | 'attemptsPerAddress' | 'accountsPerAddress' | 'window'>;
  steps?: Pick<Steps, 'tell'>;
}): Throttle {
  const { store, clock, directory, places, limits, steps = noSteps } = parts;
  const { window } = limits;
  const account = { limit: limits.attemptsPerAccount, window };
  const network = { limit: limits.attemptsPerAddress, window };

  const minutesUntil = (instant: number) => Math.max(1, Math.ceil((instant - clock.now()) / 60_000));

  const keep = (failures: readonly Failure[], lasts: number): StoredRecord | undefined =>
    failures.length === 0 ? undefined : { value: failures, expiresAt: opensAt(failures, lasts) };

  /** Takes a place; where there is none, gives what fills it. `wasEmpty`: nothing counted before. */
  async function take(
    key: string,
    familiar: boolean,
    within: AccountLimits,
    lasts: number,
  ): Promise<{ id: number | undefined; counted: readonly Failure[]; wasEmpty: boolean }> {
    let taken: { id: number | undefined; counted: readonly Failure[]; wasEmpty: boolean } | undefined;
    await store.update('attempts', key, (record) => {
      const before = failuresOf(record);
      const { id, failures } = reserve(before, clock.now(), familiar, within);
      taken = { id, counted: failures, wasEmpty: before.length === 0 };
      return failures === before ? record : keep(failures, lasts);
    });
    if (taken === undefined) throw new Error('an update of the store did not run');
    return taken;
  }

  /** A place for the first attempt since long, about which nothing is asked; undefined where anything else counts. */
  async function takeFirst(key: string, familiar: boolean): Promise<number | undefined> {
    let id: number | undefined;
    await store.update('attempts', key, (record) => {
      if (record !== undefined) return record;
      const reserved = reserve([], clock.now(), familiar, { ...account, total: Infinity });
      id = reserved.id;
      return keep(reserved.failures, remembered);
    });
    return id;
  }

  /** @throws Refusal person-attempts-exhausted, attempts-exhausted */
  async function takeForPerson(
    person: Person,
    from: string,
    isSuspect: boolean,
  ): Promise<Place & { readonly failedBefore: number }> {
    const { objectGUID } = person;
    const key = personKey(objectGUID);
    const known = await places.of(objectGUID);
    const familiar = known.some((place) => place.network === from);
    if (person.account?.badPasswords === undefined && (familiar || !isSuspect)) {
      const id = await takeFirst(key, familiar);
      if (id !== undefined) {
        steps.tell('throttle', { of: 'person', person: objectGUID, familiar, failures: 0, limit: account.limit });
        return { id, familiar, lasts: remembered, failedBefore: 0 };
      }
    }
    const before = await store.get('attempts', key);
    const lockout = await askLockout(directory, person);
    const { policy, failed } = lockout;
    const longer = Math.max(window, policy?.lockoutWindow ?? 0);
    const settled = before === undefined ? [] : counting(failuresOf({ value: before }), clock.now(), longer);
    const ownBefore = settled.filter(({ held }) => !held).length;
    // What is locked already can be told, with when it opens: nothing counts there meanwhile.
    const within = isLocked(person.account, policy, clock.now())
      ? { ...account, total: Infinity }
      : limitsFor({ ...lockout, ownBefore, familiar, hasFamiliar: known.length > 0 }, account);
    const lasts = Math.max(within.window, remembered);
    const { id, counted } = await take(key, familiar, within, lasts);
    steps.tell('throttle', {
      of: 'person',
      person: objectGUID,
      familiar,
      // This attempt is among them where there was room for it.
      failures: counted.length - (id === undefined ? 0 : 1),
      limit: within.limit,
      ...(within.total !== Infinity && { mostAltogether: within.total }),
      atControllers: failed.count,
      lockoutThreshold: policy?.lockoutThreshold,
      ...(id === undefined && { result: 'exhausted' }),
    });
    if (id !== undefined) return { id, familiar, lasts, failedBefore: failedOf(counted) };
    const until = Math.max(counted.length === 0 ? 0 : opensAt(counted, within.window), (failed.at ?? 0) + within.window);
    if (familiar) throw new Refusal('attempts-exhausted', { minutes: minutesUntil(until), person: objectGUID });
    // No `minutes` here: the person must read what they would read if the name were nobody's.
    throw new Refusal('person-attempts-exhausted', { person: objectGUID, until: new Date(until).toISOString() });
  }

  const changeNetwork = (key: string, change: (attempts: NetworkAttempts) => NetworkAttempts) =>
    store.update('attempts', key, (record) => keepNetworkAttempts(change(networkAttemptsOf(record)), window));

  /** @throws Refusal address-attempts-exhausted */
  async function countNetwork(from: string, isHeld: boolean): Promise<{ start: number; hadFailures: boolean }> {
    const key = networkKey(from);
    let counted: ReturnType<typeof count> | undefined;
    let hadFailures = false;
    await store.update('attempts', key, (record) => {
      const before = networkAttemptsOf(record);
      hadFailures = before.spans.length > 0;
      const now = clock.now();
      // After a clock was set back, it is held for a window from now at most.
      const heldUntil = Math.min(before.heldUntil, now + window);
      if (isHeld && heldUntil > now) {
        counted = { counted: before.spans, opensAt: heldUntil };
        return heldUntil === before.heldUntil ? record : keepNetworkAttempts({ ...before, heldUntil }, window);
      }
      counted = count(before.spans, now, network);
      return counted.counted === before.spans
        ? record
        : keepNetworkAttempts({ ...before, heldUntil: heldUntil > now ? heldUntil : 0, spans: counted.counted }, window);
    });
    const isOpen = counted?.start !== undefined;
    steps.tell('throttle', {
      of: 'network',
      network: from,
      failures: (counted?.counted ?? []).reduce((sum, [, number]) => sum + number, isOpen ? -1 : 0),
      limit: network.limit,
      ...(!isOpen && { result: 'exhausted' }),
    });
    if (counted?.start !== undefined) return { start: counted.start, hadFailures };
    throw new Refusal('address-attempts-exhausted', { minutes: minutesUntil(counted?.opensAt ?? clock.now()) });
  }

  return {
    async admit(name, remoteAddress) {
      const from = networkOf(remoteAddress);
      const networked = networkKey(from);
      let familiar = name !== undefined && (await places.knowsName(name, from));
      // Strangers who share the network of a person must not shut it to them.
      const counted = familiar ? undefined : await countNetwork(from, name !== undefined);
      const uncountNetwork = async (): Promise<void> => {
        if (counted === undefined) return;
        await changeNetwork(networked, (before) => ({ ...before, spans: uncount(before.spans, counted.start) }));
      };

      const held = new Map<string, Place>();
      // What was tried before is asked about, of nobody as of somebody, so that the effort tells them apart as little as may be.
      let isSuspect = counted?.hadFailures === true;
      let failedBefore = 0;
      if (name !== undefined) {
        const named = familiar ? placedNameKey(name, from) : nameKey(name);
        const taken = await take(named, familiar, { ...account, total: Infinity }, window);
        steps.tell('throttle', {
          of: 'name',
          familiar,
          failures: taken.counted.length - (taken.id === undefined ? 0 : 1),
          limit: account.limit,
          ...(taken.id === undefined && { result: 'exhausted' }),
        });
        isSuspect ||= !taken.wasEmpty;
        if (taken.id === undefined) {
          await uncountNetwork();
          throw new Refusal('attempts-exhausted', { minutes: minutesUntil(opensAt(taken.counted, window)) });
        }
        failedBefore = failedOf(taken.counted);
        held.set(named, { id: taken.id, familiar, lasts: window });
      }
      let told = false;
      let over = false;
      const begin = (): void => {
        if (over || told) throw new Error('an attempt is for one person');
        told = true;
      };
      /** Once all changes share a commit. */
      async function end(
        change: (failures: readonly Failure[], place: Place) => readonly Failure[],
        ...also: Promise<unknown>[]
      ) {
        const changes = [...held].map(([key, place]) =>
          store.update('attempts', key, (record) => keep(change(failuresOf(record), place), place.lasts)),
        );
        await Promise.all([...changes, ...also]);
      }
      const finish = (): void => {
        if (over) throw new Error('an attempt ends once');
        over = true;
      };

      return {
        network: from,
        get familiar() {
          return familiar;
        },
        get failedBefore() {
          return failedBefore;
        },
        async person(person) {
          begin();
          const place = await takeForPerson(person, from, isSuspect);
          ({ familiar } = place);
          failedBefore = Math.max(failedBefore, place.failedBefore);
          held.set(personKey(person.objectGUID), place);
        },
        async nobody() {
          begin();
          if (isSuspect) await askLockout(directory, undefined);
        },
        async failed() {
          finish();
          let sprayed: number | undefined;
          const seen =
            familiar || name === undefined
              ? undefined
              : changeNetwork(networked, (before) => {
                  const added = addTried(before, nameKey(name), clock.now(), { most: limits.accountsPerAddress, window });
                  ({ sprayed } = added);
                  return added.attempts;
                });
          await end((failures, { id, familiar: kind }) => fail(failures, id, clock.now(), kind), Promise.resolve(seen));
          return sprayed === undefined ? undefined : { network: from, accounts: sprayed };
        },
        async succeeded(person) {
          finish();
          await end(
            (failures, { id, familiar: kind }) => succeed(failures, id, kind),
            uncountNetwork(),
            places.remember(person, name, from),
          );
        },
        async withdrawn() {
          finish();
          await end((failures, { id }) => withdraw(failures, id), uncountNetwork());
        },
      };
    },
  };
}

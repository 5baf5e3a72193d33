/**
 * What stops guessing, per account and per network, before the directory's own lockout would begin. An attempt takes its place
 * before the directory is asked, so that many at once cannot pass the limit, and gives it back where it was no failure.
 */
import { hash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { Refusal } from '../refusal.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { fail, opensAt, reserve, succeed, withdraw } from './account-failures.ts';
import type { Failure } from './account-failures.ts';
import { networkOf } from './network.ts';
import { count, forgottenAt, spansOf, uncount } from './network-failures.ts';
import type { Span } from './network-failures.ts';

/** One attempt, to be ended exactly once; one that never is (the process died) counts as failed. */
export interface Attempt {
  /**
   * Says whom the name meant, before the password is tried: the several names of a person must not multiply the attempts.
   * @throws Refusal person-attempts-exhausted; end the attempt as failed, as one for a name that nobody bears
   */
  person(objectGUID: string): Promise<void>;
  /** What was presented was refused: it counts. */
  failed(): Promise<void>;
  /** It was right: earlier failures of the account are forgiven, those of the network are not. */
  succeeded(): Promise<void>;
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

/** UTF-16 code units of a name that are looked at; no directory holds longer ones. */
const nameLimit = 256;

export function createThrottle(parts: {
  store: Store;
  clock: Clock;
  limits: Omit<Config['throttle'], 'megabytesPerAddress'>;
}): Throttle {
  const { store, clock, limits } = parts;
  const { window } = limits;
  const account = { limit: limits.attemptsPerAccount, window };
  const network = { limit: limits.attemptsPerAddress, window };

  const keepAccount = (failures: readonly Failure[]): StoredRecord | undefined =>
    failures.length === 0 ? undefined : { value: failures, expiresAt: opensAt(failures, window) };
  const keepNetwork = (counted: readonly Span[]): StoredRecord | undefined =>
    counted.length === 0 ? undefined : { value: counted, expiresAt: forgottenAt(counted, window) };

  /** Takes a place; where there is none, gives the instant at which there may be one. */
  async function reserveAccount(key: string): Promise<{ id: number } | { until: number }> {
    let id: number | undefined;
    const kept = await store.update('attempts', key, (record) => {
      const before = failuresOf(record);
      const reserved = reserve(before, clock.now(), account);
      id = reserved.id;
      return reserved.failures === before ? record : keepAccount(reserved.failures);
    });
    return id === undefined ? { until: kept?.expiresAt ?? clock.now() } : { id };
  }

  const changeAccount = (key: string, change: (failures: readonly Failure[]) => readonly Failure[]) =>
    store.update('attempts', key, (record) => keepAccount(change(failuresOf(record))));

  async function countNetwork(key: string): Promise<{ start: number } | { until: number }> {
    let counted: ReturnType<typeof count> | undefined;
    await store.update('attempts', key, (record) => {
      const before = spansOf(record);
      counted = count(before, clock.now(), network);
      return counted.counted === before ? record : keepNetwork(counted.counted);
    });
    return counted?.start === undefined ? { until: counted?.opensAt ?? clock.now() } : { start: counted.start };
  }

  const uncountNetwork = (key: string, start: number) =>
    store.update('attempts', key, (record) => keepNetwork(uncount(spansOf(record), start)));

  const minutesUntil = (instant: number) => Math.max(1, Math.ceil((instant - clock.now()) / 60_000));

  return {
    async admit(name, remoteAddress) {
      const from = keyOf('network', networkOf(remoteAddress));
      const span = await countNetwork(from);
      if ('until' in span) throw new Refusal('address-attempts-exhausted', { minutes: minutesUntil(span.until) });
      const { start } = span;

      const held = new Map<string, number>();
      if (name !== undefined) {
        const named = keyOf('name', foldName(name));
        const place = await reserveAccount(named);
        if ('until' in place) {
          await uncountNetwork(from, start);
          throw new Refusal('attempts-exhausted', { minutes: minutesUntil(place.until) });
        }
        held.set(named, place.id);
      }
      let over = false;
      async function end(change: (failures: readonly Failure[], id: number) => readonly Failure[], counts: boolean) {
        if (over) throw new Error('an attempt ends once');
        over = true;
        // At once, so that they share a commit.
        await Promise.all([
          ...(counts ? [] : [uncountNetwork(from, start)]),
          ...[...held].map(([key, id]) => changeAccount(key, (failures) => change(failures, id))),
        ]);
      }

      return {
        async person(objectGUID) {
          const key = keyOf('person', objectGUID.toLowerCase());
          if (over || held.size > 1) throw new Error('an attempt is for one person');
          const own = await reserveAccount(key);
          // No `minutes` here: the person must read what they would read if the name were nobody's.
          if ('until' in own) {
            throw new Refusal('person-attempts-exhausted', { person: objectGUID, until: new Date(own.until).toISOString() });
          }
          held.set(key, own.id);
        },
        failed: () => end((failures, id) => fail(failures, id, clock.now()), true),
        succeeded: () => end(succeed, false),
        withdrawn: () => end(withdraw, false),
      };
    },
  };
}

/**
 * One form for the names that may mean the same person: DOMAIN\ and @suffix left out, and what directories do not tell apart
 * (letter case, accents, width, blanks). Two people who share it share its attempts.
 */
function foldName(name: string): string {
  const bounded = name.slice(0, nameLimit).normalize('NFKD');
  const behind = bounded.slice(bounded.lastIndexOf('\\') + 1);
  const suffix = behind.lastIndexOf('@');
  return (suffix < 0 ? behind : behind.slice(0, suffix))
    .toLowerCase()
    .replace(/[\p{M}\p{Cc}\p{Cf}]/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
}

/** Hashed, so that the store does not show who tried to sign in. */
function keyOf(of: 'name' | 'person' | 'network', what: string): string {
  return hash('sha256', `${of}\0${what}`, 'base64url');
}

function failuresOf(record: StoredRecord | undefined): readonly Failure[] {
  const value = record?.value ?? [];
  if (Array.isArray(value) && value.every(isFailure)) return value;
  throw new Error('a record of attempts is not a list of failures');
}

function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null || !('id' in value && 'at' in value && 'held' in value)) return false;
  return Number.isInteger(value.id) && Number.isInteger(value.at) && typeof value.held === 'boolean';
}

/**
 * What counts against one account, as a directory counts it: failures add up until a success, or until `window` passes without
 * one. A directory forgets at the last failure plus its observation window, not one failure after the other; a count that slid
 * would reach its lockout with one guess now and then.
 */
import type { StoredRecord } from '../store/store.ts';

export interface Failure {
  /** Rises from each entry of a list to the next, whatever the clock does. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** An attempt that is still being judged. */
  readonly held: boolean;
  /** From a place from where the person signed in before. */
  readonly familiar: boolean;
}

/** How many failures may count at a time before another attempt is none too many. */
export interface AccountLimits {
  /** Of one kind: from familiar places, or from others. */
  readonly limit: number;
  /** Of both kinds together, with what others caused. */
  readonly total: number;
  readonly window: number;
}

/** When all of them are forgotten, if nothing else fails. */
export function opensAt(failures: readonly Failure[], window: number): number {
  return Math.max(...failures.map(({ at }) => at)) + window;
}

/** Those that still count. An instant in the future, after a clock was set back, is taken for now, so that it ends in time. */
export function counting(failures: readonly Failure[], now: number, window: number): readonly Failure[] {
  if (opensAt(failures, window) <= now) return [];
  if (failures.every(({ at }) => at <= now)) return failures;
  return failures.map((failure) => ({ ...failure, at: Math.min(failure.at, now) }));
}

function nextId(failures: readonly Failure[], now: number): number {
  return (failures.at(-1)?.id ?? now) + 1;
}

/** Holds a place for an attempt before it is judged; without `id` there was none. */
export function reserve(
  failures: readonly Failure[],
  now: number,
  familiar: boolean,
  { limit, total, window }: AccountLimits,
): { readonly failures: readonly Failure[]; readonly id?: number } {
  const found = counting(failures, now, window);
  const alike = found.filter((failure) => failure.familiar === familiar).length;
  if (alike >= limit || found.length >= total) return { failures: found };
  const id = nextId(found, now);
  return { failures: [...found, { id, at: now, held: true, familiar }], id };
}

/** That attempt failed, now: the directory's own window began no later. */
export function fail(failures: readonly Failure[], id: number, now: number, familiar: boolean): readonly Failure[] {
  return [...withdraw(failures, id), { id: nextId(failures, now), at: now, held: false, familiar }];
}

/** That attempt was no guess. */
export function withdraw(failures: readonly Failure[], id: number): readonly Failure[] {
  return failures.filter((failure) => failure.id !== id);
}

/**
 * That attempt succeeded. Only what had failed before it began, from a place of its kind, is forgiven: of attempts at the same
 * time nobody knows whether the directory judged them before the success, which sets its count to nothing, or after; and a
 * sign-in at home must not give those elsewhere their guesses back.
 */
export function succeed(failures: readonly Failure[], id: number, familiar: boolean): readonly Failure[] {
  return failures.filter((failure) => failure.id > id || failure.familiar !== familiar || (failure.held && failure.id !== id));
}

/** The failures of a stored record; none where there is none. */
export function failuresOf(record: Pick<StoredRecord, 'value'> | undefined): readonly Failure[] {
  const value = record?.value ?? [];
  if (Array.isArray(value) && value.every(isFailure)) return value;
  throw new Error('a record of attempts is not a list of failures');
}

function isFailure(value: unknown): value is Failure {
  if (typeof value !== 'object' || value === null) return false;
  if (!('id' in value && 'at' in value && 'held' in value && 'familiar' in value)) return false;
  const { id, at, held, familiar } = value;
  return Number.isInteger(id) && Number.isInteger(at) && typeof held === 'boolean' && typeof familiar === 'boolean';
}

/**
 * What counts against one account, as a directory counts it: failures add up until a success, or until `window` passes without
 * one. A directory forgets at the last failure plus its observation window, not one failure after the other; a count that slid
 * would reach its lockout with one guess now and then.
 */

export interface Failure {
  /** Rises from each entry of a list to the next, whatever the clock does. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** An attempt that is still being judged. */
  readonly held: boolean;
}

export interface AccountLimits {
  readonly limit: number;
  readonly window: number;
}

/** When all of them are forgotten, if nothing else fails. */
export function opensAt(failures: readonly Failure[], window: number): number {
  return Math.max(...failures.map(({ at }) => at)) + window;
}

/** Those that still count. An instant in the future, after a clock was set back, is taken for now, so that it ends in time. */
function counting(failures: readonly Failure[], now: number, window: number): readonly Failure[] {
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
  { limit, window }: AccountLimits,
): { readonly failures: readonly Failure[]; readonly id?: number } {
  const found = counting(failures, now, window);
  if (found.length >= limit) return { failures: found };
  const id = nextId(found, now);
  return { failures: [...found, { id, at: now, held: true }], id };
}

/** That attempt failed, now: the directory's own window began no later. */
export function fail(failures: readonly Failure[], id: number, now: number): readonly Failure[] {
  return [...withdraw(failures, id), { id: nextId(failures, now), at: now, held: false }];
}

/** That attempt was no guess. */
export function withdraw(failures: readonly Failure[], id: number): readonly Failure[] {
  return failures.filter((failure) => failure.id !== id);
}

/**
 * That attempt succeeded. Only what had failed before it began is forgiven: of attempts at the same time nobody knows whether
 * the directory judged them before the success, which sets its count to nothing, or after.
 */
export function succeed(failures: readonly Failure[], id: number): readonly Failure[] {
  return failures.filter((failure) => failure.id > id || (failure.held && failure.id !== id));
}

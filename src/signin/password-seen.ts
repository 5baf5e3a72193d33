/** Tells whether a person's password was changed since something was proven: what was proven before a change no longer counts. */
import type { Account, Person } from '../directory/directory.ts';

/** The password as it was when something was proven. Times in milliseconds since the epoch. */
export interface PasswordSeen {
  /** As the directory told it; undefined where it tells nothing of the kind. */
  readonly lastSet?: number | undefined;
  readonly at: number;
  /** Set until it was read once more: up to then it is that very password, whichever controller tells it first. */
  readonly openUntil?: number | undefined;
  /** What a controller tells that has not heard of our own change; until the change itself was read. */
  readonly before?: number | undefined;
}

/** By so much clocks of a domain may differ before its own sign-ins fail (RFC 4120 §1.6 leaves it to the realm; Windows: 5 minutes). */
const skew = 5 * 60_000;
/** Within it, a controller that heard of an earlier change late may still tell of it. */
const settling = 60_000;

/** @param changed where it was changed just then, by what was proven: as it was before, while its own time is not read yet */
export function passwordSeen({ account }: Person, at: number, changed?: { readonly before: number | undefined }): PasswordSeen {
  const lastSet = account?.passwordLastSet;
  if (changed === undefined) return { lastSet, at, openUntil: at + settling };
  return { lastSet, at, openUntil: at + skew, ...(changed.before !== undefined && { before: changed.before }) };
}

/**
 * What is known of it once the account was read again, or 'changed'. Whoever needs a smart card has no password that anybody
 * changed: the domain makes up new ones by itself.
 */
export function seenAgain(seen: PasswordSeen, account: Account | undefined): PasswordSeen | 'changed' {
  const lastSet = account?.passwordLastSet;
  if (lastSet === undefined || account?.smartCardRequired === true) return seen;
  const { at, openUntil } = seen;
  if (lastSet === seen.lastSet) return { lastSet, at };
  if (lastSet === seen.before) return seen;
  // MS-SAMR §3.1.5.14.4: it must be changed before the next sign-in, as after a reset by an administrator.
  if (lastSet === 0) return seen.lastSet === undefined && openUntil !== undefined ? { lastSet, at } : 'changed';
  // Changed before it was proven, and heard of late or forgotten again by a controller that lags behind.
  if (lastSet < at - skew) return seen;
  if (openUntil !== undefined && lastSet <= openUntil) return { lastSet, at };
  return lastSet > (seen.lastSet ?? 0) ? 'changed' : seen;
}

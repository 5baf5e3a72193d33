/** What stands against the use of an account, as its entry tells it, whatever a person presented. */
import { Refusal } from '../refusal.ts';
import type { Account, PasswordPolicy, Person } from './directory.ts';
import { nextLogonHour } from './logon-hours.ts';

/** When a locked account opens by itself (milliseconds since the epoch); undefined where an administrator must unlock it. */
export function lockOpensAt(account: Account | undefined, policy: PasswordPolicy | undefined): number | undefined {
  const lockedAt = account?.lockedAt;
  const duration = policy?.lockoutDuration;
  return lockedAt === undefined || lockedAt === 0 || duration === undefined ? undefined : lockedAt + duration;
}

/** Whether it is locked out at `now`, so that its directory judges no password and counts none. */
export function isLocked(account: Account | undefined, policy: PasswordPolicy | undefined, now: number): boolean {
  const opensAt = lockOpensAt(account, policy);
  return account?.lockedAt !== undefined && (opensAt === undefined || opensAt > now);
}

/** The instant as refusals bear it; undefined where it is none, or past. */
export const untilOf = (instant: number | undefined, now: number): string | undefined =>
  instant === undefined || instant <= now ? undefined : new Date(instant).toISOString();

/** @throws Refusal logon-hours, with `until` where there is such an hour. `now` is in milliseconds since the epoch */
export function verifyLogonHours(account: Account | undefined, now: number): void {
  const next = nextLogonHour(account?.logonHours, now);
  if (next !== now) throw new Refusal('logon-hours', { until: untilOf(next, now) });
}

/**
 * For whoever proved by something else than a password who they are: no bind asked the directory about them.
 * @param policyOf asked only where the account was locked
 * @throws Refusal person-disabled, person-expired, logon-hours, person-locked, and those of `policyOf`
 */
export async function verifyAccount(
  { barred, account }: Pick<Person, 'barred' | 'account'>,
  now: number,
  policyOf: () => Promise<PasswordPolicy | undefined>,
): Promise<void> {
  if (barred !== undefined) throw new Refusal(barred);
  verifyLogonHours(account, now);
  if (account?.lockedAt === undefined) return;
  const policy = await policyOf();
  if (isLocked(account, policy, now)) throw new Refusal('person-locked', { until: untilOf(lockOpensAt(account, policy), now) });
}

/** What a policy says against a change of the password. */
import { Refusal } from '../refusal.ts';
import type { PasswordPolicy, Person } from './directory.ts';
import { judgePassword } from './judge-password.ts';

export interface PasswordChange {
  readonly person: Person;
  readonly current: string;
  readonly next: string;
  /** Undefined where none is known. */
  readonly policy: PasswordPolicy | undefined;
}

/** Until when the password is too young to be changed, in milliseconds since the epoch; one that must be changed was set at 0. */
function youngUntil({ person, policy }: PasswordChange): number {
  const set = person.account?.passwordLastSet ?? 0;
  return set === 0 || policy === undefined ? 0 : set + policy.minAge;
}

/** As a refusal that names the policy; undefined where nothing is seen. `now` in milliseconds since the epoch. */
export function breachIn(change: PasswordChange, now: number): Refusal | undefined {
  const { person, next, policy } = change;
  if (policy === undefined) return undefined;
  const breaches = judgePassword(policy, person, next);
  const [first] = breaches;
  if (first !== undefined) return new Refusal(first, { breaches: breaches.join(' '), policy: policy.fineGrained });
  const until = youngUntil(change);
  return now < until
    ? new Refusal('password-too-young', { until: new Date(until).toISOString(), policy: policy.fineGrained })
    : undefined;
}

/** How many failures of one person may still reach the directory, so that it never locks the account. */
import type { PasswordPolicy } from '../directory/directory.ts';
import type { AccountLimits } from './account-failures.ts';
import type { Lockout } from './ask-lockout.ts';

/** What is known of a person before an attempt. */
export interface Knowledge extends Lockout {
  /** Failures of ours that the directory had judged before `failed` was asked for. */
  readonly ownBefore: number;
  /** Whether the attempt comes from a familiar place, and whether the person has any. */
  readonly familiar: boolean;
  readonly hasFamiliar: boolean;
}

/** One less than the lowest threshold that is in use anywhere; for a policy that cannot be read, or not be asked for now. */
const strictest = 2;
/** Where the domain locks nothing, and whether a policy that does holds for the person cannot be seen. */
const careful = 4;

/**
 * Failures that may count at the controllers at a time: one less than lock the account; and one less still where a stricter policy
 * may hold that cannot be seen. At a threshold of 1 every wrong password locks, and the one that may be right is let through.
 */
function budgetOf({ lockoutThreshold, fineGrained, unsure = false }: PasswordPolicy): number {
  if (unsure && fineGrained !== undefined) return strictest;
  if (lockoutThreshold === 0) return unsure ? careful : Infinity;
  return Math.max(1, lockoutThreshold - (unsure ? 2 : 1));
}

/** @param configured the limits of the configuration, which these never exceed */
export function limitsFor(
  { policy, isSeen, failed, ownBefore, familiar, hasFamiliar }: Knowledge,
  configured: { readonly limit: number; readonly window: number },
): AccountLimits {
  if (policy === undefined && isSeen) return { ...configured, total: Infinity };
  const budget = policy === undefined ? strictest : budgetOf(policy);
  // Half is kept for the familiar places, where there are any: strangers must not use it up.
  const reserved = familiar || !hasFamiliar || budget === Infinity ? 0 : Math.floor(budget / 2);
  // What others caused: they may lie at one controller and ours at another, so ours are taken off once alone.
  const foreign = Math.max(0, failed.count - ownBefore);
  return {
    limit: configured.limit,
    total: budget - reserved - foreign,
    window: Math.max(configured.window, policy?.lockoutWindow ?? 0),
  };
}

/** What the directory tells of a person, or of nobody, whom failures count against. */
import type { Directory, FailedPasswords, PasswordPolicy, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';

export interface Lockout {
  readonly failed: FailedPasswords;
  /** Undefined where the directory shows none. */
  readonly policy: PasswordPolicy | undefined;
  /** False where the policy could not be asked for: it may be a strict one. */
  readonly isSeen: boolean;
}

export async function askLockout(
  directory: Pick<Directory, 'passwordPolicy' | 'failedPasswords'>,
  person: Person | undefined,
): Promise<Lockout> {
  const failed = await directory.failedPasswords(person);
  try {
    return { failed, policy: await directory.passwordPolicy(person), isSeen: true };
  } catch (error) {
    if (error instanceof Refusal) return { failed, policy: undefined, isSeen: false };
    throw error;
  }
}

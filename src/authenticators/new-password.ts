/** Proves a person by the current password as it is replaced: one of the two passwords typed is the evidence, the other the change. */
import type { Clock } from '../clock.ts';
import { hasEnded } from '../directory/bind-refusal.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Authenticator } from './authenticator.ts';

/** The longest that Windows takes. */
const LONGEST = 256;

/** @throws Refusal */
function verifyForm({ password: current = '', next = '', repeat = '' }: Readonly<Record<string, string>>): void {
  if (next !== repeat) throw new Refusal('new-password-mismatch');
  if (next === '' || next.length > LONGEST || /\p{Cc}/u.test(next)) throw new Refusal('new-password-unusable');
  if (next === current) throw new Refusal('new-password-same');
}

export function createNewPasswordAuthenticator(
  directory: Pick<Directory, 'authenticate' | 'changePassword'>,
  clock: Pick<Clock, 'now'>,
): Authenticator {
  /** Of a password that has ended, a directory may say so before all else that stands against the person. @throws Refusal */
  async function verifyLetIn(person: Person, next: string): Promise<void> {
    try {
      await directory.authenticate(person, next);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What was just set is not wrong: it was not heard of where it was asked, or nobody answered.
      const reason = error.row.answer === 'again' ? 'password-change-uncertain' : error.reason;
      throw new Refusal(reason, { ...error.detail, changed: true });
    }
  }

  return {
    name: 'password',
    form: 'new-password',
    fields: ['password', 'next', 'repeat'],
    verifyForm,
    async verify(person, { password: current = '', next = '' }) {
      let isReplaced = false;
      try {
        await directory.authenticate(person, current);
      } catch (error) {
        isReplaced = error instanceof Refusal && hasEnded(error.reason);
        if (!isReplaced) throw error;
      }
      if (person === undefined) throw new Error('nobody’s password was taken');
      if (person.barred !== undefined) return;
      await directory.changePassword(person, current, next);
      if (isReplaced) await verifyLetIn(person, next);
    },
    changes: {
      event: 'password.changed',
      renewed({ account, ...person }) {
        const { passwordExpiresAt: _, ...others } = account ?? { smartCardRequired: false };
        return { ...person, account: { ...others, passwordLastSet: clock.now() } };
      },
    },
  };
}

/** What the change of a password proves, and what it does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createNewPasswordAuthenticator } from '../../src/authenticators/new-password.ts';
import type { Person } from '../../src/directory/directory.ts';
import { type Reason, Refusal } from '../../src/refusal.ts';
import { somebody } from '../signin/somebody.ts';

const anna = somebody('11111111-1111-1111-1111-111111111111');
const typed = { password: 'old', next: 'new', repeat: 'new' };

/** Says that of each password. */
async function tryChange(
  judged: Readonly<Record<string, Reason | undefined>>,
  person: Person | 'nobody' = anna,
  refused?: Reason,
): Promise<{ readonly did: readonly string[]; readonly refusal: Refusal | undefined }> {
  const did: string[] = [];
  const authenticator = createNewPasswordAuthenticator(
    {
      authenticate(_person, password) {
        did.push(password);
        const reason = judged[password];
        return reason === undefined ? Promise.resolve() : Promise.reject(new Refusal(reason));
      },
      changePassword(_person, current, next) {
        did.push(`${current} to ${next}`);
        return refused === undefined ? Promise.resolve() : Promise.reject(new Refusal(refused));
      },
    },
    { now: () => 0 },
  );
  try {
    await authenticator.verify(person === 'nobody' ? undefined : person, typed, { forceAuthn: true });
    return { did, refusal: undefined };
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return { did, refusal: error };
  }
}

describe('a change of the password', () => {
  it('is proof where the directory takes the old one, with nothing asked thereafter', async () => {
    assert.deepEqual(await tryChange({}), { did: ['old', 'old to new'], refusal: undefined });
  });

  for (const reason of [
    'password-wrong',
    'person-locked',
    'logon-hours',
    'smart-card-required',
    'directory-unavailable',
  ] as const) {
    it(`is not even asked for where the old one is refused: ${reason}`, async () => {
      const { did, refusal } = await tryChange({ old: reason });
      assert.deepEqual(did, ['old']);
      assert.equal(refusal?.reason, reason);
    });
  }

  it('is asked for nobody and for nobody who is barred', async () => {
    assert.deepEqual((await tryChange({ old: 'password-wrong' }, 'nobody')).did, ['old']);
    const barred = { ...anna, barred: 'person-disabled' } as const;
    for (const old of [undefined, 'password-expired'] as const) assert.deepEqual((await tryChange({ old }, barred)).did, ['old']);
  });

  for (const ended of ['password-expired', 'password-must-change'] as const) {
    const rows: readonly (readonly [Reason | undefined, Reason | undefined])[] = [
      [undefined, undefined],
      ['logon-workstation', 'logon-workstation'],
      ['person-disabled', 'person-disabled'],
      ['password-wrong', 'password-change-uncertain'],
      ['person-locked', 'password-change-uncertain'],
      ['directory-unavailable', 'password-change-uncertain'],
    ];
    for (const [judged, told] of rows) {
      it(`of one that has ended (${ended}) is proof once the new one lets in: ${String(judged)}`, async () => {
        const { did, refusal } = await tryChange({ old: ended, new: judged });
        assert.deepEqual(did, ['old', 'old to new', 'new']);
        assert.equal(refusal?.reason, told);
        if (refusal !== undefined) assert.equal(refusal.detail.changed, true);
      });
    }

    it(`of one that has ended (${ended}) is no proof where it was refused`, async () => {
      const { did, refusal } = await tryChange({ old: ended }, anna, 'new-password-used');
      assert.deepEqual(did, ['old', 'old to new']);
      assert.equal(refusal?.reason, 'new-password-used');
    });
  }
});

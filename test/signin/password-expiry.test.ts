/** Who is told that a password expires: whoever typed it in this very sign-in, while there is still time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../src/authenticators/authenticator.ts';
import type { Person } from '../../src/directory/directory.ts';
import { createExpiresSoon } from '../../src/signin/password-expiry.ts';

const day = 86_400_000;
const now = 1_800_000_000_000;
const personWith = (passwordExpiresAt: number | undefined): { person: Person } => ({
  person: {
    objectGUID: 'g',
    distinguishedName: 'CN=x',
    sAMAccountName: 'x',
    userPrincipalName: undefined,
    mail: undefined,
    displayName: undefined,
    barred: undefined,
    attributes: {},
    account: { smartCardRequired: false, passwordExpiresAt },
  },
});
const evidence = (changes: Partial<Evidence> = {}): readonly Evidence[] => [
  { authenticator: 'password', objectGUID: 'g', at: now, endsAt: now + day, signIn: 'this', ...changes },
];
const expiresSoon = createExpiresSoon({ warn: true, warnBefore: 14 * day });

describe('expiresSoon', () => {
  const soon = personWith(now + 5 * day);
  const rows: readonly (readonly [what: string, found: number | undefined, expected: number | undefined])[] = [
    ['in five days', expiresSoon(soon, evidence(), 'this', now), now + 5 * day],
    ['in exactly the time', expiresSoon(personWith(now + 14 * day), evidence(), 'this', now), now + 14 * day],
    ['a moment before that', expiresSoon(personWith(now + 14 * day + 1), evidence(), 'this', now), undefined],
    ['never', expiresSoon(personWith(undefined), evidence(), 'this', now), undefined],
    ['just now', expiresSoon(personWith(now), evidence(), 'this', now), undefined],
    ['by single sign-on', expiresSoon(soon, evidence({ signIn: 'another' }), 'this', now), undefined],
    ['at first contact', expiresSoon(soon, evidence({ signIn: '' }), undefined, now), undefined],
    ['by a ticket', expiresSoon(soon, evidence({ authenticator: 'kerberos' }), 'this', now), undefined],
    ['by a certificate', expiresSoon(soon, evidence({ authenticator: 'certificate' }), 'this', now), undefined],
    ['where nobody is told', createExpiresSoon({ warn: false, warnBefore: 14 * day })(soon, evidence(), 'this', now), undefined],
  ];
  for (const [what, found, expected] of rows) it(what, () => assert.equal(found, expected));

  it('tells of nothing that is over or far ahead', () => {
    fc.assert(
      fc.property(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 1, max: 365 }), (inDays, warnBefore) => {
        const at = now + inDays * day;
        const found = createExpiresSoon({ warn: true, warnBefore: warnBefore * day })(personWith(at), evidence(), 'this', now);
        assert.equal(found, inDays > 0 && inDays <= warnBefore ? at : undefined);
      }),
    );
  });
});

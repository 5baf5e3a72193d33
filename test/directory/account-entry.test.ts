/** What entries say about the use of an account, and what stands against it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { accountAttributes, accountOf } from '../../src/directory/account-entry.ts';
import { lockOpensAt, verifyAccount } from '../../src/directory/account-state.ts';
import type { Account, PasswordPolicy } from '../../src/directory/directory.ts';
import { judgeViews, type View } from '../../src/directory/replication.ts';
import { generalizedTime, windowsTime } from '../../src/directory/windows-time.ts';
import { Refusal } from '../../src/refusal.ts';

const entryOf = (attributes: Readonly<Record<string, string | Buffer>>) => ({
  dn: 'CN=a,DC=x',
  attributes: new Map(Object.entries(attributes).map(([name, value]) => [name.toLowerCase(), [Buffer.from(value)]])),
});
const epoch = 11_644_473_600_000;
const written = (milliseconds: number): string => String(BigInt(milliseconds + epoch) * 10_000n);
const at = Date.UTC(2026, 0, 31, 9, 25, 11);

describe('times', () => {
  it('of Windows go there and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1700, 0), max: Date.UTC(9_000, 0) }), (time) => {
        assert.equal(windowsTime(written(time)), time);
      }),
    );
  });

  it('of Windows that mean never, or nothing', () => {
    for (const never of [undefined, '', '9223372036854775807', '9223372036854775808', '-1', 'x', '1e9', '1'.repeat(20)])
      assert.equal(windowsTime(never), undefined, never);
    assert.equal(windowsTime('0'), 0);
  });

  it('of OpenLDAP', () => {
    assert.equal(generalizedTime('20260131092511Z'), at);
    assert.equal(generalizedTime('20260131092511.345678Z'), at);
    for (const other of [undefined, '', '20260131', '20260131092511+0100', 'x20260131092511Z'])
      assert.equal(generalizedTime(other), undefined);
  });
});

describe('an account', () => {
  const week = Buffer.alloc(21, 1);
  const rows: readonly (readonly [
    what: string,
    attributes: Readonly<Record<string, string | Buffer>>,
    account: Account | undefined,
  ])[] = [
    ['of which nothing is told', { mail: 'a@example.com' }, undefined],
    [
      'that is ordinary',
      { userAccountControl: '512', lockoutTime: '0', badPwdCount: '0', badPasswordTime: '0' },
      { smartCardRequired: false },
    ],
    ['that needs a smart card', { userAccountControl: String(0x40200) }, { smartCardRequired: true }],
    [
      'whose password expires',
      { pwdLastSet: written(at), 'msDS-UserPasswordExpiryTimeComputed': written(at + 1) },
      { smartCardRequired: false, passwordLastSet: at, passwordExpiresAt: at + 1 },
    ],
    [
      'whose password never expires',
      { 'msDS-UserPasswordExpiryTimeComputed': '9223372036854775807' },
      { smartCardRequired: false },
    ],
    [
      'whose password must be changed',
      { pwdLastSet: '0', 'msDS-UserPasswordExpiryTimeComputed': '0' },
      { smartCardRequired: false, passwordLastSet: 0 },
    ],
    [
      'that failed',
      { badPwdCount: '3', badPasswordTime: written(at) },
      { smartCardRequired: false, badPasswords: { count: 3, at } },
    ],
    ['locked at a time that is none', { lockoutTime: '9223372036854775807' }, { smartCardRequired: false, lockedAt: 0 }],
    ['locked, by a global catalog', { lockoutTime: written(at) }, { smartCardRequired: false, lockedAt: at }],
    [
      'locked',
      { lockoutTime: written(at), 'msDS-User-Account-Control-Computed': '16' },
      { smartCardRequired: false, lockedAt: at },
    ],
    [
      'whose lock has opened',
      { lockoutTime: written(at), 'msDS-User-Account-Control-Computed': '8388608' },
      { smartCardRequired: false },
    ],
    ['with hours', { logonHours: week }, { smartCardRequired: false, logonHours: week.toString('base64') }],
    ['with all hours', { logonHours: Buffer.alloc(21, 255) }, { smartCardRequired: false }],
    ['with hours that are none', { logonHours: Buffer.alloc(20) }, { smartCardRequired: false }],
    ['of OpenLDAP', { pwdChangedTime: '20260131092511Z' }, { smartCardRequired: false, passwordLastSet: at }],
    [
      'of OpenLDAP, reset',
      { pwdChangedTime: '20260131092511Z', pwdReset: 'TRUE' },
      { smartCardRequired: false, passwordLastSet: 0 },
    ],
    [
      'of OpenLDAP that failed',
      { pwdFailureTime: '20260131092511Z' },
      { smartCardRequired: false, badPasswords: { count: 1, at } },
    ],
    ['of OpenLDAP that failed at a time that is none', { pwdFailureTime: 'once' }, { smartCardRequired: false }],
    ['of OpenLDAP, locked', { pwdAccountLockedTime: '20260131092511Z' }, { smartCardRequired: false, lockedAt: at }],
    ['of OpenLDAP, locked for good', { pwdAccountLockedTime: '000001010000Z' }, { smartCardRequired: false, lockedAt: 0 }],
  ];
  for (const [what, attributes, account] of rows) it(what, () => assert.deepEqual(accountOf(entryOf(attributes)), account));

  it('is read of whatever bytes there are, and stays small', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...accountAttributes), fc.oneof(bytes, fc.string(), fc.bigInt().map(String))),
        (attributes) => {
          assert.ok(JSON.stringify(accountOf(entryOf(attributes)) ?? '').length < 300);
        },
      ),
    );
  });
});

const policy: PasswordPolicy = {
  fineGrained: undefined,
  minLength: 8,
  history: 0,
  complex: true,
  minAge: 0,
  maxAge: undefined,
  lockoutThreshold: 5,
  lockoutWindow: 600_000,
  lockoutDuration: 1_800_000,
};
const until = new Date(at + 1_800_000).toISOString();

describe('somebody who proved otherwise than by a password who they are', () => {
  const account = { smartCardRequired: true, passwordLastSet: 0, passwordExpiresAt: 1 };
  const nights = Buffer.alloc(21);
  const rows: readonly (readonly [
    what: string,
    Partial<Account>,
    PasswordPolicy | undefined,
    now: number,
    reason?: string,
    until?: string,
  ])[] = [
    ['is let in, whatever became of the password', account, undefined, at],
    ['is locked out until the lock opens', { lockedAt: at }, policy, at, 'person-locked', until],
    ['is let in when it has', { lockedAt: at }, policy, at + 1_800_000],
    [
      'is locked out where an administrator must unlock',
      { lockedAt: at },
      { ...policy, lockoutDuration: undefined },
      at + 1e12,
      'person-locked',
    ],
    ['is locked out for good', { lockedAt: 0 }, policy, at, 'person-locked'],
    ['is locked out where the policy is not to be seen', { lockedAt: at }, undefined, at + 1, 'person-locked'],
    ['comes at no hour', { logonHours: nights.toString('base64') }, undefined, at, 'logon-hours'],
    [
      'comes at another hour',
      { logonHours: Buffer.from(nights).fill(1, 0, 1).toString('base64') },
      undefined,
      at,
      'logon-hours',
      '2026-02-01T00:00:00.000Z',
    ],
  ];
  for (const [what, more, held, now, reason, expected] of rows) {
    it(what, async () => {
      const refused = await verifyAccount({ barred: undefined, account: { ...account, ...more } }, now, () =>
        Promise.resolve(held),
      ).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (reason === undefined) assert.equal(refused, undefined);
      else {
        assert.ok(refused instanceof Refusal);
        assert.equal(refused.reason, reason);
        assert.equal(refused.detail.until, expected);
      }
    });
  }

  it('is not let in where the account is disabled or over', async () => {
    for (const barred of ['person-disabled', 'person-expired'] as const)
      await assert.rejects(
        verifyAccount({ barred }, at, () => Promise.resolve(policy)),
        { reason: barred },
      );
  });

  it('costs no question about the policy where nothing is locked', async () => {
    await verifyAccount({ barred: undefined, account }, at, () => assert.fail('asked'));
    await verifyAccount({ barred: undefined }, at, () => assert.fail('asked'));
    assert.equal(lockOpensAt(undefined, policy), undefined);
  });
});

describe('what controllers know', () => {
  const view = (server: string, objectGUID?: string, passwordLastSet?: number): View => ({ server, objectGUID, passwordLastSet });
  const rows: readonly (readonly [what: string, views: readonly View[], ahead: string | undefined, missing: boolean])[] = [
    ['all the same', [view('a', 'p', 5), view('b', 'p', 5)], undefined, false],
    ['a newer password there', [view('a', 'p', 5), view('b', 'p', 6)], 'b', false],
    ['an older one there', [view('a', 'p', 5), view('b', 'p', 4)], undefined, false],
    ['one that was given there just now', [view('a', 'p', 5), view('b', 'p', 0)], 'b', false],
    ['one that was given here just now', [view('a', 'p', 0), view('b', 'p', 5)], undefined, false],
    ['the newest of several', [view('a', 'p', 5), view('b', 'p', 6), view('c', 'p', 7), view('d', 'p', 6)], 'c', false],
    ['nobody here', [view('a'), view('b', 'p', 5)], 'b', false],
    ['another person of that name here', [view('a', 'q', 9), view('b', 'p', 5)], 'b', false],
    ['another person of that name there', [view('a', 'p', 5), view('b', 'q', 9)], undefined, false],
    ['nobody anywhere', [view('a'), view('b')], undefined, true],
    ['nobody here, and others do not answer', [view('a')], undefined, true],
    ['the one that refused does not answer', [view('b', 'p', 9)], undefined, false],
    ['none answers', [], undefined, false],
    ['times that none tells', [view('a', 'p'), view('b', 'p')], undefined, false],
    ['a time that only the other tells', [view('a', 'p'), view('b', 'p', 1)], 'b', false],
  ];
  for (const [what, views, ahead, missing] of rows)
    it(what, () => assert.deepEqual(judgeViews(views, { objectGUID: 'p' }, 'a'), { ahead, missing }));
});

/** Whether a password was changed since something was proven, by what controllers tell, some of them late. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Account } from '../../src/directory/directory.ts';
import { passwordSeen, seenAgain, type PasswordSeen } from '../../src/signin/password-seen.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const day = 86_400_000;
const at = Date.UTC(2026, 0, 10, 12);
const account = (passwordLastSet: number | undefined, smartCardRequired = false): Account => ({
  smartCardRequired,
  ...(passwordLastSet !== undefined && { passwordLastSet }),
});
const seenAt = (passwordLastSet: number | undefined, changed = false, before?: number): PasswordSeen =>
  passwordSeen(somebody('a', { account: account(passwordLastSet) }), at, changed ? { before } : undefined);
/** Once it was read again as it was. */
const settled = (passwordLastSet: number): PasswordSeen => ({ lastSet: passwordLastSet, at });

const cases: readonly (readonly [string, PasswordSeen, Account | undefined, boolean])[] = [
  ['the same time', settled(at - day), account(at - day), false],
  ['a later time', settled(at - day), account(at + 1), true],
  ['a later time by a clock that is behind', settled(at - day), account(at - 4 * minute), true],
  ['a later time, but long before the proof: a controller heard of it late', settled(at - day), account(at - 6 * minute), false],
  ['an earlier time, of a controller that lags behind', settled(at - minute), account(at - day), false],
  ['that it must be changed', settled(at - day), account(0), true],
  ['that it must be changed, as before', settled(0), account(0), false],
  ['a time where it had to be changed before', settled(0), account(at + minute), true],
  ['nothing', settled(at - day), account(undefined), false],
  ['nothing of an account', settled(at - day), undefined, false],
  ['a time, of somebody who needs a smart card', settled(at - day), account(at + day, true), false],
  ['a time after the proof where none was told before', seenAt(undefined), account(at + 2 * minute), true],
  ['a time before the proof where none was told before', seenAt(undefined), account(at - day), false],
  ['another time just before the proof, at the first reading', seenAt(at - day), account(at - minute), false],
  ['another time just after it, at the first reading', seenAt(at - day), account(at + 2 * minute), true],
  ['another time at a later reading', settled(at - day), account(at - minute), true],
  ['the time of our own change by another clock', seenAt(at, true), account(at + 2 * minute), false],
  ['the time before our own change, of a controller that has not heard of it', seenAt(at, true), account(at - day), false],
  ['that it must be changed, of a controller that has not heard of our own change', seenAt(at, true, 0), account(0), false],
  ['that it must be changed, after our own change of one that did not have to be', seenAt(at, true, at - day), account(0), true],
  ['a time long after our own change', seenAt(at, true), account(at + 6 * minute), true],
];

describe('a password, where a directory tells', () => {
  for (const [told, seen, now, changed] of cases) {
    it(`${told}, is ${changed ? 'taken for changed' : 'the one that was proven'}`, () => {
      assert.equal(seenAgain(seen, now) === 'changed', changed);
    });
  }

  it('the time of our own change, is known from then on: a later one is another change', () => {
    const seen = seenAgain(seenAt(at, true), account(at - 2_000));
    assert.ok(seen !== 'changed');
    assert.deepEqual(seen, { lastSet: at - 2_000, at });
    assert.equal(seenAgain(seen, account(at + 2_000)), 'changed');
  });

  it('a change that is later than the proof by more than clocks may differ, is always found', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 400 * day }),
        fc.boolean(),
        fc.integer({ min: 5 * minute + 1, max: day }),
        (age, changed, later) => {
          const seen = seenAt(changed ? at : at - age, changed);
          assert.equal(seenAgain(seen, account(at + later)), 'changed');
          const again = seenAgain(seen, account(seen.lastSet));
          assert.ok(again !== 'changed');
          assert.equal(seenAgain(again, account(at + later)), 'changed');
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** One password that is tried on many accounts is noticed, and forgotten in time, whatever the clock does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createSprayedPasswords } from '../../src/signin/sprayed-passwords.ts';
import { heldClock } from '../contract/store.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.UTC(2026, 0, 1);

describe('a sprayed password', () => {
  const open = () => {
    const clock = heldClock(start);
    return { clock, sprayed: createSprayedPasswords({ clock, random: randomBytes, accounts: 3, window: 30 * minute }) };
  };

  it('is burnt for a window at most after the clock was set back', () => {
    const { clock, sprayed } = open();
    for (const account of ['one', 'two', 'three']) sprayed.refused('Spring2026!', account, '192.0.2.1');
    for (const back of [60 * minute, day]) {
      clock.set(start - back);
      assert.equal(sprayed.has('Spring2026!'), true);
    }
    clock.set(clock.now() + 30 * minute);
    assert.equal(sprayed.has('Spring2026!'), false);
  });

  it('forgets accounts in time after the clock was set back', () => {
    const { clock, sprayed } = open();
    for (const account of ['one', 'two']) sprayed.refused('Spring2026!', account, '192.0.2.1');
    clock.set(start - day);
    assert.equal(sprayed.refused('Spring2026!', 'one', '192.0.2.1'), undefined);
    clock.set(clock.now() + 31 * minute);
    assert.equal(sprayed.refused('Spring2026!', 'three', '192.0.2.1'), undefined);
    assert.equal(sprayed.refused('Spring2026!', 'four', '192.0.2.1'), undefined);
    assert.deepEqual(sprayed.refused('Spring2026!', 'five', '192.0.2.2'), { accounts: 3, networks: 2 });
  });
});

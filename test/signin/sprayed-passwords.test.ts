/** One password that is tried on many accounts is noticed at all nodes together, and forgotten in time, whatever the clock does. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { createMark } from '../../src/keys/mark.ts';
import { createSprayedPasswords } from '../../src/signin/sprayed-passwords.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock } from '../contract/store.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.UTC(2026, 0, 1);
const password = 'Spring2026!';

describe('a sprayed password', () => {
  const open = async () => {
    const clock = heldClock(start);
    const store = await createSqliteStore({ file: ':memory:', clock });
    const keys = [{ id: 'aaaaaaaa', key: randomBytes(32) }] as const;
    const writes: string[] = [];
    const watched: Pick<Store, 'get' | 'update'> = {
      get: (...given) => store.get(...given),
      update: (kind, key, change) => {
        writes.push(key);
        return store.update(kind, key, change);
      },
    };
    const node = () =>
      createSprayedPasswords({
        store: watched,
        mark: createMark(() => keys, 'sprayed passwords'),
        clock,
        accounts: 3,
        window: 30 * minute,
      });
    return { clock, store, writes, sprayed: node(), other: node() };
  };

  it('is noticed by what several nodes see together, told once, and burnt at all of them', async () => {
    const { sprayed, other } = await open();
    assert.equal(await sprayed.refused(password, 'one', '192.0.2.1'), undefined);
    assert.equal(await other.refused(password, 'two', '192.0.2.1'), undefined);
    assert.equal(await other.refused(password, 'two', '192.0.2.3'), undefined);
    assert.deepEqual([await sprayed.has(password), await other.has(password)], [false, false]);
    assert.deepEqual(await sprayed.refused(password, 'three', '192.0.2.2'), { accounts: 3, networks: 3 });
    assert.deepEqual([await sprayed.has(password), await other.has(password)], [true, true]);
    assert.equal(await other.refused(password, 'four', '192.0.2.4'), undefined);
    assert.equal(await other.has('another'), false);
  });

  it('is told once, however many nodes see it at once', async () => {
    const { sprayed, other } = await open();
    const nodes = [sprayed, other] as const;
    const tries = Array.from({ length: 12 }, (_, turn) =>
      nodes[turn % 2 === 0 ? 0 : 1].refused(password, `account ${String(turn)}`, '192.0.2.1'),
    );
    assert.equal((await Promise.all(tries)).filter((told) => told !== undefined).length, 1);
  });

  it('leaves neither itself nor what could be found by trying in the store', async () => {
    const { store, sprayed } = await open();
    await sprayed.refused(password, 'one', '192.0.2.1');
    const kept = JSON.stringify(await store.list('sprayed', '', 10));
    assert.match(kept, /"key":"[\w-]{43}"/);
    assert.ok(!kept.includes('Spring2026') && !kept.includes('192.0.2.1'));
    const stranger = createMark(() => [{ id: 'aaaaaaaa', key: randomBytes(32) }], 'sprayed passwords');
    assert.ok(!kept.includes(stranger(password)));
  });

  it('costs whoever is right no write', async () => {
    const { writes, sprayed } = await open();
    assert.equal(await sprayed.has(password), false);
    for (const account of ['one', 'two', 'three']) await sprayed.refused(password, account, '192.0.2.1');
    writes.length = 0;
    assert.equal(await sprayed.has(password), true);
    assert.deepEqual(writes, []);
  });

  it('is burnt for a window at most after the clock was set back', async () => {
    const { clock, sprayed } = await open();
    for (const account of ['one', 'two', 'three']) await sprayed.refused(password, account, '192.0.2.1');
    for (const back of [60 * minute, day]) {
      clock.set(start - back);
      assert.equal(await sprayed.has(password), true);
    }
    clock.set(clock.now() + 30 * minute);
    assert.equal(await sprayed.has(password), false);
  });

  it('forgets accounts in time after the clock was set back', async () => {
    const { clock, sprayed } = await open();
    for (const account of ['one', 'two']) await sprayed.refused(password, account, '192.0.2.1');
    clock.set(start - day);
    assert.equal(await sprayed.refused(password, 'one', '192.0.2.1'), undefined);
    clock.set(clock.now() + 31 * minute);
    assert.equal(await sprayed.refused(password, 'three', '192.0.2.1'), undefined);
    assert.equal(await sprayed.refused(password, 'four', '192.0.2.1'), undefined);
    assert.deepEqual(await sprayed.refused(password, 'five', '192.0.2.2'), { accounts: 3, networks: 2 });
  });
});

/** A store that is measured answers as the store does, and tells how long each answer took and whether it served. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Refusal } from '../../src/refusal.ts';
import { measuredStore } from '../../src/store/measured-store.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

it('a measured store tells of each operation, of those that fail too', async () => {
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  const store = await createSqliteStore({ file: ':memory:', clock });
  const told: [string, boolean][] = [];
  const down = () => Promise.reject(new Refusal('store-unavailable'));
  const measured = measuredStore(
    { ...store, list: down, delete: () => Promise.reject(new TypeError('a fault')) },
    {
      stored(operation, milliseconds, failed) {
        assert.ok(milliseconds >= 0 && milliseconds < 10_000);
        told.push([operation, failed]);
      },
    },
  );
  assert.equal(await measured.create('session', 'a', { x: 1 }, Date.now() + 60_000), true);
  assert.deepEqual(await measured.get('session', 'a'), { x: 1 });
  assert.equal((await measured.update('session', 'a', (record) => record))?.value !== undefined, true);
  await measured.journal.append([]);
  assert.deepEqual(await measured.journal.search({ order: 'newest first', limit: 1 }), []);
  await assert.rejects(measured.list('session', '', 1), { reason: 'store-unavailable' });
  await assert.rejects(measured.delete('session', 'a'), TypeError);
  assert.equal(await measured.count('session'), 1);
  assert.deepEqual(told, [
    ['create', false],
    ['get', false],
    ['update', false],
    ['append', false],
    ['search', false],
    ['list', true],
    ['delete', false],
  ]);
  await measured.close();
});

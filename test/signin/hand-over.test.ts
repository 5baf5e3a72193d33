/** What a certificate's way over another host leaves in the store is bounded like all that strangers leave there. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { Refusal } from '../../src/refusal.ts';
import { createHandOver } from '../../src/signin/hand-over.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';

it('whoever asks for tickets takes room for each, until there is none', async () => {
  const clock = { now: () => 0, until: () => Promise.resolve() };
  const store = await createSqliteStore({ file: ':memory:', clock });
  const entered: string[] = [];
  const handOver = createHandOver({
    store,
    waitingRoom: {
      enter: (bytes, remoteAddress) => {
        assert.ok(bytes > 0);
        entered.push(remoteAddress);
        return entered.length > 2 ? Promise.reject(new Refusal('address-room-exhausted')) : Promise.resolve();
      },
    },
    patience: 60_000,
    clock,
    random: randomBytes,
  });
  const begin = () => handOver.begin('A'.repeat(22), 'browser', '203.0.113.7');
  await begin();
  await begin();
  await assert.rejects(begin(), (error) => error instanceof Refusal && error.reason === 'address-room-exhausted');
  assert.deepEqual(new Set(entered), new Set(['203.0.113.7']));
  await store.close();
});

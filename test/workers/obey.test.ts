/** What a worker makes of its orders: a house prepared, and then moved into or given up, one round after the other. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { News, Order } from '../../src/workers/messages.ts';
import { obey } from '../../src/workers/obey.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';

const configuration = plainConfiguration();

function stage({ serving = true } = {}) {
  const told: News[] = [];
  const done: string[] = [];
  /** Each house that is being opened; it fails where it is given a sentence. */
  const opening: ((trouble?: string) => void)[] = [];
  let order: (order: Order) => void = () => assert.fail();
  const orders = obey({
    tell: (news) => told.push(news),
    take(taker) {
      order = taker;
    },
  });
  const serve = (): void => {
    orders.serve({
      prepare: (_, signal) =>
        new Promise((resolve, reject) => {
          const number = String(opening.length + 1);
          signal.addEventListener('abort', () => {
            reject(new Error('given up'));
          });
          opening.push((trouble) => {
            if (trouble !== undefined) reject(new Error(trouble));
            else
              resolve({
                commit: () => Promise.resolve(void done.push(`commit ${number}`)),
                abandon: () => Promise.resolve(void done.push(`abandon ${number}`)),
              });
          });
        }),
      record: ({ event }) => done.push(event),
    });
  };
  if (serving) serve();
  const settle = (): Promise<unknown> => new Promise(setImmediate);
  return { told, done, opening, orders, serve, settle, order: (given: Order) => order(given) };
}

describe('a worker', () => {
  it('says what came of its preparation, and takes over when all do', async () => {
    const { told, done, opening, order, settle } = stage();
    order({ kind: 'prepare', round: 1, configuration });
    await settle();
    opening[0]?.();
    await settle();
    assert.deepEqual([told, done], [[{ kind: 'prepared', round: 1 }], []]);
    order({ kind: 'commit', round: 1 });
    await settle();
    assert.deepEqual([told[1], done], [{ kind: 'committed', round: 1 }, ['commit 1']]);
  });

  it('says why it cannot, and goes on', async () => {
    const { told, done, opening, order, settle } = stage();
    order({ kind: 'prepare', round: 1, configuration });
    await settle();
    opening[0]?.('No key.');
    await settle();
    order({ kind: 'abandon', round: 1 });
    order({ kind: 'prepare', round: 2, configuration });
    await settle();
    opening[1]?.();
    await settle();
    assert.deepEqual(
      [told, done],
      [
        [
          { kind: 'refused', round: 1, why: 'No key.' },
          { kind: 'prepared', round: 2 },
        ],
        [],
      ],
    );
  });

  it('gives up what it has prepared, or what it is at', async () => {
    const { told, done, opening, order, settle } = stage();
    order({ kind: 'prepare', round: 1, configuration });
    await settle();
    opening[0]?.();
    await settle();
    order({ kind: 'abandon', round: 1 });
    order({ kind: 'prepare', round: 2, configuration });
    await settle();
    assert.deepEqual(done, ['abandon 1']);
    order({ kind: 'abandon', round: 2 });
    await settle();
    assert.deepEqual(told.at(-1), { kind: 'refused', round: 2, why: 'given up' });
  });

  it('does nothing upon orders of a round that is over, nor twice', async () => {
    const { done, opening, order, settle } = stage();
    order({ kind: 'prepare', round: 2, configuration });
    await settle();
    opening[0]?.();
    await settle();
    order({ kind: 'commit', round: 1 });
    await settle();
    assert.deepEqual(done, []);
    order({ kind: 'commit', round: 2 });
    order({ kind: 'commit', round: 2 });
    order({ kind: 'abandon', round: 2 });
    await settle();
    assert.deepEqual(done, ['commit 1']);
  });

  it('that does not serve yet prepares and records once it does', async () => {
    const { told, done, opening, serve, order, settle } = stage({ serving: false });
    order({ kind: 'prepare', round: 1, configuration });
    order({ kind: 'record', event: { event: 'configuration.reloaded', reference: 'AAAA-BBBBBB' } });
    await settle();
    assert.deepEqual([told, done, opening.length], [[], [], 0]);
    serve();
    await settle();
    opening[0]?.();
    await settle();
    assert.deepEqual([told, done], [[{ kind: 'prepared', round: 1 }], ['configuration.reloaded']]);
  });
});

/** A time limit for others does not count the time in which we ourselves stood still. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { timeLimit } from '../../src/directory/time-limit.ts';

/** Keeps the event loop from turning. */
function standStill(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('a time limit', () => {
  it('expires, and not before', async () => {
    const started = performance.now();
    await new Promise<void>((resolve) => timeLimit(20, resolve));
    assert.ok(performance.now() - started >= 19);
  });

  it('can be called off, also while we stood still', async () => {
    let expired = 0;
    const callOffs = [5, 10, 15].map((milliseconds) => timeLimit(milliseconds, () => (expired += 1)));
    standStill(120);
    await new Promise(setImmediate);
    for (const callOff of callOffs) callOff();
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(expired, 0);
  });

  it('lets what was on its way arrive first', async () => {
    const order: string[] = [];
    const limit = new Promise<void>((resolve) =>
      timeLimit(10, () => {
        order.push('limit');
        resolve();
      }),
    );
    setTimeout(() => order.push('answer'), 60);
    standStill(200);
    await limit;
    assert.deepEqual(order, ['answer', 'limit']);
  });

  it('expires nevertheless where we stand still all the time', async () => {
    let expired = 0;
    timeLimit(5, () => (expired += 1));
    for (let turn = 0; expired === 0; turn += 1) {
      assert.ok(turn < 20);
      standStill(60);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
});

/** Sees that no test file waits where another could run, and that none is forgotten. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Need } from './needs.ts';
import { Queue } from './queue.ts';

const plain: Need = { sign: /./, packages: [] };
const shared: Need = { ...plain, server: 'shared' };
const alone: Need = { ...plain, server: 'alone', alone: true };
const quiet: Need = { ...plain, quiet: true };
const file = (name: string, ...needs: readonly Need[]) => ({ file: name, needs });
const nameOf = async (taken: Promise<{ readonly file: string } | undefined>): Promise<string | undefined> => (await taken)?.file;

describe('the queue of test files', () => {
  it('keeps their order where nothing is in the way', async () => {
    const queue = new Queue([file('a'), file('b', plain), file('c')]);
    assert.deepEqual([await nameOf(queue.take()), await nameOf(queue.take()), await nameOf(queue.take())], ['a', 'b', 'c']);
    assert.equal(await queue.take(), undefined);
  });

  it('passes over a file whose server does not answer yet, and comes back to it', async () => {
    const queue = new Queue([file('a', shared), file('b'), file('c', plain, shared)]);
    assert.equal(await nameOf(queue.take()), 'b');
    const [first, second] = [queue.take(), queue.take()];
    queue.settle('another');
    queue.settle('shared');
    assert.deepEqual([await nameOf(first), await nameOf(second)], ['a', 'c']);
    assert.equal(await queue.take(), undefined);
  });

  it('gives a server that is for one at a time to one at a time', async () => {
    const queue = new Queue([file('a', alone), file('b', alone, shared), file('c', shared)]);
    queue.settle('alone');
    queue.settle('shared');
    const a = await queue.take();
    assert.equal(a?.file, 'a');
    assert.equal(await nameOf(queue.take()), 'c');
    const next = queue.take();
    queue.giveBack(a);
    assert.equal(await nameOf(next), 'b');
    assert.equal(await queue.take(), undefined);
  });

  it('leaves the machine to a file that needs it', async () => {
    const queue = new Queue([file('a'), file('b', quiet), file('c')]);
    const [a, c] = [await queue.take(), await queue.take()];
    assert.deepEqual([a?.file, c?.file], ['a', 'c']);
    const next = queue.take();
    queue.giveBack(file('a'));
    queue.giveBack(file('c'));
    assert.equal(await nameOf(next), 'b');
    assert.equal(await queue.take(), undefined);
  });

  it('lets nobody in beside such a file', async () => {
    const queue = new Queue([file('a', quiet), file('b')]);
    assert.equal(await nameOf(queue.take()), 'a');
    const next = queue.take();
    assert.equal(await Promise.race([nameOf(next), new Promise((resolve) => setImmediate(resolve, 'nobody'))]), 'nobody');
    queue.giveBack(file('a', quiet));
    assert.equal(await nameOf(next), 'b');
  });

  it('lets whoever waits go when the last file is taken by another', async () => {
    const queue = new Queue([file('a', shared)]);
    const both = [queue.take(), queue.take()];
    queue.settle('shared');
    assert.deepEqual(await Promise.all(both.map(nameOf)), ['a', undefined]);
  });
});

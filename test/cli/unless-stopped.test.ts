/** Whoever waits at a terminal is let go at once. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unlessStopped } from '../../src/cli/unless-stopped.ts';

describe('what can be left at any time', () => {
  const never = new Promise<never>(() => undefined);

  it('gives what the work gives, or throws what it throws', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessStopped(signal, Promise.resolve(7)), 7);
    await assert.rejects(unlessStopped(signal, Promise.reject(new Error('broken'))), /broken/);
  });

  it('ends as soon as somebody asks for it, and at once where that was before', async () => {
    const stopping = new AbortController();
    const waiting = unlessStopped(stopping.signal, never);
    stopping.abort();
    await assert.rejects(waiting, /Stopped/);
    await assert.rejects(unlessStopped(stopping.signal, never), /Stopped/);
  });
});

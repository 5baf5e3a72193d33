/** The example of the other side of the web hook, as docs/webhook.md has it: started as it stands, and approved from its page. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Factor } from '../../src/authenticators/authenticator.ts';
import { openWebhook } from '../../src/authenticators/webhook/open-webhook.ts';
import { webhook } from '../../src/config/webhook-schema.ts';
import { Refusal } from '../../src/refusal.ts';
import { hookSecret } from '../fixtures/hook-server.ts';
import { ada, asking, emptyStore, luca } from '../fixtures/hook-stage.ts';

const file = join(import.meta.dirname, '../../docs/examples/webhook/server.js');
const server = spawn(process.execPath, [file], {
  env: { SECRET: hookSecret, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = once(server, 'exit');
after(async () => {
  server.kill('SIGTERM');
  await ended;
});

// Its clock is the machine's; ours runs ahead as far as it lets us.
let ahead = 0;
const clock = { now: () => Date.now() + ahead, until: () => Promise.resolve() };
const notes: unknown[] = [];
let url = '';
let factor: Factor & { close(): void };
before(async () => {
  let told = '';
  server.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()));
  while (!told.includes('\n')) await once(server.stdout, 'data');
  url = told.trim().replace('listening on ', '');
  factor = openOf(hookSecret);
});
after(() => factor.close());

function openOf(secret: string): Factor & { close(): void } {
  const settings = webhook.parse({ url, secret });
  assert.ok(settings !== undefined);
  return openWebhook(settings, {
    store: emptyStore(clock),
    clock,
    random: randomBytes,
    read: () => '',
    note: (...said) => notes.push(said),
  });
}

/** Answers the one question that a person's phone shows; answers its id. */
async function answer(person: string, number: string, choice: 'approved' | 'denied'): Promise<string> {
  const page = await (await fetch(new URL(`/phone?person=${person}`, url))).text();
  const id = /name="id" value="([^"]+)"/.exec(page)?.[1] ?? '';
  assert.match(page, /Sign in to Google\?/);
  await send(id, number, choice);
  return id;
}

async function send(id: string, number: string, choice: string): Promise<void> {
  const body = new URLSearchParams({ id, number, answer: choice });
  await fetch(new URL('/phone', url), { method: 'POST', body });
}

async function poll(state: unknown, who: typeof ada | undefined = ada): Promise<string> {
  ahead += 2_000;
  try {
    return (await factor.verify(who, {}, { ...asking, state })).verdict;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

describe('the example of a web hook', () => {
  it('approves who chooses the number, and nobody else', async () => {
    assert.equal(await factor.enrolled(ada), true);
    const [mine, theirs] = [await factor.challenge(ada, asking), await factor.challenge(luca, asking)];
    assert.ok(mine.kind === 'wait' && theirs.kind === 'wait');
    assert.equal(await poll(mine.state), 'pending');
    await answer('ada@example.com', mine.number ?? '', 'approved');
    await answer('luca@example.com', mine.number === '10' ? '11' : '10', theirs.number === '10' ? 'denied' : 'approved');
    assert.equal(await poll(mine.state), 'accepted');
    assert.equal(await poll(theirs.state, luca), 'factor-denied');
  });

  it('is denied by who says that it is not them', async () => {
    const { state, ...asked } = await factor.challenge(ada, asking);
    const id = await answer('ada@example.com', '', 'denied');
    // Said is said: else every number could be tried until one is right.
    await send(id, asked.kind === 'wait' ? (asked.number ?? '') : '', 'approved');
    assert.equal(await poll(state), 'factor-denied');
  });

  it('lets nobody wait as anybody would', async () => {
    const { state } = await factor.challenge(undefined, asking);
    assert.equal((await factor.verify(undefined, {}, { ...asking, state })).verdict, 'pending');
  });

  it('answers nobody without the secret, nor a question of another time', async () => {
    const stranger = openOf('x'.repeat(32));
    await assert.rejects(
      stranger.challenge(luca, asking),
      (error) => error instanceof Refusal && String(error.detail.cause).includes('status 401'),
    );
    stranger.close();
    const before = ahead;
    ahead = 3_600_000;
    await assert.rejects(
      factor.challenge(ada, asking),
      (error) => error instanceof Refusal && String(error.detail.cause).includes('status 401'),
    );
    ahead = before;
    assert.deepEqual(notes, []);
  });
});

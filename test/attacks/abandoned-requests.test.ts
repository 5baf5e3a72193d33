/** Going away before the answer comes: the guess counts all the same, and nothing breaks or waits for good. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { openHouse, type House } from '../fixtures/house.ts';
import { Visitor } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse({ config: { throttle: { floor: '30ms', attemptsPerAccount: 3 } } });
});
after(() => house.close());

/** Sends a request whole, or the first `bytes` of it, and hangs up. */
async function abandon(text: string, bytes = text.length): Promise<void> {
  const socket = connect(Number(new URL(house.url).port), '127.0.0.1');
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  socket.write(text.slice(0, bytes));
  await new Promise((resolve) => setImmediate(resolve));
  socket.end();
  await once(socket, 'close');
}

const requestFor = (signin: string): string => {
  const body = new URLSearchParams({ signin, name: 'alice', password: 'wrong' }).toString();
  return (
    `POST /signin/password HTTP/1.1\r\nHost: x\r\nOrigin: ${house.url}\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${String(body.length)}\r\n\r\n${body}`
  );
};

describe('a guess whose answer nobody waits for', () => {
  it('counts as any other', async () => {
    const { form } = await new Visitor(house.url).arrive();
    const request = requestFor(form?.fields.signin ?? '');
    for (let turn = 0; turn < 6; turn += 1) await abandon(request);
    // The answer to this one comes after theirs, since all take the same time.
    assert.equal((await new Visitor(house.url).signIn('alice', 'Passw0rd!')).status, 429);
    assert.equal(house.events.filter(({ reason }) => reason === 'password-wrong').length, 3);
    assert.ok(house.events.every(({ event }) => event === 'signin.refused'));
  });

  it('cut off in the middle was none, and is no fault', async () => {
    const { form } = await new Visitor(house.url).arrive();
    const request = requestFor(form?.fields.signin ?? '').replace('alice', 'carol');
    for (const bytes of [1, 30, 100, request.length - 1]) await abandon(request, bytes);
    assert.equal((await new Visitor(house.url).signIn('carol', 'Passw0rd!')).status, 200);
    assert.ok(house.events.every(({ event }) => event !== 'fault'));
  });
});

/** Guessing at many people: by one network, by one password from many; it is noticed once, counted, told, and goes no further. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { freePort } from '../fixtures/free-port.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';

const password = 'Passw0rd!';
const houses: House[] = [];
after(() => Promise.all(houses.map((house) => house.close())));

async function open(throttle: ConfigInput['throttle'] = {}): Promise<{ house: House; metrics: () => Promise<string> }> {
  const port = await freePort();
  const house = await openHouse({
    config: {
      trustProxy: ['127.0.0.1'],
      throttle: { floor: '1ms', attemptsPerAddress: 1_000, accountsPerAddress: 6, accountsPerPassword: 5, ...throttle },
      metrics: { port },
    },
  });
  houses.push(house);
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${String(port)}/metrics`)).text();
  return { house, metrics };
}

const signIn = (house: House, from: string, name: string, secret: string): Promise<Page> => {
  const visitor = new Visitor(house.url);
  visitor.forwardedFor = from;
  return visitor.signIn(name, secret, { issueInstant: house.now() });
};
const sprays = (house: House) => house.events.filter(({ event }) => event === 'spray.detected');

describe('one network that tries many people', () => {
  it('is noticed at the sixth, once, and held for the window; who is at home there is not', async () => {
    const { house, metrics } = await open();
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    const names = ['alice', 'nobody1', 'carol', 'nobody2', 'nobody3', 'dave', 'zoe', 'nobody4'];
    const statuses: number[] = [];
    for (const [index, name] of names.entries())
      statuses.push((await signIn(house, '203.0.113.5', name, `guess ${String(index)}`)).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 401, 429, 429]);
    assert.equal(house.events.at(-1)?.reason, 'address-attempts-exhausted');
    const told = sprays(house);
    assert.equal(told.length, 1);
    assert.deepEqual(told[0]?.detail, { by: 'address', network: '203.0.113.5', accounts: 6, minutes: 30 });
    assert.match(told.map(({ reference }) => reference).join(), /^[0-9A-Z]{4}-[0-9A-Z]{6}$/);
    assert.match(await metrics(), /passerelle_spray_detected_total\{kind="address"\} 1\n/);
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    responseOf(await signIn(house, '203.0.113.6', 'alice', password));
    house.advance(31 * 60_000);
    responseOf(await signIn(house, '203.0.113.5', 'carol', password));
  });

  it('is one network by IPv6 within a /64, and as IPv4 within IPv6', async () => {
    for (const address of [
      (turn: number) => `2001:db8:0:7::${String(turn)}`,
      (turn: number) => (turn % 2 === 0 ? '192.0.2.9' : '::ffff:c000:209'),
    ]) {
      const { house } = await open();
      for (let turn = 0; turn < 7; turn += 1)
        await signIn(house, address(turn), `nobody${String(turn)}`, `guess ${String(turn)}`);
      assert.equal(house.events.at(-1)?.reason, 'address-attempts-exhausted');
      assert.equal(sprays(house).length, 1);
    }
  });
});

describe('one password that is tried on many people', () => {
  it('is noticed at the fifth from wherever, once, and reaches the directory no more', async () => {
    const { house, metrics } = await open();
    const names = ['alice', 'nobody1', 'carol', 'nobody2', 'dave', 'bob', 'zoe', 'nobody3'];
    const pages: Page[] = [];
    for (const [index, name] of names.entries())
      pages.push(await signIn(house, `2001:db8:${String(index)}::1`, name, 'Spring2026!'));
    assert.ok(pages.every(({ status }) => status === 401));
    const told = sprays(house);
    assert.equal(told.length, 1);
    assert.deepEqual(told[0]?.detail, { by: 'password', accounts: 5, networks: 5, minutes: 30 });
    assert.match(await metrics(), /passerelle_spray_detected_total\{kind="password"\} 1\n/);
    const reasons = house.events.filter(({ event: kind }) => kind === 'signin.refused').map(({ reason }) => reason);
    assert.deepEqual(reasons.slice(5), ['password-sprayed', 'password-sprayed', 'person-unknown']);
    // Another password of theirs is taken all the same.
    responseOf(await signIn(house, '2001:db8:77::1', 'alice', password));
    assert.ok(!JSON.stringify([house.events, house.notes]).includes('Spring2026'));
    house.advance(31 * 60_000);
    await signIn(house, '2001:db8:78::1', 'bob', 'Spring2026!');
    assert.equal(house.events.at(-1)?.reason, 'password-wrong');
  });

  it('still lets those in at home whose own it is, and nobody elsewhere', async () => {
    const { house } = await open();
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    for (let turn = 0; turn < 5; turn += 1) await signIn(house, `198.51.100.${String(turn)}`, `nobody${String(turn)}`, password);
    assert.equal(sprays(house).length, 1);
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    const strange = await signIn(house, '198.51.100.99', 'alice', password);
    assert.equal(strange.status, 401);
    assert.equal(house.events.at(-1)?.reason, 'password-sprayed');
  });

  it('is not one person’s, however often and under however many spellings', async () => {
    const { house } = await open({ attemptsPerAccount: 100 });
    for (const name of ['bob', 'BOB', 'CORP\\bob', 'bob@corp.example.com', ' bob', 'bob'])
      await signIn(house, '198.51.100.1', name, 'wrong');
    assert.deepEqual(sprays(house), []);
  });

  it('may be right for many', async () => {
    const { house } = await open();
    for (const name of ['alice', 'bob', 'carol', 'dave', 'zoe', 'twin1'])
      responseOf(await signIn(house, '198.51.100.1', name, password));
    assert.deepEqual(sprays(house), []);
  });
});

describe('the metrics', () => {
  it('count attempts by how they ended and from where, and show nothing else', async () => {
    const { house, metrics } = await open({ attemptsPerAccount: 2 });
    await signIn(house, '203.0.113.5', 'bob', 'wrong');
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    responseOf(await signIn(house, '203.0.113.5', 'bob', password));
    for (let turn = 0; turn < 3; turn += 1) await signIn(house, '203.0.113.6', 'nobody', 'wrong');
    const text = await metrics();
    for (const line of [
      'passerelle_attempts_total{result="refused",familiar="false"} 3',
      'passerelle_attempts_total{result="accepted",familiar="false"} 1',
      'passerelle_attempts_total{result="accepted",familiar="true"} 1',
      'passerelle_attempts_total{result="exhausted",familiar="false"} 1',
      'passerelle_spray_detected_total{kind="password"} 0',
    ]) {
      assert.ok(text.includes(`${line}\n`), `${line}\n${text}`);
    }
    assert.doesNotMatch(text, /bob|203\.0/);
    const { port } = house.configuration.metrics ?? { port: 0 };
    const at = `http://127.0.0.1:${String(port)}`;
    assert.equal((await fetch(at)).status, 404);
    assert.equal((await fetch(`${at}/metrics`, { method: 'POST' })).status, 405);
    const head = await fetch(`${at}/metrics?x`, { method: 'HEAD' });
    assert.match(head.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.equal((await fetch(`${house.url}/metrics`)).status, 404);
  });
});

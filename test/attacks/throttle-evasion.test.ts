/** Guessing one account more often than the limit, by spelling its name differently, by many doors at once, by forged addresses. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { ConfigInput } from '../../src/config/schema.ts';
import { entityID, openHouse, type House } from '../fixtures/house.ts';
import { Visitor } from '../fixtures/visitor.ts';

const houses: House[] = [];
async function open(config: Partial<ConfigInput>): Promise<House> {
  const house = await openHouse({ config });
  houses.push(house);
  return house;
}
after(() => Promise.all(houses.map((house) => house.close())));

const throttle = { floor: '1ms', attemptsPerAccount: 3, attemptsPerAddress: 1_000 };
const tried = (house: House): number => house.events.filter(({ reason }) => reason === 'password-wrong').length;

const spellings: readonly (readonly [string, readonly string[]])[] = [
  ['letter case', ['alice', 'ALICE', 'Alice', 'aLiCe', 'alicE', 'ALice']],
  ['domains', ['alice', 'CORP\\alice', 'corp.example.com\\alice', 'alice@corp.example.com', 'alice@example.com', 'cOrP\\alice']],
  ['both names of the person', ['alice', 'alice.liddell@example.com', 'alice', 'alice.liddell@example.com', 'alice@example.com']],
  ['blanks around it', ['alice', ' alice', 'alice ', '\u00A0alice', 'alice\u3000', '\u2003alice']],
  ['full-width letters', ['alice', '\uFF41lice', 'a\uFF4Cice', '\uFF21LICE', 'ali\uFF43e', 'alic\uFF45']],
  ['accents', ['zoe', 'zoé', 'zoë', 'zoe\u0308', 'zo\u00EB', 'zœ', 'zoe']],
  ['letters that fold oddly', ['alice', 'al\u0131ce', 'al\u0130ce', 'al\u2170ce', 'ali\u217De', '\u24D0lice', 'alice']],
  ['invisible characters', ['alice', 'alice\u200B', '\u200Dalice', 'al\u00ADice', '\uFEFFalice', 'alice\u2060']],
];

describe('guessing at one account', () => {
  for (const [by, names] of spellings) {
    it(`gains no attempt by ${by}`, async () => {
      const house = await open({ throttle });
      for (const name of names) await new Visitor(house.url).signIn(name, 'wrong');
      for (const name of names) await new Visitor(house.url).signIn(name, 'wrong');
      assert.ok(tried(house) <= 3, `${String(tried(house))} passwords reached the directory`);
    });
  }

  it('gains none by many at once, over one sign-in or many, one service provider or another, with or without a session', async () => {
    const house = await open({ throttle });
    const visitor = new Visitor(house.url);
    const signedIn = new Visitor(house.url);
    await signedIn.signIn('bob', 'Passw0rd!');
    const page = await visitor.arrive();
    await Promise.all(
      Array.from({ length: 8 }, async (_, turn) => {
        await visitor.fill(page, 'alice', `guess ${String(turn)}`);
        await new Visitor(house.url).signIn('alice', `guess ${String(turn)}`);
        const started = await new Visitor(house.url).visit(`/saml/idp-initiated?sp=${encodeURIComponent(entityID)}`);
        await visitor.fill(started, 'CORP\\alice', `guess ${String(turn)}`);
        await signedIn.signIn('alice@example.com', 'wrong', { attributes: { ForceAuthn: 'true' } });
      }),
    );
    assert.equal(tried(house), 3);
  });

  it('gains none by signing in as oneself in between', async () => {
    const house = await open({ throttle });
    for (let turn = 0; turn < 6; turn += 1) {
      await new Visitor(house.url).signIn('alice', 'wrong');
      await new Visitor(house.url).signIn('bob', 'Passw0rd!');
    }
    assert.equal(tried(house), 3);
  });

  it('gains none by a restart', async () => {
    const house = await open({ throttle });
    for (let turn = 0; turn < 5; turn += 1) await new Visitor(house.url).signIn('alice', 'wrong');
    await house.restart();
    assert.equal((await new Visitor(house.url).signIn('alice', 'Passw0rd!')).status, 429);
  });
});

describe('a forged X-Forwarded-For', () => {
  const perAddress = { floor: '1ms', attemptsPerAccount: 50, attemptsPerAddress: 3 };
  async function guess(house: House, forwarded: string, name: string): Promise<number> {
    const visitor = new Visitor(house.url);
    const { form } = await visitor.arrive();
    const fields = { ...form?.fields, name, password: 'wrong' };
    return (await visitor.post('/signin/password', fields, { Origin: house.url, 'X-Forwarded-For': forwarded })).status;
  }
  const rows: readonly (readonly [string, readonly string[], (turn: number) => string])[] = [
    ['where no proxy is trusted', [], (turn) => `192.0.2.${String(turn)}`],
    ['where another proxy is trusted', ['10.0.0.1'], (turn) => `192.0.2.${String(turn)}`],
    ['before the address that the proxy adds', ['127.0.0.1'], (turn) => `192.0.2.${String(turn)}, 198.51.100.7`],
    ['that claims to come through the proxy', ['127.0.0.1'], (turn) => `192.0.2.${String(turn)}, 198.51.100.7, 127.0.0.1`],
    ['within one IPv6 network', ['127.0.0.1'], (turn) => `2001:db8:0:1::${String(turn)}`],
    ['as IPv4 within IPv6', ['127.0.0.1'], (turn) => (turn % 2 === 0 ? '192.0.2.9' : '::ffff:c000:209')],
    ['that is no address', ['127.0.0.1'], (turn) => `unknown-${String(turn)}`],
  ];
  for (const [what, trustProxy, forwarded] of rows) {
    it(`gains nothing ${what}`, async () => {
      const house = await open({ throttle: perAddress, trustProxy: [...trustProxy] });
      const statuses: number[] = [];
      for (let turn = 1; turn <= 5; turn += 1) statuses.push(await guess(house, forwarded(turn), `nobody${String(turn)}`));
      assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
    });
  }
});

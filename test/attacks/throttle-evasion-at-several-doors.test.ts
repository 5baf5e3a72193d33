/** Guessing by every door, of two processes at once, from a network of its own each time: the directory locks nobody, and tells nobody. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';

const next = 'Quiet-Harbour-71';
const home = '203.0.113.5';

let server: DirectoryServer;
let people: PassingPeople;
const houses: House[] = [];
before(async () => {
  server = await samba();
  people = passingPeople(server);
});
after(async () => {
  for (const house of houses.toReversed()) await house.close();
  await people.removeAll();
});

async function open(): Promise<House> {
  const config = { trustProxy: ['127.0.0.1'], throttle: { floor: '1ms', attemptsPerAddress: 1_000 } };
  const house = await openHouse({ directory: server, config });
  houses.push(house);
  return house;
}

const from = (house: House, network: string): Visitor => {
  const visitor = new Visitor(house.url);
  visitor.forwardedFor = network;
  return visitor;
};
const elsewhere = (turn: number): string => `2001:db8:${turn.toString(16)}::1`;

const doors: readonly ((visitor: Visitor, name: string, password: string) => Promise<Page>)[] = [
  (visitor, name, password) => visitor.signIn(name, password),
  (visitor, name, password) => visitor.post('/password', { name, password, next, repeat: next }),
  async (visitor, name, password) => {
    const signin = (await visitor.arrive()).form?.fields.signin ?? '';
    return visitor.post('/signin/new-password', { signin, name, password, next, repeat: next });
  },
];
const knock = async (house: House, turn: number, name: string): Promise<Page> => {
  const door = doors[turn % doors.length];
  return door === undefined ? assert.fail() : door(from(house, elsewhere(turn)), name, `guess ${String(turn)}`);
};

describe('guessing at one person', () => {
  it('reaches the directory no more often by two processes and three doors at once, and the person signs in at home', async () => {
    const { password } = server;
    const mail = `m-${randomBytes(4).toString('hex')}@example.com`;
    const { name } = await people.make(`mail: ${mail}\n`);
    const first = await open();
    const second = await open();
    await second.restart({ store: first.configuration.store });
    responseOf(await from(first, home).signIn(name, password));
    const forms = [name, `CORP\\${name}`, mail, name.toUpperCase()];
    const pages = await Promise.all(
      Array.from({ length: 36 }, (_, turn) => knock(turn % 2 === 0 ? first : second, turn, forms[turn % forms.length] ?? name)),
    );
    assert.deepEqual([...new Set(pages.map(({ status }) => status))].toSorted(), [401, 429]);
    const reached = [first, second].flatMap(({ events }) => events).filter(({ reason }) => reason === 'password-wrong');
    assert.equal(reached.length, 2, 'half of what is one below 5, less one for a stricter policy, is kept for home');
    responseOf(await from(second, home).signIn(mail, password));
    const directory = openOneDomain(optionsFor(server));
    await directory.authenticate(await directory.find(name), password);
    await directory.close();
  });

  it('shows by every door the same of somebody at home elsewhere, of somebody new and of nobody', async () => {
    const [known, fresh] = [await people.make(), await people.make()];
    const house = await open();
    responseOf(await from(house, home).signIn(known.name, server.password));
    const shown = async (name: string): Promise<string[]> => {
      const told: string[] = [];
      for (let turn = 0; turn < 9; turn += 1) {
        const { status, body } = await knock(house, turn, name);
        told.push(`${String(status)} ${/<div class="notice"[^]*?<code>/.exec(body)?.[0] ?? ''}`);
      }
      return told;
    };
    const nobodys = await shown('nobody-of-that-name');
    assert.equal(nobodys.map((text) => text.slice(0, 3)).join(' '), '401 401 401 401 429 429 429 429 429');
    assert.deepEqual(await shown(known.name), nobodys);
    assert.deepEqual(await shown(fresh.name), nobodys);
  });
});

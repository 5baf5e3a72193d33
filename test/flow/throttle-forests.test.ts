/** Guessing at a domain of two controllers, which count each by itself, and at people for whom a stricter policy holds. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House, type HouseOptions } from '../fixtures/house.ts';
import { responseOf, type Page, Visitor } from '../fixtures/visitor.ts';
import { modify } from '../testbed/directory-server.ts';
import { type Forests, forests, replicate } from '../testbed/forests.ts';

const password = 'Long Passw0rd, guessed!';

describe('guessing at two controllers', () => {
  let servers: Forests;
  const houses: House[] = [];
  const added: string[] = [];
  before(async () => {
    servers = await forests();
  });
  after(async () => {
    await Promise.all(houses.map((house) => house.close()));
    for (const dn of added) await modify(servers.n1, `dn: ${dn}\nchangetype: delete\n`);
  });

  async function addPerson(isStrict = false): Promise<{ name: string; dn: string }> {
    const name = `guess-${randomBytes(3).toString('hex')}`;
    const { n1 } = servers;
    const dn = `CN=${name},OU=Guests,${n1.baseDn}`;
    const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
    const values = `sAMAccountName: ${name}\nunicodePwd:: ${quoted}\nuserAccountControl: 512\nmail: ${name}@north.example.com\n`;
    await modify(n1, `dn: ${dn}\nchangetype: add\nobjectClass: user\n${values}`);
    added.push(dn);
    if (isStrict) await modify(n1, `dn: CN=strict,OU=Groups,${n1.baseDn}\nchangetype: modify\nadd: member\nmember: ${dn}\n`);
    await replicate('n1', 'n2');
    return { name, dn };
  }

  async function open(bindDn?: string): Promise<House> {
    const { n1, n2 } = servers;
    const options: HouseOptions = {
      directory: n1,
      ldap: { urls: [n1.url, n2.url], ...(bindDn !== undefined && { bindDn }) },
      config: {
        trustProxy: ['127.0.0.1'],
        throttle: { floor: '1ms', attemptsPerAddress: 1_000 },
        mapping: { source: 'mail', domains: { primary: 'north.example.com' } },
      },
    };
    const house = await openHouse(options);
    houses.push(house);
    return house;
  }

  /** A wrong password straight at one controller. */
  async function failAt(controller: 'n1' | 'n2', name: string): Promise<void> {
    const directory = openOneDomain(optionsFor(servers[controller]));
    await assert.rejects(directory.authenticate(await directory.find(name), 'wrong'), { reason: 'password-wrong' });
    await directory.close();
  }
  async function lockoutTimes(name: string): Promise<string[]> {
    const times: string[] = [];
    for (const controller of ['n1', 'n2'] as const) {
      const directory = openOneDomain({ ...optionsFor(servers[controller]), released: ['lockoutTime'] });
      times.push((await directory.find(name)).attributes.lockoutTime?.[0] ?? '0');
      await directory.close();
    }
    return times;
  }
  const signIn = (house: House, from: string, name: string, secret: string): Promise<Page> => {
    const visitor = new Visitor(house.url);
    visitor.forwardedFor = from;
    return visitor.signIn(name, secret);
  };
  const reached = (house: House): number => house.events.filter(({ reason }) => reason === 'password-wrong').length;
  const guess = async (house: House, name: string, times: number): Promise<void> => {
    for (let turn = 0; turn < times; turn += 1) {
      await signIn(
        house,
        `198.51.100.${String(turn)}`,
        turn % 2 === 0 ? name : `${name}@north.example.com`,
        `guess ${String(turn)}`,
      );
    }
  };

  it('counts in what either of them counted, and locks nobody', async () => {
    const { name } = await addPerson();
    const house = await open(servers.n1.administrator);
    responseOf(await signIn(house, '203.0.113.5', name, password));
    for (const controller of ['n1', 'n2', 'n2'] as const) await failAt(controller, name);
    // A failure of ours, so that the controllers are asked from then on, whichever told of the person.
    await guess(house, name, 8);
    assert.ok(reached(house) <= 1, String(reached(house)));
    responseOf(await signIn(house, '203.0.113.5', name, password));
    assert.deepEqual(await lockoutTimes(name), ['0', '0']);
  });

  it('keeps below the threshold of 3 of a fine-grained policy, which the service account may read', async () => {
    const { name } = await addPerson(true);
    const house = await open(servers.n1.administrator);
    await guess(house, name, 10);
    assert.equal(reached(house), 2);
    assert.deepEqual(await lockoutTimes(name), ['0', '0']);
    assert.deepEqual(
      house.notes.filter((note) => note.includes('fine-grained')),
      [],
    );
  });

  it('keeps below it also where the service account may not read it, and says so once', async () => {
    const { name } = await addPerson(true);
    const house = await open();
    await guess(house, name, 10);
    assert.equal(reached(house), 2);
    assert.deepEqual(await lockoutTimes(name), ['0', '0']);
    assert.equal(house.notes.filter((note) => note.includes('fine-grained')).length, 1);
  });
});

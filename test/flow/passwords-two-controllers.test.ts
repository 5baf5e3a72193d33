/** A password changed at one of two real domain controllers, of which the other has not yet heard. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Directory } from '../../src/directory/directory.ts';
import { refusedFor } from '../contract/directory.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { passingPeople, type PassingPeople, type PassingPerson } from '../fixtures/passing-people.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';
import { modify } from '../testbed/directory-server.ts';
import { forests, replicate, takeChanges, type Forests } from '../testbed/forests.ts';

const password = 'Passw0rd!';
const next = 'Quiet-Harbour-71';

let servers: Forests;
let people: PassingPeople;
let house: House;
/** Each asks one controller alone. */
let alone: { readonly n1: Directory; readonly n2: Directory };

before(async () => {
  servers = await forests();
  const { n1, n2 } = servers;
  people = passingPeople(n1);
  alone = { n1: openOneDomain(optionsFor(n1)), n2: openOneDomain(optionsFor(n2)) };
  house = await openHouse({ directory: n1, ldap: { urls: [n1.url, n2.url] } });
});
after(async () => {
  await house.close();
  await alone.n1.close();
  await alone.n2.close();
  await people.removeAll();
});

/** Somebody whom both controllers know, while they tell each other nothing more. */
async function apart(make: () => Promise<PassingPerson>, act: (person: PassingPerson) => Promise<void>): Promise<void> {
  const person = await make();
  await replicate('n1', 'n2');
  await takeChanges('n1', false);
  await takeChanges('n2', false);
  try {
    await act(person);
  } finally {
    await takeChanges('n1', true);
    await takeChanges('n2', true);
  }
}

/** Failed passwords that each controller has counted. */
const failures = ({ name }: PassingPerson): Promise<readonly number[]> =>
  Promise.all([alone.n1, alone.n2].map(async (one) => (await one.find(name)).account?.badPasswords?.count ?? 0));

async function knowersOf({ name }: PassingPerson, typed: string): Promise<readonly string[]> {
  const knowers: string[] = [];
  for (const [controller, directory] of Object.entries(alone)) {
    try {
      await directory.authenticate(await directory.find(name), typed);
      knowers.push(controller);
    } catch (error) {
      refusedFor('password-wrong', 'password-must-change')(error);
    }
  }
  return knowers;
}

async function change(visitor: Visitor, { name }: PassingPerson, current = password): Promise<void> {
  const { form } = await visitor.visit('/password');
  const typed = { name, password: current, next, repeat: next };
  const page = await visitor.post(form?.action ?? '', { ...form?.fields, ...typed });
  assert.equal(page.status, 200, JSON.stringify(house.events.at(-1)));
}

describe('a change that has reached one controller of two', () => {
  it('lets in by the new password at once, and raises no count of wrong ones', async () => {
    await apart(people.make, async (person) => {
      await change(new Visitor(house.url), person);
      for (let turn = 0; turn < 4; turn += 1) responseOf(await new Visitor(house.url).signIn(person.name, next));
      assert.deepEqual(await failures(person), [0, 0]);
      assert.equal((await knowersOf(person, next)).length, 1, 'one knows it, the other does not');
    });
  });

  it('does so after a restart, when nobody remembers who took it', async () => {
    await apart(people.make, async (person) => {
      await change(new Visitor(house.url), person);
      await house.restart();
      responseOf(await new Visitor(house.url).signIn(person.name, next));
    });
  });

  it('ends a sign-in that began with a password that had to be changed', async () => {
    await apart(people.makeMustChange, async (person) => {
      const visitor = new Visitor(house.url);
      const { form } = await visitor.signIn(person.name, password);
      assert.equal(form?.action, '/signin/new-password');
      const typed = { name: person.name, password, next, repeat: next };
      responseOf(await visitor.post(form.action, { ...form.fields, ...typed }));
      responseOf(await new Visitor(house.url).signIn(person.name, next));
      assert.deepEqual(await failures(person), [0, 0]);
    });
  });

  for (const by of ['n1', 'n2'] as const) {
    it(`can be followed by another one, where an administrator made it at ${by}`, async () => {
      await apart(people.make, async (person) => {
        const given = 'Given-by-the-desk-1';
        const quoted = Buffer.from(`"${given}"`, 'utf16le').toString('base64');
        await modify(servers[by], `dn: ${person.dn}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: ${quoted}\n`);
        await change(new Visitor(house.url), person, given);
        assert.deepEqual(await knowersOf(person, next), [by]);
        responseOf(await new Visitor(house.url).signIn(person.name, next));
      });
    });
  }
});

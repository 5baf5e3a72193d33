/** People and passwords that one of two real domain controllers knows, and the other does not yet. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Directory } from '../../src/directory/directory.ts';
import { refusedFor } from '../contract/directory.ts';
import { passingPeople, type PassingPeople } from '../fixtures/passing-people.ts';
import { modify } from '../testbed/directory-server.ts';
import { forests, replicate, takeChanges, type Forests } from '../testbed/forests.ts';
import { openOneDomain, optionsFor } from './options.ts';

const password = 'Passw0rd!';
const given = 'Given-by-the-desk-1';
const quoted = (text: string): string => Buffer.from(`"${text}"`, 'utf16le').toString('base64');

describe('two domain controllers of Samba that tell each other nothing', () => {
  let servers: Forests;
  let people: PassingPeople;
  let both: Directory;
  let alone: { readonly n1: Directory; readonly n2: Directory };
  const nameOf = (controller: 'n1' | 'n2'): string => new URL(servers[controller].url).hostname + ':636';

  before(async () => {
    servers = await forests();
    const { n1, n2 } = servers;
    people = passingPeople(n1);
    const open = (urls: readonly string[]) => openOneDomain({ ...optionsFor(n1), urls });
    both = open([n1.url, n2.url]);
    alone = { n1: open([n1.url]), n2: open([n2.url]) };
  });
  after(async () => {
    for (const controller of ['n1', 'n2'] as const) await takeChanges(controller, true);
    await Promise.all([both, alone.n1, alone.n2].map((directory) => directory.close()));
    await people.removeAll();
  });
  async function apart(act: () => Promise<void>): Promise<void> {
    for (const controller of ['n1', 'n2'] as const) await takeChanges(controller, false);
    try {
      await act();
    } finally {
      for (const controller of ['n1', 'n2'] as const) await takeChanges(controller, true);
    }
  }
  const failures = async (controller: 'n1' | 'n2', name: string): Promise<number> =>
    (await alone[controller].find(name)).account?.badPasswords?.count ?? 0;

  it('somebody who was made at one of them signs in, wherever the bind went first', async () => {
    await apart(async () => {
      const { name } = await people.make();
      const person = await alone.n1.find(name);
      assert.equal(person.server, nameOf('n1'));
      await assert.rejects(alone.n2.find(name), refusedFor('person-unknown'));
      for (const server of [nameOf('n1'), nameOf('n2')]) await both.authenticate({ ...person, server }, password);
      await assert.rejects(both.authenticate(person, 'wrong'), refusedFor('password-wrong'));
      assert.equal(await failures('n1', name), 1);
      assert.equal((await both.read(person)).objectGUID, person.objectGUID);
      await assert.rejects(alone.n2.authenticate(person, password), refusedFor('password-wrong'));
    });
  });

  it('a password that was given at one of them is taken, and a wrong one counts once', async () => {
    const { name, dn } = await people.make();
    await replicate('n1', 'n2');
    await apart(async () => {
      await modify(servers.n1, `dn: ${dn}\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: ${quoted(given)}\n`);
      const stale = await alone.n2.find(name);
      await both.authenticate(stale, given);
      assert.equal(await failures('n1', name), 0);
      const counts = async (): Promise<number> => (await failures('n1', name)) + (await failures('n2', name));
      const before = await counts();
      await assert.rejects(both.authenticate(await alone.n1.find(name), 'wrong'), refusedFor('password-wrong'));
      assert.equal((await counts()) - before, 1);
    });
  });

  it('the former person of a name is not taken for the one who was made in their place', async () => {
    const { name, dn } = await people.make();
    await replicate('n1', 'n2');
    const former = await alone.n2.find(name);
    await apart(async () => {
      await modify(servers.n1, `dn: ${dn}\nchangetype: delete\n`);
      await modify(
        servers.n1,
        `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nunicodePwd:: ${quoted(given)}\nuserAccountControl: 512\n`,
      );
      const person = await alone.n1.find(name);
      assert.notEqual(person.objectGUID, former.objectGUID);
      for (const server of [nameOf('n1'), 'gone.example.com:636']) {
        await assert.rejects(both.authenticate({ ...person, server }, password), refusedFor('password-wrong'));
        await both.authenticate({ ...person, server }, given);
      }
    });
  });
});

/** A person or password that one controller knows and another does not yet: right passwords are taken, wrong ones are tried once. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Directory } from '../../src/directory/directory.ts';
import { refusedFor } from '../contract/directory.ts';
import { openWindows, type HeldPerson, type WindowsDomain } from '../fixtures/windows-controllers.ts';
import { openStage } from './forest-stage.ts';
import { openOneDomain, optionsForDemo } from './options.ts';

const epoch = 11_644_473_600_000;
const written = (milliseconds: number): string => String(BigInt(milliseconds + epoch) * 10_000n);
const yesterday = written(Date.now() - 86_400_000);
const today = written(Date.now());
const guid = (letter: string): Buffer => Buffer.alloc(16, letter);
const held = (name: string, password: string, pwdLastSet = yesterday, objectGUID = guid(name[0] ?? '')): HeldPerson => ({
  name,
  password,
  attributes: { pwdLastSet, objectGUID },
});

describe('a global catalog that is ahead of a domain, or behind it', () => {
  it('knows somebody whom their own domain does not know: nobody is tried', async () => {
    const domains = [
      { dns: 'north.test', netbios: 'NORTH', people: [{ account: 'nora' }] },
      { dns: 'child.north.test', netbios: 'CHILD', people: [{ account: 'young' }] },
    ] as const;
    const stale = { 'young@child.north.test': { account: 'young', objectGUID: guid('y') } };
    const stage = await openStage([{ domains, catalog: true, stale }]);
    await assert.rejects(stage.directory.find('young'), refusedFor('person-not-replicated'));
    await stage.close();
  });
});

describe('two controllers, one of which is behind', () => {
  let domain: WindowsDomain;
  let directory: Directory;
  before(async () => {
    domain = await openWindows([
      [
        held('ordinary', 'right'),
        held('changed', 'new', today),
        held('made', 'right'),
        held('recreated', 'new', today, guid('R')),
      ],
      [held('ordinary', 'right'), held('changed', 'old'), held('recreated', 'old', yesterday, guid('r'))],
    ]);
    const { urls = [], bindDn = '', password = '' } = domain.ldap as { urls?: string[]; bindDn?: string; password?: string };
    directory = openOneDomain({ ...optionsForDemo(''), urls, bindDn, password });
  });
  after(async () => {
    await directory.close();
    await domain.close();
  });

  const bindsOf = (name: string): readonly number[] => domain.controllers.map((controller) => controller.binds(name));
  /** The person as one controller alone tells. */
  async function known(name: string, by: number) {
    const controller = domain.controllers[by]!;
    const { bindDn = '', password = '' } = domain.ldap as { bindDn?: string; password?: string };
    const alone = openOneDomain({ ...optionsForDemo(controller.url), bindDn, password });
    const person = await alone.find(name);
    await alone.close();
    assert.equal(person.server, controller.name);
    return person;
  }
  async function tried(name: string, by: number, asked: number, typed: string) {
    const person = { ...(await known(name, by)), server: domain.controllers[asked]!.name };
    const before = bindsOf(name);
    const outcome = await directory.authenticate(person, typed).then(
      () => 'taken',
      (error: unknown) => (refusedFor('password-wrong', 'person-not-replicated')(error), (error as { reason: string }).reason),
    );
    return { outcome, binds: bindsOf(name).map((count, place) => count - before[place]!) };
  }

  const rows: readonly (readonly [
    what: string,
    name: string,
    knownBy: number,
    asked: number,
    typed: string,
    outcome: string,
    binds: number[],
  ])[] = [
    ['a right password is tried where the person was found', 'ordinary', 1, 1, 'right', 'taken', [0, 1]],
    ['a wrong password is tried once', 'ordinary', 1, 1, 'wrong', 'password-wrong', [0, 1]],
    ['a new password is taken by the controller that knows it', 'changed', 0, 0, 'new', 'taken', [1, 0]],
    [
      'a new password that the controller does not know yet is tried where it was changed',
      'changed',
      1,
      1,
      'new',
      'taken',
      [1, 1],
    ],
    ['a wrong password is tried at the newer one alone', 'changed', 0, 0, 'wrong', 'password-wrong', [1, 0]],
    ['somebody whom the controller does not know yet is tried where they were made', 'made', 0, 1, 'right', 'taken', [1, 0]],
  ];
  for (const [what, name, knownBy, asked, typed, outcome, binds] of rows) {
    it(what, async () => assert.deepEqual(await tried(name, knownBy, asked, typed), { outcome, binds }));
  }

  it('the former person of a name is not taken for the new one, wherever the bind went', async () => {
    for (const asked of [0, undefined]) {
      // A controller that is not there any more leaves it to the others.
      const server = asked === undefined ? 'gone.example.com:636' : domain.controllers[asked]!.name;
      const person = { ...(await known('recreated', 0)), server };
      const former = { ...(await known('recreated', 1)), server };
      assert.notEqual(person.objectGUID, former.objectGUID);
      await assert.rejects(directory.authenticate(person, 'old'), refusedFor('password-wrong'));
      await directory.authenticate(person, 'new');
      await assert.rejects(directory.authenticate(former, 'neither'), refusedFor('password-wrong'));
    }
  });

  it('nobody costs what somebody with a wrong password costs', async () => {
    const count = (): number => domain.controllers.reduce((sum, { asked }) => sum + asked.length, 0);
    const person = await known('ordinary', 1);
    const before = count();
    await assert.rejects(directory.authenticate(person, 'wrong'), refusedFor('password-wrong'));
    const between = count();
    await assert.rejects(directory.authenticate(undefined, 'wrong'), refusedFor('password-wrong'));
    assert.equal(count() - between, between - before);
  });

  it('somebody whom only one controller knows is read there', async () => {
    const person = await known('made', 0);
    for (let turn = 0; turn < 4; turn += 1) {
      assert.equal((await directory.read(person)).objectGUID, person.objectGUID);
      const { groups } = await directory.readFurther(person, { bytes: [], groups: { nested: false, entries: false } });
      assert.deepEqual(groups, []);
    }
  });

  it('somebody whom no controller that answers knows is refused as such', async () => {
    const person = await known('made', 0);
    domain.controllers[0]!.stop();
    await assert.rejects(directory.authenticate(person, 'right'), refusedFor('person-not-replicated'));
  });
});

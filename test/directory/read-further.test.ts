/** Groups read for release, against a directory in memory: few searches, cycles, bounds, and what a token does not hold. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from 'ldapts';
import type { Entry, Search } from '../../src/directory/connection.ts';
import { refusedFor } from '../contract/directory.ts';
import type { RegisteredServiceProvider } from '../../src/service-providers/service-provider.ts';
import { createVerifyAccess } from '../../src/service-providers/access.ts';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { FurtherWanted, Person } from '../../src/directory/directory.ts';
import type { SearchEntries } from '../../src/directory/find-groups.ts';
import { createGroupMemory, type GroupEntry, type GroupMemory } from '../../src/directory/group-memory.ts';
import { readFurther } from '../../src/directory/read-further.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { clock } from './options.ts';

const person = 'CN=p,OU=Staff,DC=example,DC=com';
const known = { distinguishedName: person, objectGUID: '07070707-0707-0707-0707-070707070707' };
const group = (name: number | string): string => `CN=g${String(name)},OU=Groups,DC=example,DC=com`;

function sid(relative: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes[0] = 1;
  bytes[1] = 1;
  bytes[7] = 5;
  bytes.writeUInt32LE(relative, 8);
  return bytes;
}

interface World {
  /** Whom each entry is directly in. */
  readonly memberOf: Readonly<Record<string, readonly string[]>>;
  /** The SIDs of the person's token; empty where the directory has none. */
  readonly token?: readonly number[];
  /** Groups that are not found: elsewhere, or gone. */
  readonly missing?: readonly string[];
}

/** Groups have the SID of their number. */
async function read(
  { memberOf, token = [], missing = [] }: World,
  groups: NonNullable<FurtherWanted['groups']>,
  memory: GroupMemory = createGroupMemory(clock),
) {
  const searches: Search[] = [];
  const entryOf = (dn: string): Entry => ({
    dn,
    attributes: new Map<string, readonly Buffer[]>([
      ['memberof', (memberOf[dn] ?? []).map((value) => Buffer.from(value))],
      ['tokengroups', dn === person ? token.map(sid) : []],
      ...(token.length > 0 ? [['distinguishedname', [Buffer.from(dn)]] as const] : []),
      ['objectguid', dn === person ? [Buffer.alloc(16, 7)] : []],
      ['objectsid', [sid(Number(/g(\d+)/.exec(dn)?.[1]))]],
    ]),
  });
  const all = Object.keys(memberOf).filter((dn) => dn !== person && !missing.includes(dn));
  const search: SearchEntries = (search) => {
    searches.push(search);
    if (search.scope === 'base') return Promise.resolve([entryOf(person)]);
    const asked = search.filter.toString();
    const attribute = /\((\w+)=/.exec(asked)?.[1];
    const value = (dn: string): string => (attribute === 'objectSid' ? escaped(sid(Number(/g(\d+)/.exec(dn)?.[1]))) : dn);
    const isAsked = (dn: string): boolean => asked.includes(`(${attribute ?? ''}=${value(dn)})`);
    return Promise.resolve(all.filter(isAsked).map(entryOf));
  };
  const own = { search, root: 'DC=example,DC=com', everywhere: undefined, memory };
  const boundary = { ownsSid: () => true, groupOf: (group: GroupEntry) => group, silent: undefined };
  const foreign = () => Promise.resolve({ groups: [], incomplete: undefined });
  const further = await readFurther(known, { bytes: [], groups }, { own, boundary: () => Promise.resolve(boundary), foreign });
  return { names: further?.groups.map(({ dn, sid: text }) => /CN=(g\d+)/.exec(dn ?? '')?.[1] ?? text) ?? [], searches, further };
}
const escaped = (bytes: Buffer): string => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');

const nested = { nested: true, entries: true };
const direct = { nested: false, entries: true };

describe('groups without a token', () => {
  it('are climbed level by level, a search for each, once around a cycle', async () => {
    const memberOf = {
      [person]: [group(1), group(2)],
      [group(1)]: [group(3)],
      [group(2)]: [group(3), group(1)],
      [group(3)]: [group(4)],
      [group(4)]: [group(1), group(3)],
    };
    const { names, searches, further } = await read({ memberOf }, nested);
    assert.deepEqual(names, ['g1', 'g2', 'g3', 'g4']);
    assert.deepEqual(
      further?.groups.filter((one) => one.direct).map(({ dn }) => dn),
      [group(1), group(2)],
    );
    assert.equal(searches.length, 4);
    assert.deepEqual((await read({ memberOf }, direct)).names, ['g1', 'g2']);
  });

  it('are searched below the domain, wherever people are', async () => {
    const { searches } = await read({ memberOf: { [person]: [group(1)], [group(1)]: [] } }, direct);
    assert.deepEqual(
      searches.map(({ base }) => base),
      [person, 'DC=example,DC=com'],
    );
  });

  it('are asked for 200 at a time', async () => {
    const many = Array.from({ length: 450 }, (_, number) => group(number));
    const memberOf = { [person]: many, ...Object.fromEntries(many.map((dn) => [dn, []])) };
    const { names, searches } = await read({ memberOf }, direct);
    assert.equal(names.length, 450);
    assert.equal(searches.length, 1 + 3);
  });

  it('are followed 20 levels up and no further', async () => {
    const memberOf = {
      [person]: [group(0)],
      ...Object.fromEntries(Array.from({ length: 40 }, (_, n) => [group(n), [group(n + 1)]])),
    };
    const { names, further } = await read({ memberOf }, nested);
    assert.equal(names.length, 20);
    assert.equal(further?.incomplete?.reason, 'directory-refused');
  });

  it('that are gone are left out', async () => {
    const memberOf = { [person]: [group(1), group(2)], [group(1)]: [], [group(2)]: [] };
    assert.deepEqual((await read({ memberOf, missing: [group(2)] }, nested)).names, ['g1']);
  });
});

describe('groups of a token', () => {
  const memberOf = { [person]: [group(1), group(7)], [group(1)]: [group(2)], [group(2)]: [], [group(7)]: [] };

  it('cost one search where their SIDs are enough', async () => {
    const { names, searches } = await read({ memberOf, token: [1, 2, 9] }, { nested: true, entries: false });
    assert.deepEqual(names, ['S-1-5-1', 'S-1-5-2', 'S-1-5-9']);
    assert.equal(searches.length, 1);
  });

  it('come with those for mail alone, and with the bare SIDs of other domains', async () => {
    const { names, searches, further } = await read({ memberOf, token: [1, 2, 9] }, nested);
    assert.deepEqual(names, ['g1', 'g2', 'g7', 'S-1-5-9']);
    assert.equal(searches.length, 3);
    assert.deepEqual(
      further?.groups.map((one) => one.direct),
      [true, false, true, false],
    );
  });

  it('are read by name where those alone are wanted that hold the person directly', async () => {
    const { names, searches } = await read({ memberOf, token: [1, 2, 9] }, direct);
    assert.deepEqual(names, ['g1', 'g7']);
    assert.equal(searches.length, 2);
  });
});

describe('more groups than are read', () => {
  const many = Array.from({ length: 5_001 }, (_, number) => number);

  for (const [title, world] of [
    ['a token of 5,001', { memberOf: { [person]: [] }, token: many }],
    ['5,001 without a token', { memberOf: { [person]: many.map(group) } }],
  ] as const) {
    it(`admit nobody where some are excepted: ${title}`, async () => {
      const { further } = await read(world, { nested: true, entries: false });
      assert.ok(further?.incomplete);
      const verify = createVerifyAccess({ readFurther: () => Promise.resolve(further) });
      const admit = (access: RegisteredServiceProvider['access']): Promise<void> =>
        verify({ access } as RegisteredServiceProvider, {} as Person);
      await assert.rejects(admit({ except: ['S-1-5-5000'] }), refusedFor('directory-refused'));
      await assert.rejects(admit({ groups: ['S-1-5-5000'], except: [] }), refusedFor('directory-refused'));
    });
  }
});

describe('groups that were met before', () => {
  const many = Array.from({ length: 2_000 }, (_, number) => number);
  const crowd = { [person]: many.slice(0, 700).map(group), ...Object.fromEntries(many.map((number) => [group(number), []])) };

  it('cost one search of a person in 2,000 of them', async () => {
    const memory = createGroupMemory(clock);
    const first = await read({ memberOf: crowd, token: many }, nested, memory);
    assert.equal(first.names.length, 2_000);
    // Those of one wave run side by side: two round trips.
    assert.equal(first.searches.length, 1 + 10);
    const second = await read({ memberOf: crowd, token: many }, nested, memory);
    assert.equal(second.searches.length, 1);
    assert.deepEqual(second.further, first.further);
    assert.ok(!second.searches[0]?.attributes.includes('tokenGroups'));
  });

  it('make another token as soon as the person is in others', async () => {
    const memory = createGroupMemory(clock);
    const groups = { [group(1)]: [], [group(2)]: [], [group(3)]: [] };
    await read({ memberOf: { [person]: [group(1)], ...groups }, token: [1] }, nested, memory);
    const added = await read({ memberOf: { [person]: [group(1), group(2)], ...groups }, token: [1, 2, 3] }, nested, memory);
    assert.deepEqual(added.names, ['g1', 'g2', 'g3']);
    assert.equal(added.searches.length, 3);
    const removed = await read({ memberOf: { [person]: [], ...groups }, token: [9] }, nested, memory);
    assert.deepEqual(removed.names, ['S-1-5-9']);
  });

  it('are read again after five minutes', async () => {
    let now = 0;
    const memory = createGroupMemory({ now: () => now, until: () => Promise.resolve() });
    const memberOf = { [person]: [group(1)], [group(1)]: [], [group(2)]: [] };
    await read({ memberOf, token: [1, 2] }, nested, memory);
    now = 299_999;
    assert.deepEqual((await read({ memberOf, token: [1] }, nested, memory)).names, ['g1', 'g2']);
    now = 300_000;
    assert.deepEqual((await read({ memberOf, token: [1] }, nested, memory)).names, ['g1']);
  });

  it('are bounded, whoever comes', () => {
    const memory = createGroupMemory(clock);
    const sids = Array.from({ length: 5_000 }, (_, number) => `S-1-5-${String(number)}`);
    for (let number = 0; number < 200; number += 1) memory.keepToken(String(number), { sids, madeFrom: '' });
    const kept = Array.from({ length: 200 }, (_, number) => memory.token(String(number))).filter((token) => token !== undefined);
    assert.ok(kept.length > 50 && kept.length < 110, String(kept.length));
    assert.notEqual(memory.token('199'), undefined);
  });
});

describe('the demo directory', () => {
  it('computes tokenGroups for one entry alone, as Active Directory does', async () => {
    const demo = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
    const client = new Client({ url: demo.url });
    const base = 'DC=corp,DC=example,DC=com';
    await client.bind('svc-ldap@corp.example.com', 'Passw0rd!');
    const alice = `CN=alice,OU=Engineering,OU=Staff,${base}`;
    const explicitBufferAttributes = ['tokenGroups'];
    const { searchEntries } = await client.search(alice, {
      scope: 'base',
      attributes: ['tokenGroups'],
      explicitBufferAttributes,
    });
    assert.equal([searchEntries[0]?.tokenGroups].flat().length, 4);
    await assert.rejects(client.search(base, { scope: 'sub', attributes: ['tokenGroups'] }), /0x1/);
    const { searchEntries: whole } = await client.search(alice, { scope: 'base' });
    assert.equal(Object.hasOwn(whole[0] ?? {}, 'tokenGroups'), false);
    await client.unbind();
    await demo.close();
  });
});

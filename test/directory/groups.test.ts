/** The groups of people in real Active Directory forests: nested, primary, universal, across domains and forests, by the thousand. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { PresenceFilter } from 'ldapts';
import { openConnection } from '../../src/directory/connection.ts';
import type { Directory, PersonGroup } from '../../src/directory/directory.ts';
import { endpointOf } from '../../src/directory/endpoint.ts';
import { createLdapDirectory } from '../../src/directory/ldap-directory.ts';
import { groupName } from '../../src/service-providers/group-name.ts';
import { type ControllerServer, catalogue, forests, joinManyGroups, makeLargeGroup } from '../testbed/forests.ts';
import { clock } from './options.ts';

let directory: Directory;
let south: ControllerServer;
before(async () => {
  const { n1, n2, c1, s1 } = await forests();
  south = s1;
  await catalogue();
  const domain = ({ baseDn, bindDn, password }: ControllerServer, ...urls: readonly string[]) => ({
    baseDn,
    netbiosNames: [],
    account: { bindDn, password },
    controllers: urls.map((url) => ({ url, priority: 1 })),
  });
  const account = ({ bindDn, password, caFile }: ControllerServer) => ({
    bindDn,
    password,
    startTls: false,
    ca: () => readFileSync(caFile, 'utf8'),
  });
  directory = createLdapDirectory({
    forests: [
      {
        ...account(n1),
        name: n1.domain,
        globalCatalogs: [n1.gcUrl, n2.gcUrl],
        domains: [domain(n1, n1.url, n2.url), domain(c1, c1.url)],
      },
      { ...account(s1), name: s1.domain, globalCatalogs: [], domains: [domain(s1, s1.url)] },
    ],
    site: undefined,
    connectTimeout: 5_000,
    operationTimeout: 20_000,
    failoverAfter: 10_000,
    connections: 4,
    released: ['memberOf'],
    clock,
    random: randomBytes,
    note: () => undefined,
  });
});
after(() => directory.close());

const named = (groups: readonly PersonGroup[]): readonly string[] =>
  groups.flatMap(({ dn }) => groupName(dn ?? '') ?? []).toSorted();
const all = { bytes: [], groups: { nested: true, entries: true } };

describe('the groups of a person', () => {
  for (const [name, expected, absent] of [
    ['NORTH\\alice', ['all-staff', 'engineering', 'portal-users', 'Domain Users'], ['strict']],
    ['NORTH\\strictly', ['strict', 'Domain Users'], ['all-staff', 'portal-users']],
    // Of the child domain, and universal.
    ['child.north.example.com\\cleo', ['children', 'child-universal', 'everywhere', 'Domain Users'], ['all-staff']],
    // Of another forest: as a foreign security principal, and through a group that is one.
    ['SOUTH\\sasha', ['portal-users', 'Domain Users'], ['all-staff', 'southerners']],
    ['SOUTH\\sid', ['portal-users', 'southerners', 'Domain Users'], ['all-staff']],
  ] as const) {
    it(`${name}: ${expected.join(', ')}`, async () => {
      const person = await directory.find(name);
      const { groups } = await directory.readFurther(person, all);
      const names = named(groups);
      for (const one of expected) assert.ok(names.includes(one), `${one} is not among ${names.join(', ')}`);
      for (const one of absent) assert.ok(!names.includes(one), one);
      // The SIDs alone tell the same groups.
      const { groups: bare } = await directory.readFurther(person, { bytes: [], groups: { nested: true, entries: false } });
      const sids = new Set(bare.map(({ sid }) => sid));
      for (const { sid, dn } of groups) assert.ok(sids.has(sid), dn);
    });
  }

  it('are all there where they are 2,000, nested, as often as they are asked for', async () => {
    await joinManyGroups('s1', 'sid', 2_000, 4);
    const sid = await directory.find('SOUTH\\sid');
    for (let time = 0; time < 2; time += 1) {
      const { groups } = await directory.readFurther(sid, all);
      assert.ok(groups.length >= 2_000, String(groups.length));
      assert.equal(groups.filter(({ direct }) => direct).length, sid.attributes.memberOf?.length);
    }
  });
});

describe('a group of more members than one answer holds', () => {
  it('comes whole, though it is asked for in part', async () => {
    await makeLargeGroup('s1', 'multitude', 2_100);
    const connection = await openConnection(endpointOf(south.url, false), readFileSync(south.caFile, 'utf8'), 5_000, 20_000);
    try {
      assert.equal((await connection.bind(south.bindDn, south.password)).code, 0);
      const { entries } = await connection.search({
        base: south.baseDn,
        scope: 'sub',
        filter: new PresenceFilter({ attribute: 'member' }),
        attributes: ['member;range=0-499'],
        limit: 0,
      });
      const multitude = entries.find(({ dn }) => groupName(dn) === 'multitude');
      assert.equal(new Set(multitude?.attributes.get('member')?.map(String)).size, 2_100);
    } finally {
      connection.close();
    }
  });
});

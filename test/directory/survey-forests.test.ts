/** A survey of real Active Directory forests: NORTH with a child domain, and SOUTH, which trusts it and is trusted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Survey } from '../../src/directory/survey/survey.ts';
import { type ControllerServer, type Forests, forests } from '../testbed/forests.ts';
import type { TestDirectory } from '../testbed/demo-ldif.ts';
import { groupNamed, membersOf, oneForest, surveyOf } from './survey-options.ts';

type Declared = Omit<TestDirectory, 'groups'> & {
  readonly upnSuffixes?: readonly string[];
  readonly groups: readonly { readonly name: string; readonly scope?: string; readonly members: readonly string[] }[];
};

const declared = (name: string): Declared =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../testbed/directory-${name}.json`), 'utf8')) as Declared;

const domains = [
  { name: 'north', dnsDomain: 'north.example.com', prefix: 'NORTH', ...declared('north') },
  { name: 'child', dnsDomain: 'child.north.example.com', prefix: 'CHILD', ...declared('child') },
  { name: 'south', dnsDomain: 'south.example.net', prefix: 'SOUTH', ...declared('south') },
];

const domainOf = ({ baseDn, url, bindDn, password }: ControllerServer) => ({
  baseDn,
  account: { bindDn, password },
  netbiosNames: [],
  controllers: [{ url, priority: 1 }],
});

const ofForest = (root: ControllerServer, ...others: readonly ControllerServer[]) =>
  oneForest([], root.baseDn, {
    name: root.domain,
    caFile: root.caFile,
    bindDn: root.bindDn,
    password: root.password,
    globalCatalogs: [root.gcUrl],
    domains: [root, ...others].map(domainOf),
  });

describe('a survey of two forests', () => {
  let servers: Forests;
  let survey: Survey;
  before(async () => {
    servers = await forests();
    survey = await surveyOf([ofForest(servers.n1, servers.c1), ofForest(servers.s1)]);
  });

  it('tells domains and the names of each forest', () => {
    assert.deepEqual(
      survey.forests.map(({ name, isActiveDirectory, hasCatalog, suffixes, domains: own }) => [
        name,
        isActiveDirectory,
        hasCatalog,
        suffixes,
        own.map(({ dnsDomain, netbiosName }) => [dnsDomain, netbiosName]),
      ]),
      [
        [
          'north.example.com',
          true,
          true,
          [...(domains[0]?.upnSuffixes ?? [])].sort(),
          [
            ['child.north.example.com', servers.c1.netbios],
            ['north.example.com', servers.n1.netbios],
          ],
        ],
        ['south.example.net', true, true, ['south.test'], [['south.example.net', servers.s1.netbios]]],
      ],
    );
    assert.deepEqual(
      survey.domains.map(({ forest, dnsDomain, root, server }) => [forest, dnsDomain, root, server]),
      [servers.n1, servers.c1, servers.s1].map(({ domain, baseDn, url }, at) => [
        at === 2 ? 1 : 0,
        domain,
        baseDn,
        new URL(url).host,
      ]),
    );
  });

  it('tells the trusts as they are', () => {
    const between = { direction: 'both', kind: 'forest', transitive: true, selective: false };
    // The child of the tests was joined without a trust.
    assert.deepEqual(
      survey.forests.map(({ trusts }) => trusts),
      [
        [{ partner: 'south.example.net', domain: 'north.example.com', ...between }],
        [{ partner: 'north.example.com', domain: 'south.example.net', ...between }],
      ],
    );
  });

  for (const [place, { name, dnsDomain, users, services, groups }] of domains.entries()) {
    it(`gives the people of ${name}, each in their own domain`, () => {
      const own = survey.people.filter((person) => person.place === place);
      assert.ok(own.every(({ domain }) => domain === dnsDomain));
      const names = own.map(({ sAMAccountName }) => sAMAccountName);
      const expected = [...users, ...services].map((person) => person.name);
      assert.deepEqual(
        expected.filter((one) => names.filter((other) => other === one).length !== 1),
        [],
      );
    });

    it(`gives the groups of ${name} with members of other domains and forests`, () => {
      for (const { name: group, scope = 'global', members } of groups) {
        const found = groupNamed(survey, group, place);
        assert.equal(found?.scope, scope.replace('-', ' '), group);
        const plain = members.map((member) => member.replace(/^.*\\/, ''));
        assert.deepEqual([...membersOf(survey, found)].sort(), plain.sort(), group);
        assert.deepEqual(found.outsiders, { foreign: 0, computer: 0, contact: 0, elsewhere: 0 }, group);
      }
    });
  }

  it('knows a foreign security principal as the person of that forest, not of that name', () => {
    const portal = groupNamed(survey, 'portal-users', 0);
    const places = [...(portal?.people ?? [])].map((at) => survey.people[at]?.place);
    assert.deepEqual(places, [2]);
    assert.deepEqual(
      [...(portal?.groups ?? [])]
        .map((at) => survey.groups[at])
        .map((group) => [group?.sAMAccountName, group?.place])
        .sort(),
      [
        ['all-staff', 0],
        ['everywhere', 0],
        ['southerners', 2],
      ],
    );
  });

  it('counts it as foreign where that forest is not read, and whoever lies in a domain that is not, as elsewhere', async () => {
    const alone = await surveyOf([ofForest(servers.n1)]);
    assert.deepEqual(groupNamed(alone, 'portal-users')?.outsiders, { foreign: 2, computer: 0, contact: 0, elsewhere: 0 });
    const everywhere = groupNamed(alone, 'everywhere');
    assert.deepEqual(everywhere?.outsiders, { foreign: 0, computer: 0, contact: 0, elsewhere: 2 });
    assert.deepEqual([...everywhere.someOutsiders].sort(), ['child-universal', 'cleo']);
    assert.ok(alone.people.every(({ domain }) => domain === 'north.example.com'));
  });
});

/** Surveys of the demo directory, OpenLDAP and Samba's Active Directory. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type DemoDirectory, createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';
import { modify } from '../testbed/directory-server.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';
import { surveyContract } from '../contract/survey.ts';
import { clock } from './options.ts';
import { account, groupNamed, membersOf, oneForest, surveyOf } from './survey-options.ts';

const forestOf = (server: DirectoryServer, baseDn = server.baseDn) =>
  oneForest([server.url], baseDn, { caFile: server.caFile, bindDn: server.bindDn, password: server.password });

const demos: DemoDirectory[] = [];
after(() => Promise.all(demos.map((demo) => demo.close())));

async function demo(ldif: string): Promise<DemoDirectory> {
  const started = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
  demos.push(started);
  return started;
}

surveyContract('a survey of the demo directory', async () => {
  const { url, baseDn } = await demo(demoLdif());
  return { forest: oneForest([url], baseDn), kind: 'openldap', dnsDomain: 'corp.example.com' };
});

surveyContract('a survey of OpenLDAP', async () => ({
  forest: forestOf(await openldap()),
  kind: 'openldap',
  dnsDomain: 'ldap.example.com',
}));

surveyContract('a survey of an Active Directory', async () => ({
  forest: forestOf(await samba()),
  kind: 'active-directory',
  dnsDomain: 'corp.example.com',
}));

describe('a survey', () => {
  it('of the directory of the demo finds its people and groups', async () => {
    const { url, baseDn, accounts } = await demo(
      readFileSync(join(import.meta.dirname, '../../src/demo/directory.ldif'), 'utf8'),
    );
    const forest = oneForest([url], baseDn, { bindDn: 'svc-passerelle@corp.example.com', password: 'demo-Passw0rd' });
    const survey = await surveyOf([forest]);
    assert.deepEqual(
      survey.people.map(({ distinguishedName }) => distinguishedName).toSorted(),
      accounts.map(({ distinguishedName }) => distinguishedName).toSorted(),
    );
    assert.deepEqual(membersOf(survey, groupNamed(survey, 'engineering')), ['ada', 'grace']);
    assert.equal(survey.units.length, 3);
  });

  it('of people alone reads nothing else', async () => {
    const { url, baseDn } = await demo(demoLdif());
    const survey = await surveyOf([oneForest([url], baseDn)], { whole: false });
    assert.ok(survey.people.length > 20);
    assert.deepEqual([survey.groups, survey.units], [[], []]);
  });

  it('counts whom two bases of a forest have once, at the first', async () => {
    const { url, baseDn } = await demo(demoLdif());
    const [alone] = [await surveyOf([oneForest([url], baseDn)])];
    const bases = [`OU=Staff,${baseDn}`, baseDn];
    const controllers = [{ url, priority: 1 }];
    const domains = bases.map((one) => ({ baseDn: one, netbiosNames: [], controllers }));
    const survey = await surveyOf([oneForest([url], baseDn, { domains })]);
    assert.equal(survey.people.length, alone.people.length);
    assert.deepEqual(new Set(survey.people.map(({ place }) => place)), new Set([0, 1]));
    assert.equal(survey.people.find(({ sAMAccountName }) => sAMAccountName === 'alice')?.place, 0);
    assert.equal(survey.groups.length, alone.groups.length);
    assert.equal(survey.units.length, alone.units.length);
    assert.deepEqual(membersOf(survey, groupNamed(survey, 'sales')), ['carol', 'dave', 'zoe']);
  });

  it('of a base that is missing is refused', async () => {
    const { url, baseDn } = await demo(demoLdif());
    await assert.rejects(surveyOf([oneForest([url], `OU=Nowhere,${baseDn}`)]), { reason: 'directory-refused' });
  });

  it('of an Active Directory tells its names, scopes, containers and what the system made', async () => {
    const survey = await surveyOf([forestOf(await samba())]);
    const [forest] = survey.forests;
    assert.equal(forest?.name, 'corp.example.com');
    assert.deepEqual(forest.domains, [{ dnsDomain: 'corp.example.com', netbiosName: 'CORP' }]);
    assert.deepEqual(forest.suffixes, ['corp.local', 'elsewhere.net', 'example.com', 'example.org']);
    const kinds = ['engineering', 'Administrators', 'Enterprise Admins'].map((name) => {
      const group = groupNamed(survey, name);
      return [group?.scope, group?.type, group?.builtIn, group?.rid !== undefined];
    });
    assert.deepEqual(kinds, [
      ['global', 'security', false, true],
      ['domain local', 'security', true, true],
      ['universal', 'security', true, true],
    ]);
    const administrator = survey.people.find(({ rid }) => rid === 500);
    assert.deepEqual([administrator?.isCriticalSystemObject, administrator?.primaryGroup], [true, 513]);
    assert.ok(Date.now() - (administrator?.whenCreated ?? 0) > 0);
    assert.deepEqual(groupNamed(survey, 'IIS_IUSRS')?.someOutsiders, ['S-1-5-17']);
    assert.equal(groupNamed(survey, 'IIS_IUSRS')?.outsiders.foreign, 1);
    const users = survey.units.find(({ distinguishedName }) => distinguishedName.startsWith('CN=Users,'));
    assert.equal(users?.kind, 'container');
    assert.ok(!survey.people.some(({ sAMAccountName }) => sAMAccountName?.endsWith('$')));
  });

  it('tells computers and contacts among the members, and gives groups of names', async () => {
    const server = await openldap();
    const unit = `ou=Survey,${server.baseDn}`;
    const guid = (at: number): string => Buffer.alloc(16, at).toString('base64');
    const entry = (name: string, lines: readonly string[]): string =>
      [`dn: cn=${name},${unit}`, 'changetype: add', `cn: ${name}`, ...lines, '', ''].join('\n');
    const members = ['pc', 'friend', 'somebody', 'team'].map((name) => `member: cn=${name},${unit}`);
    const added = ['pc', 'friend', 'somebody', 'holders', 'team'];
    const remove = [...added.map((name) => `cn=${name},`), '']
      .map((name) => `dn: ${name}${unit}\nchangetype: delete\n\n`)
      .join('');
    await modify(server, remove).catch(() => undefined);
    await modify(
      server,
      [
        `dn: ${unit}\nchangetype: add\nobjectClass: organizationalUnit\nou: Survey\n\n`,
        entry('pc', ['objectClass: computer', 'sn: pc', `objectGUID:: ${guid(1)}`]),
        entry('friend', ['objectClass: contact', 'sn: friend', `objectGUID:: ${guid(2)}`]),
        entry('somebody', ['objectClass: inetOrgPerson', 'sn: somebody', 'mail: somebody@example.com', 'employeeType: guest']),
        entry('team', ['objectClass: groupOfNames', `member: CN=Somebody, ${unit}`]),
        entry('holders', ['objectClass: groupOfNames', ...members, `member: cn=nobody,${unit}`]),
      ].join(''),
    );
    try {
      const survey = await surveyOf([forestOf(server)]);
      const holders = groupNamed(survey, 'holders');
      assert.deepEqual(holders?.outsiders, { foreign: 0, computer: 1, contact: 1, elsewhere: 1 });
      assert.deepEqual(holders.someOutsiders, ['friend', 'nobody', 'pc']);
      assert.deepEqual([holders.scope, holders.type], [undefined, undefined]);
      const [place = -1] = holders.people;
      const somebody = survey.people[place];
      assert.deepEqual([somebody?.mail, somebody?.employeeType, holders.people.length], ['somebody@example.com', 'guest', 1]);
      assert.deepEqual([...(groupNamed(survey, 'team')?.people ?? [])], [place]);
      assert.deepEqual(
        [...holders.groups].map((at) => survey.groups[at]?.cn),
        ['team'],
      );
      assert.match(somebody?.objectGUID ?? '', /^[0-9a-f-]{36}$/);
    } finally {
      await modify(server, remove);
    }
  });

  it('is refused to whoever may not read', async () => {
    const { url, baseDn } = await demo(demoLdif());
    await assert.rejects(surveyOf([oneForest([url], baseDn, { ...account, password: 'wrong' })]), {
      reason: 'directory-refused',
    });
  });
});

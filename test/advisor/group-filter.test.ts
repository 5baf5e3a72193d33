/** The proposed filter, asked of real directories: it finds as many groups as the advice says, and the very ones. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { decideGroups } from '../../src/advisor/groups/decide-groups.ts';
import { familiesOf, leftOut, proposeFilter } from '../../src/advisor/groups/group-filter.ts';
import { nameGroups } from '../../src/advisor/groups/name-groups.ts';
import { prepareMapping } from '../../src/mapping/prepare-mapping.ts';
import { type DirectoryServer, modify } from '../testbed/directory-server.ts';
import { openldap } from '../testbed/openldap.ts';
import { samba } from '../testbed/samba.ts';
import { oneForest, surveyOf } from '../directory/survey-options.ts';
import { adviseGivenGroups } from './advise-given-groups.ts';
import { type GivenGroup, makeMapping, makeSurvey } from './make-survey.ts';

const run = promisify(execFile);

/** Entries as lists of lines `attribute: value`, their names first. */
async function search(server: DirectoryServer, base: string, filter: string, ...attributes: string[]) {
  const { stdout } = await run(
    'ldapsearch',
    [
      '-LLL',
      '-x',
      '-o',
      'ldif-wrap=no',
      '-E',
      'pr=500/noprompt',
      '-H',
      server.url,
      '-D',
      server.bindDn,
      '-w',
      server.password,
      '-b',
      base,
      filter,
      ...attributes,
    ],
    { env: { ...process.env, LDAPTLS_CACERT: server.caFile }, maxBuffer: 1 << 24 },
  );
  return stdout
    .split('\n\n')
    .map((entry) => entry.split('\n').filter((line) => line.startsWith('dn:') || /^\w+:/.test(line)))
    .filter(([first]) => first?.startsWith('dn:') === true);
}

const scopes = { 2: 'global', 4: 'domain local', 8: 'universal' } as const;

function toGroup(lines: readonly string[]): GivenGroup {
  const valueOf = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const text = valueOf('groupType');
  const bits = Number(text ?? 0);
  const scope = ([2, 8, 4] as const).find((bit) => (bits & bit) !== 0);
  const elsewhere = lines.filter((line) => line.startsWith('member:')).length;
  return {
    distinguishedName: lines[0] ?? '',
    mail: undefined,
    scope: scope === undefined ? undefined : scopes[scope],
    type: text === undefined ? undefined : bits < 0 ? 'security' : 'distribution',
    builtIn: (bits & 1) !== 0 || valueOf('isCriticalSystemObject') === 'TRUE',
    outsiders: { elsewhere },
  };
}

const allGroups = '(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))';
const namesOf = (entries: readonly (readonly string[])[]): readonly string[] => entries.map(([dn]) => dn ?? '').sort();

/** Other tests make groups there meanwhile: it is asked again until the groups before and after are the same. */
async function asked(server: DirectoryServer, base: string, isActiveDirectory: boolean, bringLists?: boolean) {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const read = () => search(server, base, allGroups, 'groupType', 'isCriticalSystemObject', 'member');
    const earlier = await read();
    const survey = makeSurvey({ forests: [{ name: 'corp.example.com', isActiveDirectory }], groups: earlier.map(toGroup) });
    const families = familiesOf(survey);
    const mapping = makeMapping();
    const named = (by: 'cn' | 'mail') =>
      nameGroups(survey.groups, () => ({ by, domain: 'example.com' }), prepareMapping(mapping));
    const decided = decideGroups(survey, families, { cn: named('cn'), mail: named('mail') }, new Set(), 'example.com');
    const choice = { ...decided, distribution: bringLists ?? decided.distribution };
    const proposal = proposeFilter(survey, families, choice);
    const found = namesOf(await search(server, base, proposal.filter, '1.1'));
    if (JSON.stringify(await read()) !== JSON.stringify(earlier)) continue;
    const expected = survey.groups
      .filter((group, place) => leftOut(group, families.of[place], choice) === undefined)
      .map(({ distinguishedName }) => distinguishedName)
      .sort();
    return { proposal, found, expected, total: earlier.length };
  }
  throw new Error('the directory does not come to rest');
}

/** Groups of every kind, in a unit of their own. */
const unitOf = (server: DirectoryServer): string => `OU=Advised ${String(process.pid)},${server.baseDn}`;
const kinds: readonly (readonly [name: string, groupType: string | undefined, hasMembers: boolean])[] = [
  ['global', '-2147483646', true],
  ['universal', '-2147483640', true],
  ['local', '-2147483644', true],
  ['global list', '2', true],
  ['universal list', '8', true],
  ['local list', '4', true],
  ['empty', '-2147483646', false],
];
const make = (server: DirectoryServer, isActiveDirectory: boolean): string =>
  [
    `dn: ${unitOf(server)}\nchangetype: add\nobjectClass: organizationalUnit\n`,
    ...[...kinds, ...(isActiveDirectory ? [] : [['untyped', undefined, true] as const])].map(([name, groupType, hasMembers]) =>
      [
        `dn: CN=advised ${name},${unitOf(server)}`,
        'changetype: add',
        'objectClass: group',
        `sAMAccountName: advised-${name.replaceAll(' ', '-')}-${String(process.pid)}`,
        ...(isActiveDirectory ? [] : [`cn: advised ${name}`]),
        ...(groupType === undefined ? [] : [`groupType: ${groupType}`]),
        ...(hasMembers ? [`member: ${isActiveDirectory ? `CN=Administrator,CN=Users,${server.baseDn}` : server.bindDn}`] : []),
        '',
      ].join('\n'),
    ),
    ...(isActiveDirectory
      ? []
      : [
          `dn: CN=advised critical,${unitOf(server)}\nchangetype: add\nobjectClass: group\ncn: advised critical\ngroupType: -2147483646\nisCriticalSystemObject: TRUE\nmember: ${server.bindDn}\n`,
        ]),
  ].join('\n');
const remove = (server: DirectoryServer, isActiveDirectory: boolean): string =>
  [
    ...[...kinds.map(([name]) => name), ...(isActiveDirectory ? [] : ['untyped', 'critical'])].map(
      (name) => `dn: CN=advised ${name},${unitOf(server)}\nchangetype: delete\n`,
    ),
    `dn: ${unitOf(server)}\nchangetype: delete\n`,
  ].join('\n');

const sorts: readonly (readonly [
  title: string,
  start: () => Promise<DirectoryServer>,
  isActiveDirectory: boolean,
  found: number,
])[] = [
  ['Active Directory', samba, true, 2],
  ['an OpenLDAP with groupType', openldap, false, 3],
];
for (const [title, start, isActiveDirectory, count] of sorts) {
  describe(`the filter for ${title}`, () => {
    let server: DirectoryServer;
    before(async () => {
      server = await start();
      await modify(server, make(server, isActiveDirectory));
    });
    after(() => modify(server, remove(server, isActiveDirectory)));

    for (const bringLists of [false, true]) {
      it(`finds what is counted, ${bringLists ? 'with' : 'without'} distribution lists`, async () => {
        const ours = await asked(server, unitOf(server), isActiveDirectory, bringLists);
        assert.equal(ours.proposal.finds, bringLists ? count + 2 : count);
        assert.deepEqual(ours.found, ours.expected);
      });
    }

    it('finds what is counted in a reading of the whole directory', async () => {
      const { bindDn, password, caFile } = server;
      const read = () => surveyOf([oneForest([server.url], server.baseDn, { bindDn, password, caFile })]);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const survey = await read();
        const { proposal, total } = adviseGivenGroups(survey);
        const found = await search(server, server.baseDn, proposal.filter, '1.1');
        const names = ({ groups }: typeof survey) => groups.map(({ distinguishedName }) => distinguishedName).sort();
        if (JSON.stringify(names(await read())) !== JSON.stringify(names(survey))) continue;
        assert.equal(proposal.finds, found.length);
        assert.equal(
          proposal.leavesOut.reduce((sum, reason) => sum + reason.count, found.length),
          total,
        );
        return;
      }
      assert.fail('the directory does not come to rest');
    });
  });
}

describe('the filter for an OpenLDAP without groupType', () => {
  it('finds what is counted', async () => {
    const server = await openldap();
    const { proposal, found, expected, total } = await asked(server, `OU=Groups,${server.baseDn}`, false);
    assert.doesNotMatch(proposal.filter, /groupType/);
    assert.deepEqual(found, expected);
    assert.equal(proposal.finds, found.length);
    assert.ok(found.length > 0 && found.length < total);
  });
});

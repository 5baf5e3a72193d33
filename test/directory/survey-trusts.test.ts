/** Trusts of every kind, and the groups and members of odd entries, as a survey of a small directory tells them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DemoDirectory, createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { Survey } from '../../src/directory/survey/survey.ts';
import { clock } from './options.ts';
import { groupNamed, oneForest, surveyOf } from './survey-options.ts';

const base = 'DC=corp,DC=example,DC=com';

interface Row {
  readonly cn: string;
  readonly direction: number;
  readonly type: number;
  readonly attributes: number;
  readonly partner?: string;
  readonly expected: readonly [partner: string, direction: string, kind: string, transitive: boolean, selective: boolean];
}

// MS-ADTS §6.1.6.7.9, .12 and .15
const trusts: readonly Row[] = [
  {
    cn: 'a',
    direction: 3,
    type: 2,
    attributes: 0x20,
    partner: 'Child.corp.example.com',
    expected: ['child.corp.example.com', 'both', 'within', true, false],
  },
  {
    cn: 'b',
    direction: 1,
    type: 2,
    attributes: 0x8,
    partner: 'd.example',
    expected: ['d.example', 'inbound', 'forest', true, false],
  },
  {
    cn: 'c',
    direction: 2,
    type: 2,
    attributes: 0x18,
    partner: 'e.example',
    expected: ['e.example', 'outbound', 'forest', true, true],
  },
  {
    cn: 'd',
    direction: 0,
    type: 2,
    attributes: 0x4,
    partner: 'f.example',
    expected: ['f.example', 'disabled', 'external', false, false],
  },
  { cn: 'e', direction: 2, type: 1, attributes: 0x1, partner: 'NT4', expected: ['nt4', 'outbound', 'external', false, false] },
  {
    cn: 'f',
    direction: 1,
    type: 3,
    attributes: 0x1,
    partner: 'REALM.EXAMPLE',
    expected: ['realm.example', 'inbound', 'realm', false, false],
  },
  { cn: 'z.example', direction: 1, type: 3, attributes: 0, expected: ['z.example', 'inbound', 'realm', true, false] },
];

const scopes: readonly (readonly [
  groupType: string | undefined,
  scope: string | undefined,
  type: string | undefined,
  builtIn: boolean,
])[] = [
  ['-2147483646', 'global', 'security', false],
  ['-2147483644', 'domain local', 'security', false],
  ['-2147483640', 'universal', 'security', false],
  ['-2147483643', 'domain local', 'security', true],
  ['2', 'global', 'distribution', false],
  ['4', 'domain local', 'distribution', false],
  ['8', 'universal', 'distribution', false],
  ['nonsense', undefined, undefined, false],
  [undefined, undefined, undefined, false],
];

const entry = (dn: string, ...lines: readonly string[]): string => [`dn: ${dn},${base}`, ...lines, '', ''].join('\n');

const ldif = [
  `dn: ${base}\nobjectClass: domain\n\n`,
  entry('CN=System', 'objectClass: container'),
  ...trusts.map(({ cn, direction, type, attributes, partner }) =>
    entry(
      `CN=${cn},CN=System`,
      'objectClass: trustedDomain',
      `cn: ${cn}`,
      `trustDirection: ${String(direction)}`,
      `trustType: ${String(type)}`,
      `trustAttributes: ${String(attributes)}`,
      ...(partner === undefined ? [] : [`trustPartner: ${partner}`]),
    ),
  ),
  ...scopes.map(([groupType], at) =>
    entry(
      `CN=g${String(at)}`,
      'objectClass: group',
      `cn: g${String(at)}`,
      ...(groupType === undefined ? [] : [`groupType: ${groupType}`]),
    ),
  ),
  entry(
    'CN=svc-ldap',
    'objectClass: user',
    'sAMAccountName: svc-ldap',
    'userPassword: Passw0rd!',
    'servicePrincipalName: HTTP/x',
  ),
  entry('OU=Staff', 'objectClass: organizationalUnit'),
  entry('CN=Shelf,OU=Staff', 'objectClass: container'),
  entry(
    'CN=one\\, two,CN=Shelf,OU=Staff',
    'objectClass: user',
    'sAMAccountName: one',
    'proxyAddresses: smtp:second@example.com',
    'proxyAddresses: SMTP:First@example.com',
    'proxyAddresses: X500:/o=x',
    'targetAddress: SMTP:away@example.net',
    'whenCreated: 20200102030405.0Z',
    'userAccountControl: 66048',
    'primaryGroupID: 513',
  ),
  entry(
    'CN=odd',
    'objectClass: group',
    'cn: odd',
    `member: cn=ONE\\2C Two, cn=shelf,ou=staff,${base}`,
    `member: CN=S-1-5-11,CN=ForeignSecurityPrincipals,${base}`,
    'member: not a name',
    `member: CN=gone\\0ADEL:1,CN=Deleted Objects,${base}`,
  ),
].join('');

describe('a survey of a small directory', () => {
  let demo: DemoDirectory;
  let survey: Survey;
  before(async () => {
    demo = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
    survey = await surveyOf([oneForest([demo.url], base)]);
  });
  after(() => demo.close());

  for (const { cn, expected } of trusts) {
    it(`tells the trust ${cn}: ${expected.join(' ')}`, () => {
      const found = survey.forests[0]?.trusts.filter(({ partner }) => partner === expected[0]);
      assert.deepEqual(
        found?.map(({ partner, direction, kind, transitive, selective, domain }) => [
          partner,
          direction,
          kind,
          transitive,
          selective,
          domain,
        ]),
        [[...expected, 'corp.example.com']],
      );
    });
  }

  for (const [at, [groupType, scope, type, builtIn]] of scopes.entries()) {
    it(`reads groupType ${groupType ?? '(none)'}`, () => {
      const group = groupNamed(survey, `g${String(at)}`);
      assert.deepEqual([group?.scope, group?.type, group?.builtIn], [scope, type, builtIn]);
    });
  }

  it('tells what people from other accounts', () => {
    const one = survey.people.find(({ sAMAccountName }) => sAMAccountName === 'one');
    assert.deepEqual(
      [
        one?.primarySmtp,
        one?.otherSmtps,
        one?.targetAddress,
        one?.whenCreated,
        one?.userAccountControl,
        one?.primaryGroup,
        one?.hasServicePrincipalName,
      ],
      ['First@example.com', ['second@example.com'], 'SMTP:away@example.net', Date.UTC(2020, 0, 2, 3, 4, 5), 66_048, 513, false],
    );
    assert.equal(survey.people.find(({ sAMAccountName }) => sAMAccountName === 'svc-ldap')?.hasServicePrincipalName, true);
  });

  it('tells units, and containers that hold people, but not the domain', () => {
    assert.deepEqual(
      survey.units.map(({ distinguishedName, kind }) => [distinguishedName, kind]),
      [
        [`CN=Shelf,OU=Staff,${base}`, 'container'],
        [`OU=Staff,${base}`, 'unit'],
      ],
    );
  });

  it('knows a member however its name is spelt, and names those that are nobody', () => {
    const odd = groupNamed(survey, 'odd');
    assert.deepEqual(
      [...(odd?.people ?? [])].map((place) => survey.people[place]?.sAMAccountName),
      ['one'],
    );
    assert.deepEqual(odd?.outsiders, { foreign: 1, computer: 0, contact: 0, elsewhere: 2 });
    assert.deepEqual(odd.someOutsiders, ['S-1-5-11', 'gone\nDEL:1', 'not a name']);
  });
});

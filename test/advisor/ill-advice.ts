/** A report of a large company that grew by mergers: four forests, every kind of trouble, lists longer than a page shows. */
import type { AccountKind, Advice, AdvisedUnit, Mending, Trouble } from '../../src/advisor/advice.ts';
import { candidate, count, domain, group, guid, none, standing, unit, who } from './advice-parts.ts';
import { emptyAdvice } from './empty-advice.ts';

const people = 18_400;
const refused = [
  ['no-mail', 2_310],
  ['address-not-in-domains', 1_204],
  ['address-not-unique', 212],
  ['not-an-email-address', 17],
] as const;
const name = (index: number): string => `person${String(index).padStart(5, '0')}`;
const refusedPeople = refused.flatMap(([reason, amount]) => count(amount).map(() => reason));

const trouble = (index: number): Trouble =>
  (['without-value', 'foreign-domain', 'duplicate', 'unregistrable-domain', 'against-guidelines'] as const)[index % 5]!;
const mending = (index: number): Mending => ({
  ...who(name(index), index),
  trouble: trouble(index),
  attribute: 'userPrincipalName',
  now: index % 5 === 0 ? null : `${name(index)}@old-company.example`,
  proposed: index % 3 === 0 ? null : `${name(index)}@example.com`,
  powershell:
    index % 3 === 0
      ? `Get-ADUser -Identity '${guid(index)}' -Server 'corp.example.com' -Properties userPrincipalName, mail, proxyAddresses`
      : `Set-ADUser -Identity '${guid(index)}' -UserPrincipalName '${name(index)}@example.com' -Server 'corp.example.com'`,
});
const holder = (index: number, kind: AccountKind = 'person') => ({ ...who(name(index), index), kind });
const chain = (deep: number, at = 1, path = ''): AdvisedUnit => {
  const called = `Level ${String(at)}`;
  return unit(called, at === deep ? 12 : 0, at === deep ? [] : [chain(deep, at + 1, `${path}/${called}`)], path);
};

export const illAdvice: Advice = {
  ...emptyAdvice,
  configured: {
    source: 'mail',
    substitute: { 'corp.local': 'example.com' },
    domains: { primary: 'example.com', secondary: ['example.de'], aliases: { 'example.net': 'example.com' } },
    letterCase: 'lower',
  },
  forests: {
    forests: [
      {
        name: 'corp.example.com',
        isActiveDirectory: true,
        suffixes: ['example.com', 'example.de', 'corp.local'],
        domains: [
          { dnsDomain: 'corp.example.com', netbiosName: 'CORP', configured: true, people: 9_120, groups: 2_210 },
          { dnsDomain: 'emea.corp.example.com', netbiosName: 'EMEA', configured: true, people: 4_630, groups: 812 },
          { dnsDomain: 'berlin.emea.corp.example.com', netbiosName: 'BERLIN', configured: true, people: 1_250, groups: 96 },
          { dnsDomain: 'apac.corp.example.com', netbiosName: 'APAC', configured: false, people: 0, groups: 0 },
        ],
        trusts: [
          {
            partner: 'emea.corp.example.com',
            domain: 'corp.example.com',
            direction: 'both',
            kind: 'within',
            transitive: true,
            selective: false,
            configured: true,
          },
          {
            partner: 'old-company.example',
            domain: 'corp.example.com',
            direction: 'both',
            kind: 'forest',
            transitive: true,
            selective: false,
            configured: true,
          },
          {
            partner: 'lab.example.org',
            domain: 'emea.corp.example.com',
            direction: 'inbound',
            kind: 'external',
            transitive: false,
            selective: true,
            configured: true,
          },
          {
            partner: 'supplier.example',
            domain: 'corp.example.com',
            direction: 'outbound',
            kind: 'external',
            transitive: false,
            selective: true,
            configured: false,
          },
          {
            partner: 'KERBEROS.EXAMPLE',
            domain: 'berlin.emea.corp.example.com',
            direction: 'disabled',
            kind: 'realm',
            transitive: false,
            selective: false,
            configured: false,
          },
        ],
      },
      {
        name: 'old-company.example',
        isActiveDirectory: true,
        suffixes: ['old-company.example'],
        domains: [{ dnsDomain: 'old-company.example', netbiosName: 'OLD', configured: true, people: 2_900, groups: 610 }],
        trusts: [
          {
            partner: 'corp.example.com',
            domain: 'old-company.example',
            direction: 'both',
            kind: 'forest',
            transitive: true,
            selective: false,
            configured: true,
          },
        ],
      },
      {
        name: 'lab.example.org',
        isActiveDirectory: true,
        suffixes: [],
        domains: [{ dnsDomain: 'lab.example.org', netbiosName: 'LAB', configured: true, people: 320, groups: 44 }],
        trusts: [],
      },
      {
        name: null,
        isActiveDirectory: false,
        suffixes: [],
        domains: [{ dnsDomain: 'people.example.edu', netbiosName: null, configured: true, people: 180, groups: 9 }],
        trusts: [],
      },
    ],
    decision: {
      steps: [
        {
          question: 'How many forests hold people who are to sign in?',
          options: [
            { answer: 'One', taken: false },
            { answer: 'Several', taken: true },
          ],
          because: 'Four: corp.example.com, old-company.example, lab.example.org and one OpenLDAP directory.',
        },
        {
          question: 'Are they one organisation, to be administered together?',
          options: [
            { answer: 'Yes, one organisation', taken: true },
            { answer: 'No, apart by law or by contract', taken: false },
          ],
          because: 'They share 3 domains; only you can say otherwise.',
        },
        {
          question: 'Do they trust one another?',
          options: [
            { answer: 'All of them', taken: false },
            { answer: 'Some', taken: true },
            { answer: 'None', taken: false },
          ],
          because: 'Two of four: corp.example.com and old-company.example, both ways.',
        },
      ],
      outcome: 'One Cloud Identity account, with an SSO profile for each fleet.',
    },
    accounts: { count: 1, because: 'an account may have several SSO profiles' },
    syncInstances: { count: 4, because: 'Google Cloud Directory Sync reads one forest an instance' },
    signInFleets: { count: 3, because: 'AD FS serves the forests that its own one trusts' },
    passerelle: { count: 1, because: 'it binds in each forest itself and needs no trust' },
    notes: [
      'apac.corp.example.com belongs to the forest and is not configured: its people cannot sign in.',
      'supplier.example is trusted and was not read.',
    ],
  },
  domains: {
    domains: [
      domain('example.com', {
        userPrincipalNames: 9_210,
        mails: 12_650,
        accounts: 15_120,
        owned: ['configured', 'told', 'suffix'],
        role: 'primary',
      }),
      domain('example.de', { userPrincipalNames: 2_310, mails: 2_120, accounts: 2_600, role: 'secondary' }),
      domain('xn--bcher-kva.example', {
        unicode: 'bücher.example',
        mails: 410,
        accounts: 422,
        role: 'alias',
        target: 'example.com',
      }),
      domain('old-company.example', {
        userPrincipalNames: 2_880,
        mails: 610,
        accounts: 3_300,
        owned: ['forest', 'share'],
        role: 'secondary',
        exchangers: { answer: 'none' },
      }),
      domain('corp.local', {
        kind: 'reserved',
        because: 'local is set aside for multicast DNS (RFC 6762)',
        registrable: null,
        userPrincipalNames: 3_480,
        accounts: 4_120,
        owned: ['forest'],
        role: 'substituted',
        target: 'example.com',
        exchangers: { answer: 'unknown' },
      }),
      domain('intranet', {
        kind: 'single label',
        because: 'has a single label',
        registrable: null,
        userPrincipalNames: 12,
        accounts: 30,
        owned: [],
        exchangers: { answer: 'not asked' },
      }),
      domain('gmail.com', {
        kind: 'consumer',
        because: 'a mail service for everybody',
        registrable: null,
        mails: 96,
        accounts: 101,
        owned: [],
        exchangers: { answer: 'unanswered', why: 'timed out after 5 s' },
      }),
      ...count(240).map((index) =>
        domain(`partner-${String(index).padStart(3, '0')}.a-rather-long-name-of-a-subsidiary.example`, {
          mails: 240 - index,
          accounts: 250 - index,
          owned: [],
        }),
      ),
    ],
    dns: 'asked',
    proposed: { domains: { primary: 'example.com', secondary: ['example.de'], aliases: {} }, substitute: {} },
    choices: [
      {
        name: 'register example.com alone',
        domains: ['example.com'],
        source: 'userPrincipalName',
        substitute: {},
        leftOut: count(520).map((index) => who(name(index), index)),
      },
      {
        name: 'register example.com, example.de and old-company.example',
        domains: ['example.com', 'example.de', 'old-company.example'],
        source: 'userPrincipalName',
        substitute: { 'corp.local': 'example.com' },
        leftOut: count(12).map((index) => who(name(index), index)),
      },
    ],
    decision: { steps: [], outcome: 'Register example.com, example.de and old-company.example; replace corp.local.' },
    notes: ['1 domain was not answered for by DNS.'],
  },
  mapping: {
    candidates: [
      candidate('configured', 'mail', {
        ...none,
        mapped: 14_657,
        withoutValue: 2_310,
        foreignDomain: 1_108,
        consumerDomain: 96,
        notAnEmailAddress: 17,
        duplicate: 212,
      }),
      candidate('upn', 'userPrincipalName', {
        ...none,
        mapped: 14_380,
        unregistrableDomain: 3_492,
        foreignDomain: 508,
        duplicate: 12,
        notAnEmailAddress: 8,
      }),
      candidate('mail', 'mail', { ...none, mapped: 15_100, withoutValue: 2_310, foreignDomain: 801, duplicate: 189 }),
      candidate('upn-substituted', 'userPrincipalName', {
        ...none,
        mapped: 17_792,
        foreignDomain: 508,
        duplicate: 80,
        notAnEmailAddress: 8,
        unregistrableDomain: 12,
      }),
      candidate('mail-substituted', 'mail', { ...none, mapped: 15_100, withoutValue: 2_310, foreignDomain: 801, duplicate: 189 }),
    ].map((one) => ({
      ...one,
      collisions: count(one.name === 'upn-substituted' ? 240 : 3).map((index) => ({
        address: `${name(index)}@example.com`,
        holders: [holder(index), holder(index + 5_000), holder(index + 9_000, 'disabled')].slice(0, 2 + (index % 2)),
      })),
      againstGuidelines: count(4).map((index) => ({
        ...who(name(index), index),
        address: `${name(index)}+x@example.com`,
        because: 'Google takes no + in a user name',
      })),
    })),
    best: 'upn-substituted',
    decision: {
      steps: [
        {
          question: 'Which attribute gives more people an address of their own within domains that can be registered?',
          options: [
            { answer: 'mail', taken: false },
            { answer: 'userPrincipalName', taken: true },
          ],
          because: '17,792 of 18,400 by user principal name, 15,100 by mail.',
        },
        {
          question: 'Is it better with corp.local replaced?',
          options: [
            { answer: 'Yes', taken: true },
            { answer: 'No', taken: false },
          ],
          because: '3,412 people more, and 68 further collisions.',
        },
      ],
      outcome: 'Map by user principal name, with corp.local replaced by example.com, and mend 608 people.',
    },
    upnIsNotMail: count(650).map((index) => ({
      ...who(name(index), index),
      userPrincipalName: `${name(index)}@corp.local`,
      mail: `first.last${String(index)}@example.com`,
    })),
    mailIsNotPrimarySmtp: count(3).map((index) => ({
      ...who(name(index), index),
      mail: `${name(index)}@example.com`,
      primarySmtp: `other${String(index)}@example.com`,
    })),
    accounts: { person: people, service: 412, disabled: 2_950, guest: 138 },
    rules: [
      { kind: 'service', rule: 'has a servicePrincipalName', count: 388 },
      { kind: 'service', rule: 'named krbtgt or MSOL_*', count: 24 },
      { kind: 'disabled', rule: 'the account is disabled or has expired', count: 2_950 },
      { kind: 'guest', rule: 'user principal name contains #EXT#', count: 138 },
    ],
    mendings: count(608).map(mending),
  },
  groups: {
    total: 3_781,
    builtIn: 212,
    empty: 640,
    kinds: [
      { scope: 'domain local', type: 'security', count: 1_420, wholeInCatalog: 0 },
      { scope: 'global', type: 'security', count: 1_190, wholeInCatalog: 0 },
      { scope: 'global', type: 'distribution', count: 41, wholeInCatalog: 0 },
      { scope: 'universal', type: 'security', count: 310, wholeInCatalog: 310 },
      { scope: 'universal', type: 'distribution', count: 811, wholeInCatalog: 811 },
      { scope: 'none', type: 'none', count: 9, wholeInCatalog: 0 },
    ],
    uses: [
      {
        use: 'resource',
        count: 1_380,
        because: 'grant access: domain local, or hold role groups',
        examples: ['FS-Finance-RW', 'SQL-Admins'],
      },
      { use: 'role', count: 720, because: 'are members of resource groups', examples: ['Accountants', 'DBAs', 'Editors'] },
      { use: 'organisation', count: 1_041, because: 'hold people and grant nothing', examples: ['All Berlin', 'Dept 4711'] },
      { use: 'unused', count: 640, because: 'have no members', examples: ['Old project'] },
    ],
    namings: [
      {
        by: 'cn',
        mapped: 3_510,
        withoutValue: 0,
        notAnEmailAddress: 31,
        foreign: 0,
        collisions: count(230).map((index) => ({
          address: `team${String(index)}@example.com`,
          holders: [group(`Team${String(index)}`, index), { ...group(`TEAM${String(index)}`, index + 500), scope: 'universal' }],
        })),
        heldByPeople: count(4).map((index) => ({
          address: `${name(index)}@example.com`,
          group: group(name(index), index),
          person: who(name(index), index),
        })),
      },
      { by: 'mail', mapped: 1_102, withoutValue: 2_610, notAnEmailAddress: 4, foreign: 65, collisions: [], heldByPeople: [] },
    ],
    nesting: {
      deepest: 14,
      byDepth: [2_901, 480, 190, 96, 51, 22, 14, 9, 6, 4, 3, 2, 1, 1, 1],
      longest: count(15).map((index) => `Nested ${String(index)}`),
      cycles: [
        [group('Ring A', 1), group('Ring B', 2), group('Ring C', 3)],
        [group('Self', 4), group('Mirror', 5)],
      ],
    },
    outsiders: [
      { kind: 'foreign', members: 310, groups: 44, examples: ['S-1-5-21-1-2-3-1103'] },
      { kind: 'computer', members: 1_240, groups: 80, examples: ['PC-0001$', 'PC-0002$'] },
      { kind: 'contact', members: 96, groups: 31, examples: ['Consultant X'] },
    ],
    limits: [
      { what: 'groups that one person is in directly', limit: 3_000, over: [], most: 412 },
      {
        what: 'characters in the name of a group',
        limit: 73,
        over: [{ name: `All ${'very '.repeat(18)}long`, count: 98 }],
        most: 98,
      },
    ],
    proposal: {
      filter: '(&(objectCategory=group)(groupType:1.2.840.113556.1.4.803:=2147483648)(!(isCriticalSystemObject=TRUE))(member=*))',
      finds: 1_761,
      leavesOut: [
        { because: 'made by the system', count: 212 },
        { because: 'without members', count: 640 },
        { because: 'resource groups', count: 1_168 },
      ],
      naming: 'cn',
    },
    decision: {
      steps: [
        {
          question: 'Which groups mean something outside the directory?',
          options: [
            { answer: 'All', taken: false },
            { answer: 'Role and organisation groups', taken: true },
          ],
          because: '1,380 grant access to file shares and servers that Google knows nothing of.',
        },
      ],
      outcome: 'Bring 1,761 groups, named by cn.',
    },
    notes: ['1,420 domain local groups cannot be seen whole from a global catalog.'],
  },
  units: {
    trees: [
      {
        ...unit('corp.example.com', 0, [
          ...count(230).map((index) => unit(`Department ${String(index)}`, index % 90)),
          chain(38),
        ]),
        kind: 'domain',
        orgUnitPath: '/',
      },
      { ...unit('old-company.example', 0, [unit('Users', 2_900)]), kind: 'domain', orgUnitPath: '/' },
    ],
    total: 269,
    deepest: 38,
    empty: 40,
    meaning: ['269 units, 38 deep at most, three deeper than Google takes.', '40 hold nobody and would be empty there, too.'],
    troubles: count(3).map((index) => ({
      distinguishedName: `OU=Level ${String(36 + index)},DC=corp,DC=example,DC=com`,
      because: 'deeper than 35 levels',
    })),
  },
  verdict: {
    section:
      'mapping:\n  source: userPrincipalName\n  substitute:\n    corp.local: example.com\n  domains:\n    primary: example.com\n    secondary: [example.de, old-company.example]\n',
    isConfigured: false,
    summary: 'Map by user principal name, replace corp.local by example.com, register 3 domains, and mend 608 people first.',
  },
  people: count(people).map((index) => {
    const reason = refusedPeople[index] ?? null;
    return standing(who(name(index), index), reason === 'no-mail' ? null : `${name(index)}@example.com`, reason);
  }),
};

/** A report of a small company: forty-eight people in one domain of one forest, whose user principal names end in corp.local. */
import type { Advice, Decision } from '../../src/advisor/advice.ts';
import { candidate, count, domain, group, guid, none, standing, unit, who } from './advice-parts.ts';
import { emptyAdvice } from './empty-advice.ts';

const sourceDecision = (outcome: string): Decision => ({
  steps: [
    {
      question: 'Does the mail attribute give everybody an address of their own?',
      options: [
        { answer: 'Yes, everybody', taken: false },
        { answer: 'No, some are left out', taken: true },
      ],
      because: '2 of 48 people have no mail.',
    },
    {
      question: 'Does the user principal name?',
      options: [
        { answer: 'Yes, as it is', taken: false },
        { answer: 'Yes, with corp.local replaced', taken: true },
        { answer: 'No', taken: false },
      ],
      because: '48 of 48 people have a user principal name; 31 of them end in corp.local.',
    },
  ],
  outcome,
});

const mailless = who('pat', 8);
const localPeople = count(40).map((index) => who(`person${String(index).padStart(2, '0')}`, 100 + index));

export const smallAdvice: Advice = {
  ...emptyAdvice,
  configured: {
    source: 'mail',
    substitute: {},
    domains: { primary: 'example.com', secondary: [], aliases: {} },
    letterCase: 'lower',
  },
  forests: {
    ...emptyAdvice.forests,
    forests: [
      {
        name: 'corp.example.com',
        isActiveDirectory: true,
        suffixes: ['example.com'],
        domains: [{ dnsDomain: 'corp.example.com', netbiosName: 'CORP', configured: true, people: 48, groups: 12 }],
        trusts: [],
      },
    ],
    accounts: { count: 1, because: 'one forest and one organisation' },
    syncInstances: { count: 1, because: 'one forest' },
    signInFleets: { count: 1, because: 'one forest' },
    passerelle: { count: 1, because: 'it binds in each forest itself' },
  },
  domains: {
    ...emptyAdvice.domains,
    dns: 'asked',
    domains: [
      domain('example.com', {
        userPrincipalNames: 17,
        mails: 46,
        accounts: 66,
        owned: ['configured', 'suffix'],
        role: 'primary',
      }),
      domain('corp.local', {
        kind: 'reserved',
        because: 'local is set aside for multicast DNS (RFC 6762)',
        registrable: null,
        userPrincipalNames: 31,
        accounts: 34,
        owned: ['forest'],
        role: 'substituted',
        target: 'example.com',
        exchangers: { answer: 'not asked' },
      }),
    ],
    choices: [
      { name: 'mail as it is', domains: ['example.com'], source: 'mail', substitute: {}, leftOut: [mailless] },
      {
        name: 'user principal name, corp.local replaced',
        domains: ['example.com'],
        source: 'userPrincipalName',
        substitute: { 'corp.local': 'example.com' },
        leftOut: [],
      },
    ],
  },
  mapping: {
    candidates: [
      candidate('configured', 'mail', { ...none, mapped: 44, withoutValue: 2, duplicate: 2 }),
      candidate('upn', 'userPrincipalName', { ...none, mapped: 17, unregistrableDomain: 31 }),
      candidate('mail', 'mail', { ...none, mapped: 44, withoutValue: 2, duplicate: 2 }),
      candidate('upn-substituted', 'userPrincipalName', { ...none, mapped: 48 }),
    ].map((one) =>
      one.mapping.source === 'userPrincipalName'
        ? one
        : {
            ...one,
            collisions: [
              {
                address: 'sales@example.com',
                holders: [
                  { ...who('kim', 3), kind: 'person' as const },
                  { ...who('lee', 4), kind: 'person' as const },
                ],
              },
            ],
            againstGuidelines: [{ ...who('max', 6), address: 'm+x@example.com', because: 'Google takes no + in a user name' }],
          },
    ),
    best: 'upn-substituted',
    decision: sourceDecision('Map by user principal name, with corp.local replaced by example.com.'),
    upnIsNotMail: [{ ...who('kim', 3), userPrincipalName: 'kim@corp.local', mail: 'sales@example.com' }],
    mailIsNotPrimarySmtp: [{ ...who('lee', 4), mail: 'sales@example.com', primarySmtp: 'lee@example.com' }],
    accounts: { person: 48, service: 3, disabled: 5, guest: 1 },
    rules: [
      { kind: 'service', rule: 'has a servicePrincipalName', count: 3 },
      { kind: 'guest', rule: 'user principal name contains #EXT#', count: 1 },
    ],
    mendings: [
      {
        ...mailless,
        trouble: 'without-value',
        attribute: 'mail',
        now: null,
        proposed: 'pat@example.com',
        powershell: `Set-ADUser -Identity '${guid(8)}' -EmailAddress 'pat@example.com' -Server 'corp.example.com'`,
      },
    ],
  },
  groups: {
    ...emptyAdvice.groups,
    total: 12,
    builtIn: 5,
    empty: 1,
    kinds: [
      { scope: 'domain local', type: 'security', count: 3, wholeInCatalog: 0 },
      { scope: 'global', type: 'security', count: 6, wholeInCatalog: 0 },
      { scope: 'universal', type: 'distribution', count: 3, wholeInCatalog: 3 },
    ],
    uses: [
      { use: 'resource', count: 3, because: 'domain local, and contain groups', examples: ['Printers', 'Share R', 'Share W'] },
      { use: 'role', count: 2, because: 'global, and within resource groups', examples: ['Buyers'] },
      { use: 'organisation', count: 6, because: 'hold people and grant nothing', examples: ['Berlin', 'Sales'] },
      { use: 'unused', count: 1, because: 'have no members', examples: ['Old'] },
    ],
    namings: [
      {
        by: 'cn',
        mapped: 11,
        withoutValue: 0,
        notAnEmailAddress: 1,
        foreign: 0,
        collisions: [],
        heldByPeople: [{ address: 'sales@example.com', group: group('Sales', 33), person: who('kim', 3) }],
      },
      { by: 'mail', mapped: 3, withoutValue: 9, notAnEmailAddress: 0, foreign: 0, collisions: [], heldByPeople: [] },
    ],
    nesting: { deepest: 1, byDepth: [9, 3], longest: ['Share R', 'Buyers'], cycles: [] },
    limits: [{ what: 'groups that one person is in directly', limit: 3_000, over: [], most: 7 }],
    proposal: {
      filter: '(&(objectCategory=group)(!(isCriticalSystemObject=TRUE)))',
      finds: 6,
      leavesOut: [
        { because: 'made by the system', count: 5 },
        { because: 'without members', count: 1 },
      ],
      naming: 'cn',
    },
  },
  units: {
    trees: [
      {
        ...unit('corp.example.com', 0, [unit('Staff', 8, [unit('Berlin', 25, [], '/Staff'), unit('Paris', 15, [], '/Staff')])]),
        distinguishedName: 'DC=corp,DC=example,DC=com',
        kind: 'domain',
        orgUnitPath: '/',
      },
    ],
    total: 3,
    deepest: 2,
    empty: 0,
    meaning: ['3 units for 48 people: policies could be set for Berlin and Paris apart.'],
    troubles: [],
  },
  verdict: {
    section:
      'mapping:\n  source: userPrincipalName\n  substitute:\n    corp.local: example.com\n  domains:\n    primary: example.com\n',
    isConfigured: false,
    summary: 'Map by user principal name and replace corp.local by example.com: everybody then has an address of their own.',
  },
  people: [
    ...localPeople.map((person) => standing(person, `${person.name}@example.com`)),
    standing(who('kim', 3), 'sales@example.com', 'address-not-unique'),
    standing(who('lee', 4), 'sales@example.com', 'address-not-unique'),
    ...count(4).map((index) => standing(who(`near${String(index)}`, 200 + index), `near${String(index)}@example.com`)),
    standing(mailless, null, 'no-mail'),
    standing(who('quinn', 9), null, 'no-mail'),
    standing(who('svc-backup', 10), null, 'no-mail', 'service'),
  ],
};

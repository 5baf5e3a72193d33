/** Which accounts are people’s, by everything that says they are not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accountKinds } from '../../src/advisor/account-kind.ts';
import type { AccountKind } from '../../src/advisor/advice.ts';
import { makeSurvey, type GivenPerson } from './make-survey.ts';

const noMail = { mail: undefined } as const;
const neverExpires = { userAccountControl: 0x10200 } as const;
const inside = (container: string): GivenPerson => ({ distinguishedName: `CN=ada,${container},DC=corp,DC=example,DC=com` });

const rows: readonly [kind: AccountKind, title: string, account: GivenPerson][] = [
  ['person', 'somebody of whom nothing is said', {}],
  ['person', 'somebody without mail', noMail],
  ['person', 'a password that never expires', neverExpires],
  ['person', 'Sal', { sAMAccountName: 'sal', ...noMail }],
  ['person', 'Sally', { sAMAccountName: 'sally', ...neverExpires }],
  ['person', 'S. A. Lindgren', { sAMAccountName: 'sa.lindgren', ...noMail }],
  ['person', 'S. V. Chan', { sAMAccountName: 'svchan' }],
  ['person', 'the head of the service desk', { sAMAccountName: 'service-desk-head', displayName: 'Head of Service Desk' }],
  ['person', 'a manager of service accounts', { displayName: 'Service Account Manager' }],
  ['person', 'somebody in customer service', { employeeType: 'Customer Service' }],
  ['person', 'a service technician', { employeeType: 'Service Technician' }],
  ['person', 'a partner of the house', { employeeType: 'Partner' }],
  ['person', 'a consultant', { employeeType: 'Consultant' }],
  ['person', 'an employee', { employeeType: 'Employee' }],
  ['person', 'an empty employeeType', { employeeType: '' }],
  [
    'person',
    'somebody who is called Service Accounts',
    { distinguishedName: 'CN=Service Accounts,OU=Staff,DC=corp,DC=example,DC=com' },
  ],
  [
    'person',
    'a name that quotes an OU',
    { distinguishedName: 'CN=ada\\,OU=Service Accounts,OU=Staff,DC=corp,DC=example,DC=com' },
  ],
  ['person', 'an OU of the service desk', inside('OU=Service Desk')],
  ['person', 'an OU for external relations', inside('OU=External Relations')],
  ['person', 'an OU for service', inside('OU=Service')],
  ['person', 'mail that goes to a relay of Microsoft', { targetAddress: 'SMTP:ada@corp.mail.onmicrosoft.com' }],
  ['person', 'mail that goes to another mailbox of the house', { targetAddress: 'SMTP:ada@corp.example.com' }],
  ['person', 'mail that goes to a subdomain of the house', { targetAddress: 'smtp:ada@mail.corp.example.com' }],
  ['person', 'mail that goes by X.400', { targetAddress: 'X400:c=de;a=x;p=y' }],
  ['person', 'mail that goes nowhere', { targetAddress: '' }],
  ['person', 'EXT in the UPN', { userPrincipalName: 'next@corp.example.com' }],
  ['person', 'a smart card and other bits', { userAccountControl: 0x40200 | 0x400000 | 0x100000 }],
  ['person', 'somebody whose name ends in svc', { sAMAccountName: 'lesvc' }],
  ['disabled', 'disabled', { barred: 'person-disabled' }],
  ['disabled', 'expired', { barred: 'person-expired' }],
  ['disabled', 'a disabled service', { barred: 'person-disabled', hasServicePrincipalName: true, sAMAccountName: 'svc-x' }],
  ['disabled', 'the disabled Guest', { barred: 'person-disabled', rid: 501 }],
  ['service', 'the built-in Administrator, renamed', { rid: 500, sAMAccountName: 'ada' }],
  ['service', 'krbtgt', { rid: 502, isCriticalSystemObject: true }],
  ['guest', 'the built-in Guest, enabled', { rid: 501, isCriticalSystemObject: true }],
  ['service', 'what the system needs', { isCriticalSystemObject: true }],
  ['service', 'an interdomain trust', { userAccountControl: 0x820 }],
  ['service', 'a computer', { userAccountControl: 0x1000 }],
  ['service', 'a controller', { userAccountControl: 0x82000 }],
  ['service', 'a managed service account', { sAMAccountName: 'web$' }],
  ['service', 'a servicePrincipalName', { hasServicePrincipalName: true }],
  ['service', 'trusted for delegation', { userAccountControl: 0x80200 }],
  ['service', 'trusted for protocol transition', { userAccountControl: 0x1000200 }],
  ['service', 'a mailbox that Exchange watches', { sAMAccountName: 'HealthMailbox3f2a1b0' }],
  ['service', 'a synchroniser of Microsoft', { sAMAccountName: 'MSOL_0123456789ab' }],
  ['service', 'svc-', { sAMAccountName: 'svc-backup' }],
  ['service', 'SVC_', { sAMAccountName: 'SVC_Backup' }],
  ['service', '-svc', { sAMAccountName: 'backup-svc' }],
  ['service', 'svc. in the UPN alone', { sAMAccountName: undefined, userPrincipalName: 'svc.backup@corp.example.com' }],
  ['service', 'svc without a sign and without mail', { sAMAccountName: 'svcbackup', ...noMail }],
  ['service', 'service- and no mail', { sAMAccountName: 'service-backup', ...noMail }],
  ['service', 'sa- and a password for ever', { sAMAccountName: 'sa-backup', ...neverExpires }],
  ['service', 'Service Account in the name and no mail', { displayName: 'Service Account: Backup', ...noMail }],
  ['service', 'employeeType Service', { employeeType: ' Service ' }],
  ['service', 'employeeType service_account', { employeeType: 'SERVICE_ACCOUNT' }],
  ['service', 'employeeType Shared Mailbox', { employeeType: 'Shared Mailbox' }],
  ['service', 'OU=Service Accounts', inside('OU=Service Accounts')],
  ['service', 'CN=Managed Service Accounts', inside('CN=Managed Service Accounts')],
  ['service', 'deep below service-accounts', inside('OU=Backup,OU=service-accounts,OU=IT')],
  ['service', 'an OU whose comma is escaped', inside('OU=Service\\, Accounts')],
  ['guest', 'employeeType guest', { employeeType: 'guest' }],
  ['guest', 'employeeType External', { employeeType: 'External' }],
  ['guest', 'employeeType Contractor', { employeeType: 'CONTRACTOR' }],
  ['guest', 'employeeType external consultant', { employeeType: 'external consultant' }],
  ['guest', 'employeeType Vendor', { employeeType: 'Vendor' }],
  ['guest', '#EXT#', { userPrincipalName: 'bob_example.net#ext#@corp.example.com' }],
  ['guest', 'an account that doubles another', { userAccountControl: 0x300 }],
  ['guest', 'OU=Contractors', inside('OU=Contractors')],
  ['guest', 'mail that goes elsewhere', { targetAddress: 'SMTP:bob@example.net' }],
  ['guest', 'mail that goes elsewhere, without a prefix', { targetAddress: 'bob@example.net' }],
  ['guest', 'mail that goes to a look-alike', { targetAddress: 'SMTP:ada@evilcorp.example.com.example.net' }],
];

describe('an account', () => {
  for (const [kind, title, account] of rows) {
    it(`of a ${kind}: ${title}`, () => {
      const { kinds, rules } = accountKinds(makeSurvey({ people: [{ sAMAccountName: 'ada', ...account }] }));
      assert.deepEqual(kinds, [kind]);
      assert.deepEqual(
        rules.filter(({ count }) => count > 0).map((rule) => [rule.kind, rule.count]),
        kind === 'person' ? [] : [[kind, 1]],
      );
    });
  }
});

describe('the rules', () => {
  const survey = makeSurvey({ people: rows.map(([, , account]) => ({ sAMAccountName: 'ada', ...account })) });

  it('count each account once, and are all listed', () => {
    const { kinds, rules } = accountKinds(survey);
    assert.deepEqual(
      kinds,
      rows.map(([kind]) => kind),
    );
    for (const kind of ['service', 'disabled', 'guest'] as const) {
      const counted = rules.filter((rule) => rule.kind === kind).reduce((sum, { count }) => sum + count, 0);
      assert.equal(counted, kinds.filter((one) => one === kind).length);
    }
    assert.deepEqual(
      rules.filter(({ count }) => count === 0),
      [],
    );
    assert.equal(new Set(rules.map(({ rule }) => rule)).size, rules.length);
    assert.ok(accountKinds(makeSurvey()).rules.length === rules.length);
  });

  it('are the same in whatever order the accounts were read', () => {
    const turned = accountKinds({ ...survey, people: survey.people.toReversed() });
    assert.deepEqual(turned, { ...accountKinds(survey), kinds: accountKinds(survey).kinds.toReversed() });
  });

  it('take a domain in which many have their mail for the organisation’s, but never everybody’s mail', () => {
    const staff = ['a', 'b', 'c'].flatMap((name): GivenPerson[] => [
      { sAMAccountName: name, mail: `${name}@example.org` },
      { sAMAccountName: `${name}2`, mail: `${name}@gmail.com` },
    ]);
    const moved = ['SMTP:x@example.org', 'SMTP:x@gmail.com'].map((targetAddress): GivenPerson => ({ targetAddress }));
    assert.deepEqual(accountKinds(makeSurvey({ people: [...staff, ...moved] })).kinds.slice(-2), ['person', 'guest']);
  });
});

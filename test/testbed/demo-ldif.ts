/** The people of directory.json as LDIF for the demo directory, so that one suite runs against all three. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestPerson {
  readonly name: string;
  readonly cn?: string;
  readonly displayName?: string;
  readonly givenName?: string;
  readonly sn?: string;
  readonly department?: string;
  readonly title?: string;
  readonly telephoneNumber?: string;
  readonly employeeID?: string;
  readonly ou: string;
  readonly mail?: string;
  readonly upn?: string | null;
  readonly description?: string;
  readonly state?: string;
}

export interface TestDirectory {
  readonly defaultPassword: string;
  readonly ous: readonly string[];
  readonly users: readonly TestPerson[];
  readonly services: readonly TestPerson[];
  readonly groups: readonly {
    readonly name: string;
    readonly samAccountName?: string;
    readonly ou: string;
    readonly members: readonly string[];
  }[];
}

export const testDirectory = JSON.parse(readFileSync(join(import.meta.dirname, 'directory.json'), 'utf8')) as TestDirectory;

const base = 'DC=corp,DC=example,DC=com';
const longAgo = '132000000000000000';
const farAhead = '160000000000000000';

const states: Readonly<Record<string, readonly (readonly [string, string | Buffer])[]>> = {
  locked: [['lockoutTime', farAhead]],
  disabled: [['userAccountControl', '514']],
  'account-expired': [['accountExpires', longAgo]],
  'password-expired': [['pwdLastSet', longAgo]],
  'must-change': [['pwdLastSet', '0']],
  'logon-hours': [['logonHours', Buffer.alloc(21)]],
  'logon-workstation': [['userWorkstations', 'NO-SUCH-PC']],
};

const escapeName = (text: string): string => text.replace(/[,+"\\<>;=]/g, '\\$&');

function dnOf(name: string | undefined, ou: string): string {
  const parts = ou
    .split('/')
    .reverse()
    .map((part) => `OU=${escapeName(part)}`);
  return [...(name === undefined ? [] : [`CN=${escapeName(name)}`]), ...parts, base].join(',');
}

function entry(attributes: readonly (readonly [string, string | Buffer | null | undefined])[]): string {
  return attributes
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}:: ${Buffer.from(value ?? '').toString('base64')}\n`)
    .join('');
}

export function demoLdif(): string {
  const { users, services, groups, ous, defaultPassword } = testDirectory;
  const people = [...users, ...services];
  const dns = new Map(people.map((one) => [one.name, dnOf(one.cn ?? one.displayName ?? one.name, one.ou)]));
  for (const group of groups) {
    dns.set(group.name, dnOf(group.name, group.ou));
  }
  return [
    entry([
      ['dn', base],
      ['objectClass', 'domain'],
      ['dc', 'corp'],
    ]),
    ...ous.map((ou) =>
      entry([
        ['dn', dnOf(undefined, ou)],
        ['objectClass', 'organizationalUnit'],
      ]),
    ),
    ...people.map((one) =>
      entry([
        ['dn', dns.get(one.name)],
        ['objectClass', 'person'],
        ['objectClass', 'user'],
        ['sAMAccountName', one.name],
        ['userPrincipalName', one.upn === undefined ? `${one.name}@corp.example.com` : one.upn],
        ['mail', one.mail],
        ['displayName', one.displayName],
        ['givenName', one.givenName],
        ['sn', one.sn],
        ['department', one.department],
        ['title', one.title],
        ['telephoneNumber', one.telephoneNumber],
        ['employeeID', one.employeeID],
        ['description', one.description],
        ['userPassword', defaultPassword],
        ...(states[one.state ?? ''] ?? []),
      ]),
    ),
    ...groups.map((group) =>
      entry([
        ['dn', dns.get(group.name)],
        ['objectClass', 'group'],
        ['sAMAccountName', group.samAccountName ?? group.name],
        ...group.members.map((member) => ['member', dns.get(member)] as const),
      ]),
    ),
  ].join('\n');
}

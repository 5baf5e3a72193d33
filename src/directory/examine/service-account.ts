/** What a service account may do beyond reading: groups of administrators that hold it, and attributes of people that it may write. */
import { PresenceFilter } from 'ldapts';
import type { Connection, Entry } from '../connection.ts';
import { anyOf, equals } from '../filters.ts';
import { objectSidText } from '../object-sid.ts';
import { valuesOf } from '../person-entry.ts';

/** MS-ADTS §6.1.1.6 and §6.1.1.4.12: the last part of their SIDs, in every domain. */
const ofDomains: Readonly<Record<string, string>> = {
  '512': 'Domain Admins',
  '518': 'Schema Admins',
  '519': 'Enterprise Admins',
  '520': 'Group Policy Creator Owners',
  '526': 'Key Admins',
  '527': 'Enterprise Key Admins',
};
const builtIn: Readonly<Record<string, string>> = {
  'S-1-5-32-544': 'Administrators',
  'S-1-5-32-548': 'Account Operators',
  'S-1-5-32-549': 'Server Operators',
  'S-1-5-32-550': 'Print Operators',
  'S-1-5-32-551': 'Backup Operators',
};

export interface Privileges {
  /** Names of groups; undefined where the directory tells none of the account. */
  readonly groups: readonly string[] | undefined;
  /** Attributes of somebody else that it may write; undefined where the directory does not tell. */
  readonly writable: readonly string[] | undefined;
}

const anything = new PresenceFilter({ attribute: 'objectClass' });

async function read(connection: Connection, base: string, attribute: string): Promise<Entry | undefined> {
  const search = { base, scope: 'base' as const, filter: anything, attributes: [attribute], limit: 0 };
  return (await connection.search(search)).entries[0];
}

/** The distinguished name of the account that is called so. */
async function find(connection: Connection, bindDn: string, baseDn: string): Promise<string | undefined> {
  if (/^[a-z]+=/i.test(bindDn)) return bindDn;
  const [, sam = bindDn] = /\\(.*)$/.exec(bindDn) ?? [];
  const [implicit = ''] = bindDn.split('@', 1);
  const filter = anyOf([equals('userPrincipalName', bindDn), equals('sAMAccountName', sam), equals('sAMAccountName', implicit)]);
  const { entries } = await connection.search({ base: baseDn, scope: 'sub', filter, attributes: ['1.1'], limit: 2 });
  return entries.length === 1 ? entries[0]?.dn : undefined;
}

const nameOf = (sid: string): string | undefined =>
  builtIn[sid] ?? (sid.startsWith('S-1-5-21-') ? ofDomains[sid.slice(sid.lastIndexOf('-') + 1)] : undefined);

/**
 * @param baseDn of the whole domain
 * @param somebody a person who is not the account
 * @throws Unanswered
 */
export async function readPrivileges(
  connection: Connection,
  { bindDn, baseDn, somebody }: { readonly bindDn: string; readonly baseDn: string; readonly somebody: string | undefined },
): Promise<Privileges> {
  const dn = await find(connection, bindDn, baseDn);
  const account = dn === undefined ? undefined : await read(connection, dn, 'tokenGroups');
  const sids = account?.attributes.get('tokengroups')?.map((sid) => objectSidText(sid) ?? '');
  const other =
    somebody === undefined || somebody === dn ? undefined : await read(connection, somebody, 'allowedAttributesEffective');
  return {
    groups: sids && [...new Set(sids.flatMap((sid) => nameOf(sid) ?? []))].toSorted(),
    writable: sids === undefined || other === undefined ? undefined : valuesOf(other, 'allowedAttributesEffective').toSorted(),
  };
}

/** A person as read from a directory entry. */
import { isUtf8 } from 'node:buffer';
import { accountAttributes, accountOf } from './account-entry.ts';
import type { Entry } from './connection.ts';
import type { Person } from './directory.ts';
import { objectGuidText } from './object-guid.ts';
import { objectSidText } from './object-sid.ts';
import { ownValue } from './own-value.ts';
import { windowsTime } from './windows-time.ts';

/** What is always asked for. OpenLDAP without objectGUID has entryUUID. */
export const personAttributes: readonly string[] = [
  'objectGUID',
  'entryUUID',
  'objectClass',
  'sAMAccountName',
  'userPrincipalName',
  'mail',
  'displayName',
  ...accountAttributes,
];

const people = new Set(['user', 'person', 'inetorgperson']);
const others = new Set(['computer', 'contact']);
const ACCOUNTDISABLE = 2;

/** All values of an attribute as text, as they came. */
export const valuesOf = (entry: Entry, attribute: string): readonly string[] =>
  entry.attributes.get(attribute.toLowerCase())?.map((value) => value.toString()) ?? [];

/** Undefined where the entry has no identity. */
export function identityOf(entry: Entry): string | undefined {
  const guid = entry.attributes.get('objectguid')?.[0];
  return guid === undefined ? ownValue(entry, 'entryuuid')?.toLowerCase() : objectGuidText(guid);
}

// The filter does not do this: a server that lacks one of the classes would find nobody.
function isPerson(entry: Entry): boolean {
  let found = false;
  for (const value of entry.attributes.get('objectclass') ?? []) {
    const name = value.toString().toLowerCase();
    if (others.has(name)) {
      return false;
    }
    found ||= people.has(name);
  }
  return found;
}

function textOf(attribute: string, value: Buffer): string {
  const text = attribute === 'objectguid' ? objectGuidText(value) : attribute === 'objectsid' ? objectSidText(value) : undefined;
  return text ?? (isUtf8(value) ? value.toString() : value.toString('base64'));
}

function released(entry: Entry, names: readonly string[]): Record<string, readonly string[]> {
  const result: Record<string, readonly string[]> = {};
  for (const name of names) {
    const key = name.toLowerCase();
    const values = entry.attributes.get(key)?.filter((value) => value.length > 0);
    if (values !== undefined && values.length > 0) {
      result[name] = values.map((value) => textOf(key, value));
    } else if (key === 'distinguishedname') {
      result[name] = [entry.dn];
    }
  }
  return result;
}

function bar(entry: Entry, now: number): Person['barred'] {
  if ((Number(ownValue(entry, 'useraccountcontrol') ?? 0) & ACCOUNTDISABLE) !== 0) {
    return 'person-disabled';
  }
  // MS-ADA1 §2.1: both 0 and 2^63 - 1 mean never, and the latter lies far ahead.
  const expires = windowsTime(ownValue(entry, 'accountexpires')) ?? 0;
  return expires !== 0 && expires <= now ? 'person-expired' : undefined;
}

/**
 * The person of that entry; undefined where it is nobody: a group, a computer, an entry without identity.
 * @param release names of the further attributes wanted
 * @param now milliseconds since the epoch
 */
export function personOf(entry: Entry, release: readonly string[], now: number): Person | undefined {
  const objectGUID = identityOf(entry);
  if (objectGUID === undefined || !isPerson(entry)) {
    return undefined;
  }
  const account = accountOf(entry);
  return {
    objectGUID,
    distinguishedName: entry.dn,
    sAMAccountName: ownValue(entry, 'samaccountname'),
    userPrincipalName: ownValue(entry, 'userprincipalname'),
    mail: ownValue(entry, 'mail'),
    displayName: ownValue(entry, 'displayname'),
    barred: bar(entry, now),
    ...(account !== undefined && { account }),
    attributes: released(entry, release),
  };
}

/** Finds groups by their SIDs or names, many at once, and remembers what it found. */
import { EqualityFilter } from 'ldapts';
import type { Entry, Search } from './connection.ts';
import { keyOf } from './distinguished-name.ts';
import { anyOf } from './filters.ts';
import type { GroupEntry, GroupMemory } from './group-memory.ts';
import { objectSidBytes, objectSidText } from './object-sid.ts';
import { identityOf, valuesOf } from './person-entry.ts';

/** The entries found; none where the base is missing. Several may run at once. */
export type SearchEntries = (search: Search) => Promise<readonly Entry[]>;

/** Where groups are looked for. */
export interface GroupSource {
  /** The domain's own controllers. */
  readonly search: SearchEntries;
  /** The domain, or where its people are. */
  readonly root: string;
  /** The global catalog, which has the groups of other domains; undefined where there is none. */
  readonly everywhere: SearchEntries | undefined;
  readonly memory: GroupMemory;
}

/** So few that a controller finds them quickly, so many that few searches are needed; these run side by side. */
const valuesASearch = 200;
const groupAttributes = ['objectGUID', 'entryUUID', 'objectSid', 'memberOf'];

function groupOf(entry: Entry): GroupEntry {
  const sid = entry.attributes.get('objectsid')?.[0];
  return { dn: entry.dn, sid: sid && objectSidText(sid), objectGUID: identityOf(entry), memberOf: valuesOf(entry, 'memberOf') };
}

/** Groups one of whose values of that attribute is among these. */
export async function holdersOf(
  search: SearchEntries,
  base: string,
  attribute: string,
  values: readonly (string | Buffer)[],
): Promise<readonly GroupEntry[]> {
  const parts = Array.from({ length: Math.ceil(values.length / valuesASearch) }, (_, part) => {
    const some = values.slice(part * valuesASearch, (part + 1) * valuesASearch);
    const filter = anyOf(some.map((value) => new EqualityFilter({ attribute, value })));
    return search({ base, scope: 'sub', filter, attributes: [...groupAttributes], limit: 0 });
  });
  return (await Promise.all(parts)).flat().map(groupOf);
}

/** By SID; those that nobody knows are left out. */
export async function groupsBySid(source: GroupSource, sids: readonly string[]): Promise<ReadonlyMap<string, GroupEntry>> {
  const { search, root, everywhere, memory } = source;
  const ask = async (where: SearchEntries, base: string, unknown: readonly string[]): Promise<void> => {
    const values = unknown.flatMap((sid) => objectSidBytes(sid) ?? []);
    for (const group of await holdersOf(where, base, 'objectSid', values)) {
      memory.keep({ sid: group.sid, key: keyOf(group.dn) }, group);
    }
  };
  const missing = (): readonly string[] => sids.filter((sid) => memory.bySid(sid) === undefined);
  if (missing().length > 0) await ask(search, root, missing());
  // At a global catalog's port the empty base stands for the whole forest, in which each domain has its own S-1-5-32-544.
  const unique = missing().filter((sid) => sid.startsWith('S-1-5-21-'));
  if (everywhere !== undefined && unique.length > 0) await ask(everywhere, '', unique);
  for (const sid of missing()) memory.keep({ sid }, null);
  const found = new Map<string, GroupEntry>();
  for (const sid of sids) {
    const group = memory.bySid(sid);
    if (group) found.set(sid, group);
  }
  return found;
}

/**
 * By distinguished name. Active Directory and OpenLDAP each have an attribute for it that is found without a scan; which one it is
 * told by `isActiveDirectory`.
 */
export async function groupsByName(
  source: GroupSource,
  dns: readonly string[],
  isActiveDirectory: boolean,
): Promise<readonly GroupEntry[]> {
  const { search, root, everywhere, memory } = source;
  // Once for each: among thousands it is what takes the time.
  const keys = new Map(dns.map((dn) => [keyOf(dn), dn]));
  const missing = (): ReadonlyMap<string, string> => new Map([...keys].filter(([key]) => memory.byName(key) === undefined));
  const ask = async (where: SearchEntries, base: string, attribute: string): Promise<void> => {
    const unknown = missing();
    if (unknown.size === 0) return;
    for (const group of await holdersOf(where, base, attribute, [...unknown.values()])) {
      const key = keyOf(group.dn);
      // Elsewhere the attribute may stand for more than the entry's own name.
      if (unknown.has(key)) memory.keep({ sid: group.sid, key }, group);
    }
  };
  for (const attribute of isActiveDirectory ? ['distinguishedName'] : ['entryDN', 'distinguishedName']) {
    await ask(search, root, attribute);
  }
  if (everywhere !== undefined) await ask(everywhere, '', 'distinguishedName');
  for (const key of missing().keys()) memory.keep({ key }, null);
  return [...keys.keys()].flatMap((key) => memory.byName(key) ?? []);
}

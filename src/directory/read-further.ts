/** What is read of a person for some service providers alone: attributes as bytes, and the groups with their identifiers. */
import { EqualityFilter, OrFilter, PresenceFilter } from 'ldapts';
import type { Entry, Search } from './connection.ts';
import type { Further, FurtherWanted, Person, PersonGroup } from './directory.ts';
import { relativeNames } from './distinguished-name.ts';
import { objectSidText } from './object-sid.ts';
import { identityOf, valuesOf } from './person-entry.ts';

/** The entries found; none where the base is missing. */
type SearchEntries = (search: Search) => Promise<readonly Entry[]>;

const mostGroups = 5_000;
const deepest = 20;
const valuesAFilter = 200;
const anything = new PresenceFilter({ attribute: 'objectClass' });
const identity = ['objectGUID', 'entryUUID'];
const groupAttributes = [...identity, 'objectSid', 'memberOf'];

/** Equal for two spellings of one distinguished name. */
const keyOf = (dn: string): string => relativeNames(dn).join('\0');

/** Where groups are searched, which often lie outside of where people are: the domain of `baseDn`, else `baseDn` itself. */
function rootOf(baseDn: string): string {
  const domain = /(?:^|,)(\s*dc\s*=[^,]*(?:,\s*dc\s*=[^,]*)*)$/i.exec(baseDn);
  return domain?.[1]?.trim() ?? baseDn;
}

function groupOf(entry: Entry, direct: boolean): PersonGroup {
  const sid = entry.attributes.get('objectsid')?.[0];
  return {
    dn: entry.dn,
    sid: sid && objectSidText(sid),
    objectGUID: identityOf(entry),
    direct,
  };
}

/** The entries that have one of these values, a search for every 200. */
async function holdersOf(
  search: SearchEntries,
  base: string,
  attribute: string,
  values: readonly (string | Buffer)[],
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for (let start = 0; start < values.length; start += valuesAFilter) {
    const filters = values.slice(start, start + valuesAFilter).map((value) => new EqualityFilter({ attribute, value }));
    found.push(
      ...(await search({ base, scope: 'sub', filter: new OrFilter({ filters }), attributes: [...groupAttributes], limit: 0 })),
    );
  }
  return found;
}

/** The entries of these names; Active Directory and OpenLDAP each have an attribute for it that is found without a scan. */
async function entriesOf(
  search: SearchEntries,
  base: string,
  dns: readonly string[],
  isActiveDirectory: boolean,
): Promise<readonly Entry[]> {
  const wanted = new Map(dns.map((dn) => [keyOf(dn), dn]));
  const found: Entry[] = [];
  for (const attribute of isActiveDirectory ? ['distinguishedName'] : ['entryDN', 'distinguishedName']) {
    if (wanted.size === 0) break;
    for (const entry of await holdersOf(search, base, attribute, [...wanted.values()])) {
      // Elsewhere the attribute may stand for more than the entry's own name.
      if (wanted.delete(keyOf(entry.dn))) found.push(entry);
    }
  }
  return found;
}

/** Upwards through memberOf, level by level, where the directory does not tell the whole at once. */
async function climb(
  search: SearchEntries,
  base: string,
  memberOf: readonly string[],
  nested: boolean,
): Promise<readonly PersonGroup[]> {
  const groups = new Map<string, PersonGroup>();
  let level = memberOf;
  for (let depth = 0; level.length > 0 && depth < deepest && groups.size < mostGroups; depth += 1) {
    const entries = await entriesOf(search, base, level.slice(0, mostGroups - groups.size), false);
    for (const entry of entries) groups.set(keyOf(entry.dn), groupOf(entry, depth === 0));
    level = nested ? entries.flatMap((entry) => valuesOf(entry, 'memberOf')).filter((dn) => !groups.has(keyOf(dn))) : [];
  }
  return [...groups.values()];
}

async function groupsOf(
  search: SearchEntries,
  base: string,
  person: Entry,
  { nested, entries }: NonNullable<FurtherWanted['groups']>,
): Promise<readonly PersonGroup[]> {
  const memberOf = valuesOf(person, 'memberOf').slice(0, mostGroups);
  // MS-ADTS §3.1.1.4.5.19: the SIDs of all security groups, the primary one and nested ones included.
  const token = (person.attributes.get('tokengroups') ?? []).slice(0, mostGroups);
  if (token.length === 0) return climb(search, base, memberOf, nested);
  if (nested && !entries) return token.map((sid) => ({ sid: objectSidText(sid), direct: false }));
  const direct = new Set(memberOf.map(keyOf));
  const groups = new Map<string, PersonGroup>();
  const add = (found: readonly Entry[]): void => {
    for (const entry of found) groups.set(keyOf(entry.dn), groupOf(entry, direct.has(keyOf(entry.dn))));
  };
  if (nested) add(await holdersOf(search, base, 'objectSid', token));
  // Groups for mail alone have no part in the token.
  add(
    await entriesOf(
      search,
      base,
      memberOf.filter((dn) => !groups.has(keyOf(dn))),
      true,
    ),
  );
  const known = new Set([...groups.values()].map(({ sid }) => sid));
  const elsewhere = nested ? token.map(objectSidText).filter((sid) => !known.has(sid)) : [];
  return [...groups.values(), ...elsewhere.map((sid) => ({ sid, direct: false }))];
}

/** Undefined where the person has that name no longer, though somebody else may. */
export async function readFurther(
  { distinguishedName, objectGUID }: Pick<Person, 'distinguishedName' | 'objectGUID'>,
  wanted: FurtherWanted,
  baseDn: string,
  search: SearchEntries,
): Promise<Further | undefined> {
  const attributes = [...identity, ...wanted.bytes, ...(wanted.groups === undefined ? [] : ['memberOf', 'tokenGroups'])];
  const [person] = await search({ base: distinguishedName, scope: 'base', filter: anything, attributes, limit: 0 });
  if (person === undefined || identityOf(person) !== objectGUID) return undefined;
  const bytes = wanted.bytes.map((name): [string, readonly string[]] => {
    const values = person.attributes.get(name.toLowerCase()) ?? [];
    return [name.toLowerCase(), values.filter(({ length }) => length > 0).map((value) => value.toString('base64'))];
  });
  const groups = wanted.groups === undefined ? [] : await groupsOf(search, rootOf(baseDn), person, wanted.groups);
  // Servers answer in whatever order.
  const order = ({ dn, sid }: PersonGroup): string => dn ?? sid ?? '';
  return { bytes: Object.fromEntries(bytes), groups: groups.toSorted((one, other) => (order(one) < order(other) ? -1 : 1)) };
}

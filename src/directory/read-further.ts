/** What is read of a person for some service providers alone: attributes as bytes, and the groups with their identifiers. */
import { hash } from 'node:crypto';
import { PresenceFilter } from 'ldapts';
import { Refusal } from '../refusal.ts';
import type { Entry } from './connection.ts';
import type { Further, FurtherWanted, Person, PersonGroup } from './directory.ts';
import { keyOf } from './distinguished-name.ts';
import { type GroupSource, groupsByName, groupsBySid } from './find-groups.ts';
import type { GroupEntry, Token } from './group-memory.ts';
import { objectSidText } from './object-sid.ts';
import { identityOf, valuesOf } from './person-entry.ts';
import type { Boundary } from './trust-boundary.ts';

/** Groups, and why there may be others. */
export interface HeldBy {
  readonly groups: readonly GroupEntry[];
  readonly incomplete: Refusal | undefined;
}

/** Where people's groups are found: in their own forest, and where else its people may be in groups. */
export interface GroupSources {
  readonly own: GroupSource;
  /** Which groups the own forest may speak of. */
  readonly boundary: () => Promise<Boundary>;
  /** The groups of other forests that hold any of these SIDs, nested ones included. */
  readonly foreign: (sids: readonly string[]) => Promise<HeldBy>;
}

/** Groups found on the way up, and why there may be others. */
export interface Climbed {
  readonly groups: readonly { readonly entry: GroupEntry; readonly direct: boolean }[];
  readonly incomplete: Refusal | undefined;
}

type Groups = Pick<Further, 'groups' | 'incomplete'>;

type Known = Pick<Person, 'distinguishedName' | 'objectGUID'>;

/** Who was asked for; with the token that was remembered, it was not read again. */
interface Asked {
  readonly known: Known;
  readonly kept: Token | undefined;
}

const mostGroups = 5_000;
const deepest = 20;
const anything = new PresenceFilter({ attribute: 'objectClass' });
const identity = ['objectGUID', 'entryUUID'];

const personGroup = ({ dn, sid, objectGUID }: GroupEntry, direct: boolean): PersonGroup => ({ dn, sid, objectGUID, direct });

const tooMany = (): Refusal => new Refusal('directory-refused', { cause: 'the person is in more groups than are read' });

/** Upwards through memberOf, level by level, where the directory does not tell the whole at once. */
export async function climb(
  source: GroupSource,
  memberOf: readonly string[],
  how: { readonly nested: boolean; readonly isActiveDirectory: boolean },
): Promise<Climbed> {
  const groups = new Map<string, Climbed['groups'][number]>();
  let isCut = false;
  let level = memberOf;
  for (let depth = 0; level.length > 0; depth += 1) {
    const room = depth === deepest ? 0 : mostGroups - groups.size;
    isCut ||= level.length > room;
    if (room === 0) break;
    const entries = await groupsByName(source, level.slice(0, room), how.isActiveDirectory);
    for (const entry of entries) groups.set(keyOf(entry.dn), { entry, direct: depth === 0 });
    const above = new Map(entries.flatMap((entry) => entry.memberOf).map((dn) => [keyOf(dn), dn]));
    level = how.nested ? [...above].flatMap(([key, dn]) => (groups.has(key) ? [] : [dn])) : [];
  }
  return { groups: [...groups.values()], incomplete: isCut ? tooMany() : undefined };
}

/** What a token is made from, as far as the person's own entry tells: other groups, another token. */
const foundation = (person: Entry, memberOf: readonly string[]): string =>
  hash('sha256', [...memberOf.map(keyOf).toSorted(), ...valuesOf(person, 'primaryGroupID')].join('\n'), 'base64url');

/**
 * MS-ADTS §3.1.1.4.5.19: the SIDs of all security groups, the primary one and nested ones included. A controller computes them for
 * each group anew, so that they are remembered. None where the directory has no tokens.
 */
async function tokenOf(
  source: GroupSource,
  person: Entry,
  { known, kept }: Asked,
  memberOf: readonly string[],
): Promise<readonly string[]> {
  const madeFrom = foundation(person, memberOf);
  if (kept?.madeFrom === madeFrom) return kept.sids;
  const search = {
    base: known.distinguishedName,
    scope: 'base',
    filter: anything,
    limit: 0,
    attributes: ['tokenGroups'],
  } as const;
  const tokens = await Promise.all([
    kept === undefined ? [person] : source.search({ ...search, attributes: [...search.attributes] }),
    // A controller without a catalog does not know the universal groups of other domains.
    source.everywhere?.({ ...search, attributes: [...search.attributes] }) ?? [],
  ]);
  const sids = new Set<string>();
  for (const [index, entries] of tokens.entries()) {
    for (const sid of entries.flatMap((entry) => entry.attributes.get('tokengroups') ?? [])) {
      const text = objectSidText(sid);
      // S-1-5-32-544 of a catalog are the administrators of its own domain.
      const isMeant = text !== undefined && (index === 0 || text.startsWith('S-1-5-21-'));
      if (isMeant && sids.size <= mostGroups) sids.add(text);
    }
  }
  const token = [...sids];
  if (token.length > 0) source.memory.keepToken(known.objectGUID, { sids: token, madeFrom });
  return token;
}

async function groupsOfToken(
  source: GroupSource,
  boundary: Boundary,
  token: readonly string[],
  memberOf: readonly string[],
): Promise<readonly PersonGroup[]> {
  const direct = new Set(memberOf.map(keyOf));
  const bySid = await groupsBySid(source, token);
  const known = new Set([...bySid.values()].map(({ dn }) => keyOf(dn)));
  // Groups for mail alone have no part in the token.
  const others = await groupsByName(
    source,
    memberOf.filter((dn) => !known.has(keyOf(dn))),
    true,
  );
  return [
    ...[...bySid.values(), ...others].flatMap((entry) => {
      const group = boundary.groupOf(entry);
      return group === undefined ? [] : [personGroup(group, direct.has(keyOf(group.dn)))];
    }),
    ...token.filter((sid) => !bySid.has(sid)).map((sid) => ({ sid, direct: false })),
  ];
}

async function groupsOf(
  { own, boundary: boundaryOf, foreign }: GroupSources,
  person: Entry,
  asked: Asked,
  { nested, entries }: NonNullable<FurtherWanted['groups']>,
): Promise<Groups> {
  const memberOf = valuesOf(person, 'memberOf').slice(0, mostGroups + 1);
  const token = nested ? await tokenOf(own, person, asked, memberOf) : [];
  const boundary = await boundaryOf();
  if (token.length === 0) {
    // OpenLDAP has no such attribute.
    const isActiveDirectory = person.attributes.has('distinguishedname');
    const { groups, incomplete } = await climb(own, memberOf, { nested, isActiveDirectory });
    const held = groups.flatMap(({ entry, direct }) => {
      const group = boundary.groupOf(entry);
      return group === undefined ? [] : [personGroup(group, direct)];
    });
    return { groups: held, incomplete };
  }
  const [sid] = person.attributes.get('objectsid') ?? [];
  const ownSid = (sid && objectSidText(sid)) ?? '';
  const isOwn = boundary.ownsSid(ownSid);
  if (!isOwn && boundary.silent === undefined)
    throw new Refusal('directory-refused', { cause: 'the person has no SID, or not of a domain of their forest' });
  const sids = token.slice(0, mostGroups).filter(boundary.ownsSid);
  const [abroad, home] = await Promise.all([
    foreign(isOwn ? [ownSid, ...sids] : sids),
    entries ? groupsOfToken(own, boundary, sids, memberOf) : sids.map((one) => ({ sid: one, direct: false })),
  ]);
  const isCut = token.length > mostGroups || memberOf.length > mostGroups;
  return {
    groups: [...home, ...abroad.groups.map((one) => personGroup(one, false))],
    incomplete: isCut ? tooMany() : (boundary.silent ?? abroad.incomplete),
  };
}

/** Undefined where the person has that name no longer, though somebody else may. */
export async function readFurther(known: Known, wanted: FurtherWanted, sources: GroupSources): Promise<Further | undefined> {
  const { search, memory } = sources.own;
  const kept = memory.token(known.objectGUID);
  const token = wanted.groups?.nested === true && kept === undefined ? ['tokenGroups'] : [];
  const groupAttributes =
    wanted.groups === undefined ? [] : ['memberOf', 'primaryGroupID', 'objectSid', 'distinguishedName', ...token];
  const attributes = [...new Set([...identity, ...wanted.bytes, ...groupAttributes])];
  const [person] = await search({ base: known.distinguishedName, scope: 'base', filter: anything, attributes, limit: 0 });
  if (person === undefined || identityOf(person) !== known.objectGUID) return undefined;
  const bytes = wanted.bytes.map((name): [string, readonly string[]] => {
    const values = person.attributes.get(name.toLowerCase()) ?? [];
    return [name.toLowerCase(), values.filter(({ length }) => length > 0).map((value) => value.toString('base64'))];
  });
  const { groups, incomplete }: Groups =
    wanted.groups === undefined ? { groups: [] } : await groupsOf(sources, person, { known, kept }, wanted.groups);
  // Servers answer in whatever order.
  const order = ({ dn, sid }: PersonGroup): string => dn ?? sid ?? '';
  return {
    bytes: Object.fromEntries(bytes),
    groups: groups.toSorted((one, other) => (order(one) < order(other) ? -1 : 1)),
    incomplete,
  };
}

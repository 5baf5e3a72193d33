/** The members of the groups of one domain: their places among people and groups, and the names of the others. */
import { type BerReader, type Filter, PresenceFilter } from 'ldapts';
import type { Connection } from '../connection.ts';
import { Refusal } from '../../refusal.ts';
import { anyOf, equals } from '../filters.ts';
import { accept } from '../ldap-refusal.ts';
import { objectGuidBytes } from '../object-guid.ts';
import { memberAttributes, readMembers } from './members-entry.ts';
import { groupFilter } from './read-groups.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';

/** Direct members of one group. `people` and `groups` are in ascending order, each once. */
export interface Members {
  readonly people: Uint32Array;
  readonly groups: Uint32Array;
  /** Places in the list of strangers. */
  readonly strangers: Uint32Array;
}

/** Where somebody stands: a person at `place`, or a group at `-1 - place`. */
export type Standing = number;

export interface MembersWanted {
  readonly root: string;
  readonly isActiveDirectory: boolean;
  /** The place of a group of this domain. */
  readonly groupAt: (dn: string) => number | undefined;
  /** Those groups, with their objectGUIDs. */
  readonly groups: () => Iterable<readonly [place: number, objectGUID: string]>;
  /** Whoever is known of the forest. */
  readonly standingOf: (dn: string) => Standing | undefined;
  /** Place of a name among those that nobody of the survey bears. */
  readonly strangerAt: (dn: string) => number;
  readonly told: (read: number) => void;
  readonly bounds: SurveyBounds;
}

const PAGE = 500;
const NO_SUCH_OBJECT = 32;
const nothing = new Uint32Array(0);
const anything = new PresenceFilter({ attribute: 'objectClass' });

function byIdentity(objectGUID: string, isActiveDirectory: boolean): Filter {
  const bytes = objectGuidBytes(objectGUID);
  const byGuid = bytes === undefined ? [] : [equals('objectGUID', bytes)];
  return anyOf(isActiveDirectory ? byGuid : [...byGuid, equals('entryUUID', objectGUID)]);
}

interface Gathered {
  readonly people: number[];
  readonly groups: number[];
  readonly strangers: number[];
}

function inOrder(places: number[]): Uint32Array {
  if (places.length === 0) return nothing;
  const sorted = Uint32Array.from(places).sort();
  let count = 0;
  for (const [at, place] of sorted.entries()) {
    if (at > 0 && place === sorted[count - 1]) continue;
    sorted[count] = place;
    count += 1;
  }
  return count === sorted.length ? sorted : sorted.slice(0, count);
}

/** By the place of the group. @throws Unanswered; Refusal directory-refused */
export async function readGroupMembers(
  connection: Connection,
  { root, isActiveDirectory, groupAt, groups, standingOf, strangerAt, told, bounds }: MembersWanted,
): Promise<ReadonlyMap<number, Members>> {
  const { server } = connection;
  const found = new Map<number, Members>();
  let memberships = 0;
  let parts = 0;
  /** Of which a part alone was there to be read. */
  const lost = new Set<number>();
  let cut: { readonly dn: string; readonly at: number; readonly gathered: Gathered; attribute: string; next: number }[] = [];

  const gather = (gathered: Gathered, dn: string): void => {
    memberships += 1;
    const standing = standingOf(dn);
    if (standing === undefined) gathered.strangers.push(strangerAt(dn));
    else if (standing >= 0) gathered.people.push(standing);
    else gathered.groups.push(-1 - standing);
    keepWithin(bounds, 'memberships', memberships, server);
  };
  const keep = (at: number, { people, groups, strangers }: Gathered): void => {
    found.set(at, { people: inOrder(people), groups: inOrder(groups), strangers: inOrder(strangers) });
  };

  const take = (reader: BerReader, placeOf = groupAt): void => {
    const gathered: Gathered = { people: [], groups: [], strangers: [] };
    let name = '';
    let at: number | undefined;
    const partial = readMembers(
      reader,
      (dn) => {
        name = dn;
        at = placeOf(dn);
        // One that was made or moved meanwhile, or that another base gave already.
        return at !== undefined && !found.has(at);
      },
      (dn) => {
        gather(gathered, dn);
      },
    );
    if (at === undefined || found.has(at)) return;
    keep(at, gathered);
    if (partial !== undefined) cut.push({ dn: name, at, gathered, ...partial });
  };

  /** The further parts of long lists (MS-ADTS §3.1.1.3.1.3.3). */
  const complete = async (): Promise<void> => {
    for (const one of cut) {
      for (;;) {
        parts += 1;
        keepWithin(bounds, 'parts', parts, server);
        const attributes = [`${one.attribute};range=${String(one.next)}-*`];
        const search = { base: one.dn, scope: 'base' as const, filter: anything, attributes, limit: 0 };
        const following: number[] = [];
        const result = await connection.scan(search, (reader) => {
          const partial = readMembers(
            reader,
            () => true,
            (dn) => {
              gather(one.gathered, dn);
            },
          );
          if (partial !== undefined) following.push(partial.next);
        });
        if (result.code === NO_SUCH_OBJECT) {
          lost.add(one.at);
          break;
        }
        accept(server, result);
        const [next] = following;
        if (next === undefined) break;
        if (next <= one.next) {
          throw new Refusal('directory-refused', { server, stage: 'survey', cause: 'a list of members does not come forward' });
        }
        one.next = next;
      }
      keep(one.at, one.gathered);
    }
    cut = [];
  };

  const attributes = isActiveDirectory ? ['member'] : [...memberAttributes];

  /** Those that were moved meanwhile, and not those that were deleted. */
  const findAgain = async (): Promise<void> => {
    let moved = 0;
    for (const [at, objectGUID] of groups()) {
      if (found.has(at) && !lost.delete(at)) continue;
      found.delete(at);
      moved += 1;
      keepWithin(bounds, 'again', moved, server);
      const filter = byIdentity(objectGUID, isActiveDirectory);
      const result = await connection.scan({ base: root, scope: 'sub', filter, attributes, limit: 0 }, (reader) => {
        take(reader, (dn) => ((groupAt(dn) ?? at) === at ? at : undefined));
      });
      accept(server, result);
      await complete();
    }
  };

  await scanPages(connection, {
    search: { base: root, filter: groupFilter(isActiveDirectory), attributes },
    size: PAGE,
    take: (reader) => {
      take(reader);
    },
    gained: () => found.size,
    turned: complete,
    told,
    bounds,
  });
  await findAgain();
  return found;
}

/** The groups of one domain, without their members. */
import type { BerReader } from 'ldapts';
import { type Connection, type Entry, readEntry } from '../connection.ts';
import { anyOf, equals } from '../filters.ts';
import { ownValue } from '../own-value.ts';
import { identityOf } from '../person-entry.ts';
import { inOnePiece } from './in-one-piece.ts';
import { type DomainSid, createDomainSid } from './relative-id.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';
import type { SurveyedGroup } from './survey.ts';
import { assertIdentified } from './unidentified.ts';
import type { Whereabouts } from './whereabouts.ts';

/** A group whose members are not known yet. */
export type NamedGroup = Omit<SurveyedGroup, 'people' | 'groups' | 'outsiders' | 'someOutsiders'>;

export interface GroupsWanted {
  readonly root: string;
  /** Which of the survey's domains. */
  readonly place: number;
  readonly sid: string | undefined;
  readonly isActiveDirectory: boolean;
  readonly whereabouts: (dn: string) => Whereabouts;
  readonly told: (read: number) => void;
  readonly bounds: SurveyBounds;
}

const PAGE = 1_000;
const asked = ['objectGUID', 'objectClass', 'cn', 'sAMAccountName', 'mail', 'objectSid', 'groupType', 'isCriticalSystemObject'];

/** Those of Active Directory, and of RFC 4519. A class that a schema does not know finds nobody. */
export const groupFilter = (isActiveDirectory: boolean) =>
  anyOf(
    (isActiveDirectory ? ['group'] : ['group', 'groupOfNames', 'groupOfUniqueNames']).map((name) => equals('objectClass', name)),
  );

// MS-ADTS §2.2.12
const BUILTIN_LOCAL = 0x1;
const ACCOUNT = 0x2;
const RESOURCE = 0x4;
const UNIVERSAL = 0x8;
const SECURITY_ENABLED = 0x80000000;

function kindOf(entry: Entry): Pick<SurveyedGroup, 'scope' | 'type' | 'builtIn'> {
  const critical = ownValue(entry, 'iscriticalsystemobject')?.toUpperCase() === 'TRUE';
  const text = ownValue(entry, 'grouptype');
  if (text === undefined || !/^-?\d{1,10}$/.test(text)) return { scope: undefined, type: undefined, builtIn: critical };
  const bits = Number(text);
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const scope = has(UNIVERSAL) ? 'universal' : has(ACCOUNT) ? 'global' : has(RESOURCE) ? 'domain local' : undefined;
  return { scope, type: has(SECURITY_ENABLED) ? 'security' : 'distribution', builtIn: critical || has(BUILTIN_LOCAL) };
}

function groupOf(entry: Entry, place: number, sids: DomainSid): NamedGroup | undefined {
  const objectGUID = identityOf(entry);
  if (objectGUID === undefined) return undefined;
  const cn = ownValue(entry, 'cn');
  const sAMAccountName = ownValue(entry, 'samaccountname');
  return {
    objectGUID: inOnePiece(objectGUID),
    distinguishedName: entry.dn,
    place,
    cn,
    sAMAccountName: sAMAccountName === cn ? cn : sAMAccountName,
    mail: ownValue(entry, 'mail'),
    rid: sids.ridOf(entry),
    ...kindOf(entry),
  };
}

/** @throws Unanswered; Refusal directory-refused */
export async function readGroups(connection: Connection, wanted: GroupsWanted): Promise<readonly NamedGroup[]> {
  const { root, place, isActiveDirectory, whereabouts, told, bounds } = wanted;
  const groups: NamedGroup[] = [];
  const known = new Set<string>();
  const sids = createDomainSid(wanted.sid);
  let text = 0;
  await scanPages(connection, {
    search: {
      base: root,
      filter: groupFilter(isActiveDirectory),
      attributes: isActiveDirectory ? asked : [...asked, 'entryUUID'],
    },
    size: PAGE,
    take(reader: BerReader) {
      const { entry } = readEntry(reader);
      if (!whereabouts(entry.dn).isHeld) return;
      const group = groupOf(entry, place, sids);
      if (group === undefined) assertIdentified(entry, connection.server);
      if (group === undefined || known.has(group.objectGUID)) return;
      known.add(group.objectGUID);
      groups.push(group);
      for (const name of [group.distinguishedName, group.cn, group.sAMAccountName, group.mail]) text += name?.length ?? 0;
      keepWithin(bounds, 'groups', groups.length, connection.server);
      keepWithin(bounds, 'text', text, connection.server);
    },
    gained: () => groups.length,
    told,
    bounds,
  });
  return groups;
}

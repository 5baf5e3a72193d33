/** What one configured domain gives in the first pass, in which members have no places yet. */
import type { Domain } from '../domain.ts';
import { dnsDomainOf } from '../distinguished-name.ts';
import type { Forest } from '../forest.ts';
import { type DomainDescription, describeDomain } from './describe-domain.ts';
import { type NamedGroup, readGroups } from './read-groups.ts';
import { type PeopleRead, readPeople } from './read-people.ts';
import { readTrusts } from './read-trusts.ts';
import { readUnits } from './read-units.ts';
import type { SurveyBounds } from './survey-bounds.ts';
import type { SurveyProgress, SurveyedPerson, Trust } from './survey.ts';
import { type Whereabouts, whereaboutsBelow } from './whereabouts.ts';
import { whoeverBears } from './whoever-bears.ts';

/** A configured domain and how it is read. */
export interface DomainTask {
  /** Which of the survey's domains. */
  readonly place: number;
  /** Which of the survey's forests. */
  readonly at: number;
  readonly forest: Forest;
  readonly domain: Domain;
  /** The entry of the whole domain. */
  readonly root: string;
  /** The first of those configured that lie in this domain: groups and units are read once. */
  readonly isFirst: boolean;
  readonly whereabouts: (dn: string) => Whereabouts;
}

export interface DomainRead extends PeopleRead {
  readonly description: DomainDescription;
  readonly groups: readonly NamedGroup[];
  readonly units: ReadonlySet<string>;
  readonly trusts: readonly Trust[];
}

export interface ReadingParts {
  readonly whole: boolean;
  readonly oneText: (text: string) => string;
  readonly told: (progress: SurveyProgress) => void;
  readonly bounds: SurveyBounds;
}

export const toldOf =
  ({ domain }: DomainTask, what: SurveyProgress['what'], told: ReadingParts['told']) =>
  (read: number): void => {
    told({ domain: domain.dnsDomain ?? domain.baseDn, what, read });
  };

export const createTask = (parts: Omit<DomainTask, 'whereabouts'>, isOnly: boolean): DomainTask => ({
  ...parts,
  whereabouts: whereaboutsBelow(parts.root, isOnly),
});

/** Puts right who came under two names. @throws Refusal directory-refused where they are two */
async function settle(people: SurveyedPerson[], again: readonly SurveyedPerson[], domain: Domain): Promise<void> {
  const places = new Map(people.map(({ objectGUID }, place) => [objectGUID, place]));
  for (const later of again) {
    const place = places.get(later.objectGUID) ?? -1;
    const earlier = people[place];
    if (earlier !== undefined) people[place] = await whoeverBears(new Set([domain]), earlier, later);
  }
}

/** Each part on one controller, the same for all while it answers; begun again on another where it fails. @throws Refusal */
export async function readDomain(task: DomainTask, parts: ReadingParts): Promise<DomainRead> {
  const { domain, place, root, isFirst, whereabouts } = task;
  const { controllers } = domain;
  const { whole, oneText, told, bounds } = parts;
  const description = await controllers.asService((connection) => describeDomain(connection, root));
  const { isActiveDirectory, sid } = description;
  const wish = { first: description.server };
  const read = await controllers.asService(
    (connection) =>
      readPeople(connection, {
        ...{ domain, place, sid, isActiveDirectory, oneText, bounds },
        told: toldOf(task, 'people', told),
      }),
    wish,
  );
  const everybody = [...read.people];
  if (read.again.length > 0) await settle(everybody, read.again, domain);
  const people = everybody.sort((one, other) => (one.distinguishedName < other.distinguishedName ? -1 : 1));
  if (!whole || !isFirst) return { ...read, people, description, groups: [], units: new Set(), trusts: [] };
  const common = { root, whereabouts, bounds };
  const groups = await controllers.asService(
    (connection) =>
      readGroups(connection, { ...common, place, sid: read.sid, isActiveDirectory, told: toldOf(task, 'groups', told) }),
    wish,
  );
  const units = await controllers.asService(
    (connection) => readUnits(connection, { ...common, told: toldOf(task, 'units', told) }),
    wish,
  );
  const named = dnsDomainOf(root) ?? root;
  const trusts = await controllers.asService((connection) => readTrusts(connection, { root, domain: named, bounds }), wish);
  return {
    ...read,
    people,
    description,
    groups: groups.toSorted((one, other) => (one.distinguishedName < other.distinguishedName ? -1 : 1)),
    units,
    trusts: trusts.toSorted((one, other) => (one.partner < other.partner ? -1 : 1)),
  };
}

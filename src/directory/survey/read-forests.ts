/** Puts together what the domains of all forests give. */
import type { DirectoryConfiguration } from '../../config/directory-configuration.ts';
import { domainRootOf, keyOf } from '../distinguished-name.ts';
import type { Forest } from '../forest.ts';
import { inTurn } from './in-turn.ts';
import { joinMembers } from './join-members.ts';
import { createNameIndex } from './name-index.ts';
import { type DomainRead, type DomainTask, type ReadingParts, createTask, readDomain } from './one-domain.ts';
import { createOneText } from './one-text.ts';
import { keepWithin } from './survey-bounds.ts';
import type { Survey, SurveyedForest, SurveyedPerson, SurveyedUnit } from './survey.ts';
import { parentOf } from './whereabouts.ts';
import { isSameName, whoeverBears } from './whoever-bears.ts';

/** Domains that are read at once; pages of one domain come one after the other. */
const AT_ONCE = 3;

function tasksOf(forests: readonly Forest[]): readonly DomainTask[] {
  const isOnly = forests.length === 1 && forests[0]?.domains.length === 1;
  let place = -1;
  return forests.flatMap((forest, at) => {
    const roots = new Set<string>();
    return forest.domains.map((domain) => {
      const root = domainRootOf(domain.baseDn);
      const isFirst = !roots.has(keyOf(root));
      roots.add(keyOf(root));
      place += 1;
      return createTask({ place, at, forest, domain, root, isFirst }, isOnly);
    });
  });
}

/**
 * Everybody once: within a forest by objectGUID, since what is searched may overlap, and people go from domain to domain meanwhile.
 * @throws Refusal directory-refused where two bear one
 */
async function peopleOf(tasks: readonly DomainTask[], reads: readonly DomainRead[]): Promise<readonly SurveyedPerson[]> {
  const people: SurveyedPerson[] = [];
  const known = new Map<number, Map<string, number>>();
  for (const [place, read] of reads.entries()) {
    const task = tasks[place];
    if (task === undefined) continue;
    if (task.forest.domains.length === 1) {
      for (const person of read.people) people.push(person);
      continue;
    }
    const met = known.get(task.at) ?? new Map<string, number>();
    known.set(task.at, met);
    for (const person of read.people) {
      const at = met.get(person.objectGUID) ?? people.length;
      const earlier = people[at];
      met.set(person.objectGUID, at);
      if (earlier === undefined) people.push(person);
      else if (!isSameName(earlier, person)) {
        const domains = new Set([earlier, person].flatMap((one) => tasks[one.place]?.domain ?? []));
        people[at] = await task.forest.blamed(whoeverBears(domains, earlier, person));
      }
    }
  }
  return people;
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Units, and what else holds people directly, but for the domain itself. */
function unitsOf(
  tasks: readonly DomainTask[],
  reads: readonly DomainRead[],
  people: readonly SurveyedPerson[],
): readonly SurveyedUnit[] {
  return tasks.flatMap((task, place) => {
    if (!task.isFirst) return [];
    const units = new Map([...(reads[place]?.units ?? [])].map((dn) => [dn, 'unit'] as const));
    const index = createNameIndex<string>(new Map([...units, [task.root, 'root']]));
    const containers = new Map<string, string>();
    const seen = new Set<string>();
    const isOwn = tasks.map(({ at, root }) => at === task.at && keyOf(root) === keyOf(task.root));
    for (const person of people) {
      const parent = isOwn[person.place] === true ? parentOf(person.distinguishedName) : undefined;
      if (parent === undefined || seen.has(parent)) continue;
      seen.add(parent);
      if (index.get(parent) === undefined) containers.set(keyOf(parent), parent);
    }
    const found: readonly SurveyedUnit[] = [
      ...[...units.keys()].map((distinguishedName) => ({ distinguishedName, place, kind: 'unit' as const })),
      ...[...containers.values()].map((distinguishedName) => ({ distinguishedName, place, kind: 'container' as const })),
    ];
    return found.toSorted((one, other) => compare(one.distinguishedName, other.distinguishedName));
  });
}

function forestOf(
  at: number,
  tasks: readonly DomainTask[],
  reads: readonly DomainRead[],
  directory: DirectoryConfiguration,
): SurveyedForest {
  const own = reads.filter((_, place) => tasks[place]?.at === at);
  const configured = directory.forests[at];
  const description = own[0]?.description;
  const names = description?.names;
  const domains = [...(names?.dnsDomainByNetbios ?? [])].map(([netbios, dnsDomain]) => ({
    dnsDomain,
    netbiosName: netbios.toUpperCase(),
  }));
  return {
    name: configured?.name ?? description?.forestName,
    isActiveDirectory: description?.isActiveDirectory ?? false,
    suffixes: [...new Set(names?.alternates)].toSorted(compare),
    domains: domains.toSorted((one, other) => compare(one.dnsDomain, other.dnsDomain)),
    trusts: own.flatMap(({ trusts }) => trusts),
    hasCatalog: (configured?.globalCatalogs.length ?? 0) > 0,
  };
}

/** @throws Refusal directory-unavailable, directory-untrusted, directory-refused */
export async function readForests(
  forests: readonly Forest[],
  directory: DirectoryConfiguration,
  given: Omit<ReadingParts, 'oneText'>,
): Promise<Survey> {
  const parts: ReadingParts = { ...given, oneText: createOneText() };
  const { whole, bounds } = parts;
  const tasks = tasksOf(forests);
  const reads = await inTurn(tasks, AT_ONCE, (task) => task.forest.blamed(readDomain(task, parts)));
  const people = await peopleOf(tasks, reads);
  const named = reads.flatMap(({ groups }) => groups);
  const units = whole ? unitsOf(tasks, reads, people) : [];
  const server = reads[0]?.server ?? '';
  keepWithin(bounds, 'people', people.length, server);
  keepWithin(bounds, 'groups', named.length, server);
  keepWithin(bounds, 'units', units.length, server);
  const described = reads.map(({ description, sid }) => ({ isActiveDirectory: description.isActiveDirectory, sid }));
  const groups = whole ? await joinMembers({ tasks, described, people, groups: named, atOnce: AT_ONCE, parts }) : [];
  return {
    forests: forests.map((_, at) => forestOf(at, tasks, reads, directory)),
    domains: tasks.map(({ at, domain, root }, place) => ({
      forest: at,
      dnsDomain: domain.dnsDomain,
      baseDn: domain.baseDn,
      root,
      server: reads[place]?.server ?? '',
    })),
    people,
    groups,
    units,
  };
}

/** The second pass: whom each group holds, once everybody and every group has a place. */
import type { Standing, Members } from './read-members.ts';
import { readGroupMembers } from './read-members.ts';
import { inTurn } from './in-turn.ts';
import { createNameIndex } from './name-index.ts';
import { type DomainTask, type ReadingParts, toldOf } from './one-domain.ts';
import type { NamedGroup } from './read-groups.ts';
import { type Strangers, createStrangers, foreignSidOf, ownNameOf, readOutsiders } from './strangers.ts';
import type { Outsider, SurveyedGroup, SurveyedPerson } from './survey.ts';
import { keepWithin } from './survey-bounds.ts';

export interface Joining {
  readonly tasks: readonly DomainTask[];
  /** By the place of a domain: whether it is an Active Directory, and its SID. */
  readonly described: readonly { readonly isActiveDirectory: boolean; readonly sid: string | undefined }[];
  readonly people: readonly SurveyedPerson[];
  readonly groups: readonly NamedGroup[];
  readonly atOnce: number;
  readonly parts: ReadingParts;
}

const MOST_NAMED = 20;
const nobody = new Uint32Array(0);

/** Everybody of one forest by name. */
function namesOf({ tasks, people, groups }: Joining, forest: number): ReadonlyMap<string, Standing> {
  const at = tasks.map((task) => task.at);
  const names = new Map<string, Standing>();
  for (const [place, person] of people.entries()) if (at[person.place] === forest) names.set(person.distinguishedName, place);
  for (const [place, group] of groups.entries()) if (at[group.place] === forest) names.set(group.distinguishedName, -1 - place);
  return names;
}

/** Who bears these SIDs. What two forests claim is nobody's. */
function bearersOf({ tasks, described, people, groups }: Joining, sids: ReadonlySet<string>): ReadonlyMap<string, Standing> {
  const bearers = new Map<string, Standing>();
  if (sids.size === 0) return bearers;
  const owners = new Map<string, number>();
  const disputed = new Set<string>();
  for (const [place, { sid }] of described.entries()) {
    const forest = tasks[place]?.at;
    if (sid === undefined || forest === undefined) continue;
    if ((owners.get(sid) ?? forest) !== forest) disputed.add(sid);
    owners.set(sid, forest);
  }
  const tell = (entry: { readonly place: number; readonly rid: number | undefined }, standing: Standing): void => {
    const domain = described[entry.place]?.sid;
    if (domain === undefined || entry.rid === undefined || disputed.has(domain)) return;
    const sid = `${domain}-${String(entry.rid)}`;
    if (sids.has(sid)) bearers.set(sid, standing);
  };
  for (const [place, person] of people.entries()) tell(person, place);
  for (const [place, group] of groups.entries()) tell(group, -1 - place);
  return bearers;
}

const withMore = (places: Uint32Array, more: readonly number[]): Uint32Array =>
  more.length === 0 ? places : Uint32Array.from(new Set([...places, ...more])).sort();

interface Known {
  readonly names: readonly string[];
  /** By the place of a stranger. */
  readonly kinds: ReadonlyMap<number, Outsider>;
  readonly bearers: ReadonlyMap<string, Standing>;
}

function complete(group: NamedGroup, members: Members | undefined, { names, kinds, bearers }: Known): SurveyedGroup {
  const outsiders = { foreign: 0, computer: 0, contact: 0, elsewhere: 0 };
  if (members === undefined) return { ...group, people: nobody, groups: nobody, outsiders, someOutsiders: [] };
  const people: number[] = [];
  const groups: number[] = [];
  const named: string[] = [];
  for (const stranger of members.strangers) {
    const dn = names[stranger] ?? '';
    const sid = foreignSidOf(dn);
    const bearer = sid === undefined ? undefined : bearers.get(sid);
    if (bearer === undefined) {
      outsiders[sid === undefined ? (kinds.get(stranger) ?? 'elsewhere') : 'foreign'] += 1;
      named.push(ownNameOf(dn));
    } else if (bearer >= 0) people.push(bearer);
    else groups.push(-1 - bearer);
  }
  return {
    ...group,
    people: withMore(members.people, people),
    groups: withMore(members.groups, groups),
    outsiders,
    someOutsiders: named.sort().slice(0, MOST_NAMED),
  };
}

/** @throws Refusal */
export async function joinMembers(joining: Joining): Promise<readonly SurveyedGroup[]> {
  const { tasks, described, groups, atOnce, parts } = joining;
  const { told, bounds } = parts;
  const forests = [...new Set(tasks.map(({ at }) => at))];
  const known = new Map(
    forests.map((at) => {
      const [first] = tasks.filter((task) => task.at === at);
      const strangers: Strangers = createStrangers(bounds, first?.domain.controllers.name ?? '');
      return [at, { index: createNameIndex(namesOf(joining, at)), strangers, kinds: new Map<number, Outsider>() }] as const;
    }),
  );
  let memberships = 0;

  const membersOf = await inTurn(
    tasks.filter(({ isFirst }) => isFirst),
    atOnce,
    async (task) => {
      const forest = known.get(task.at);
      if (forest === undefined) return new Map<number, Members>();
      const { index, strangers } = forest;
      const { controllers } = task.domain;
      const found = await task.forest.blamed(
        controllers.asService((connection) =>
          readGroupMembers(connection, {
            root: task.root,
            isActiveDirectory: described[task.place]?.isActiveDirectory === true,
            groupAt(dn) {
              const standing = task.whereabouts(dn).isHeld ? index.get(dn) : undefined;
              return standing === undefined || standing >= 0 ? undefined : -1 - standing;
            },
            *groups() {
              for (const [at, { place, objectGUID }] of groups.entries()) if (place === task.place) yield [at, objectGUID];
            },
            standingOf: (dn) => index.get(dn),
            strangerAt: (dn) => strangers.at(dn),
            told: toldOf(task, 'members', told),
            bounds,
          }),
        ),
      );
      for (const one of found.values()) memberships += one.people.length + one.groups.length + one.strangers.length;
      keepWithin(bounds, 'memberships', memberships, controllers.name);
      return found;
    },
  );
  await inTurn(
    tasks.filter(({ isFirst }) => isFirst),
    atOnce,
    async (task) => {
      const forest = known.get(task.at);
      if (forest === undefined || forest.strangers.names.length === 0) return;
      const { root, whereabouts, domain } = task;
      const wanted = { root, whereabouts, names: forest.strangers.names, bounds };
      const found = await task.forest.blamed(domain.controllers.asService((connection) => readOutsiders(connection, wanted)));
      for (const [at, kind] of found) forest.kinds.set(at, kind);
    },
  );

  const sids = new Set([...known.values()].flatMap(({ strangers }) => strangers.names.flatMap((dn) => foreignSidOf(dn) ?? [])));
  const bearers = bearersOf(joining, sids);
  return groups.map((group, at) => {
    const forest = known.get(tasks[group.place]?.at ?? -1);
    const members = membersOf.map((one) => one.get(at)).find((one) => one !== undefined);
    return complete(group, members, { names: forest?.strangers.names ?? [], kinds: forest?.kinds ?? new Map(), bearers });
  });
}

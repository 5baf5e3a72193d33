/** Which groups there are, what they are for, and which are worth bringing. */
import type { Survey } from '../directory/survey/survey.ts';
import { prepareMapping, type Mapping } from '../mapping/prepare-mapping.ts';
import type { DomainAdvice, GroupAdvice, MappingAdvice } from './advice.ts';
import type { Facts } from './facts.ts';
import { countMemberships } from './groups/count-memberships.ts';
import { decideGroups } from './groups/decide-groups.ts';
import { familiesOf, proposeFilter } from './groups/group-filter.ts';
import { adviseKinds } from './groups/group-kinds.ts';
import { adviseLimits } from './groups/group-limits.ts';
import { noteGroups } from './groups/group-notes.ts';
import { adviseUses, membersOf } from './groups/group-uses.ts';
import { type ListedGroups, listGroups, namesOf } from './groups/list-groups.ts';
import { describeNaming, heldByPeople, nameGroups } from './groups/name-groups.ts';
import { findNesting, type Nesting } from './groups/nesting.ts';

/** Of each group, how many have it as their primary group, which is not among their direct memberships. */
function primaryMembers({ people, groups }: Survey): Uint32Array {
  const key = (place: number, rid: number): string => `${String(place)} ${String(rid)}`;
  const places = new Map(
    groups.flatMap(({ place, rid }, index) => (rid === undefined ? [] : [[key(place, rid), index] as const])),
  );
  const counts = new Uint32Array(groups.length);
  for (const { place, primaryGroup } of people) {
    const group = primaryGroup === undefined ? undefined : places.get(key(place, primaryGroup));
    if (group !== undefined) counts[group] = (counts[group] ?? 0) + 1;
  }
  return counts;
}

/** The best candidate's; where the proposed primary domain is none of its, with the proposed domains. */
function mappingFor({ proposed }: DomainAdvice, { candidates, best }: MappingAdvice, configured: Mapping): Mapping {
  const mapping = candidates.find(({ name }) => name === best)?.mapping ?? configured;
  return prepareMapping(mapping).tables.destinations.has(proposed.domains.primary.toLowerCase())
    ? mapping
    : { ...mapping, ...proposed };
}

function describeNesting({ depths, longest, circles }: Nesting, { names }: ListedGroups): GroupAdvice['nesting'] {
  const deepest = Math.max(0, longest.length - 1);
  const byDepth = Array.from({ length: deepest + 1 }, () => 0);
  for (const depth of depths) byDepth[depth] = (byDepth[depth] ?? 0) + 1;
  const namesAt = (places: readonly number[]) => places.flatMap((place) => names.slice(place, place + 1));
  return { deepest, byDepth, longest: namesOf(namesAt(longest)), cycles: circles.map(namesAt) };
}

const outsiderKinds = ['foreign', 'computer', 'contact', 'elsewhere'] as const;
const mostExamples = 20;

/** `someOutsiders` does not say which is of which kind: those of groups that have one kind alone are examples of it. */
function adviseOutsiders({ groups }: Survey): GroupAdvice['outsiders'] {
  return outsiderKinds.flatMap((kind) => {
    const having = groups.filter(({ outsiders }) => outsiders[kind] > 0);
    const sure = having.filter(({ outsiders }) => outsiderKinds.every((other) => other === kind || outsiders[other] === 0));
    const examples = [...new Set(sure.flatMap(({ someOutsiders }) => someOutsiders))].sort().slice(0, mostExamples);
    const members = having.reduce((sum, { outsiders }) => sum + outsiders[kind], 0);
    return having.length === 0 ? [] : [{ kind, members, groups: having.length, examples }];
  });
}

export function adviseGroups(facts: Facts, domains: DomainAdvice, mapping: MappingAdvice): GroupAdvice {
  const { survey } = facts;
  const { groups, people } = survey;
  const listed = listGroups(survey);
  const primary = primaryMembers(survey);
  const best = mappingFor(domains, mapping, facts.configured);
  const prepared = prepareMapping(best);
  const domain = domains.proposed.domains.primary;
  const byName = {
    cn: nameGroups(groups, () => ({ by: 'cn', domain }), prepared),
    mail: nameGroups(groups, () => ({ by: 'mail' }), prepared),
  };
  const addresses = new Set([...byName.cn.addresses, ...byName.mail.addresses].flatMap((address) => address ?? []));
  const held = heldByPeople(facts, best, addresses);

  const families = familiesOf(survey);
  const choice = decideGroups(survey, families, byName, new Set(held.keys()), domain);
  const nesting = findNesting(
    groups.map(({ groups: within }) => within),
    listed.rank,
  );
  const memberships = countMemberships(people.length, groups, nesting.condensed);
  return {
    total: groups.length,
    builtIn: groups.filter(({ builtIn }) => builtIn).length,
    empty: groups.filter((group, place) => membersOf(group) + (primary[place] ?? 0) === 0).length,
    kinds: adviseKinds(survey),
    uses: adviseUses(groups, primary, listed),
    namings: (['cn', 'mail'] as const).map((by) => describeNaming(by, byName[by], held, groups, listed)),
    nesting: describeNesting(nesting, listed),
    outsiders: adviseOutsiders(survey),
    limits: adviseLimits(survey, listed, memberships, choice.naming),
    proposal: { ...proposeFilter(survey, families, choice), naming: choice.naming },
    decision: choice.decision,
    notes: noteGroups({ facts, domains, mapping: best, byName, naming: choice.naming, primary }),
  };
}

/** What groups are for, as far as their nesting says it. */
import type { SurveyedGroup } from '../../directory/survey/survey.ts';
import type { GroupAdvice } from '../advice.ts';
import { type ListedGroups, namesOf } from './list-groups.ts';

type Use = GroupAdvice['uses'][number]['use'];

const rules: readonly (readonly [use: Use, because: string])[] = [
  [
    'resource',
    'It is in no other group and either is domain local, contains groups, or holds computers alone: such a group grants access to something.',
  ],
  ['role', 'It is in another group: whatever is granted to that one is granted to its members, as to everybody who has a role.'],
  [
    'organisation',
    'It is in no other group, is global or universal or has no scope, and contains no groups, or is a distribution list, which can grant nothing: it says where its members belong.',
  ],
  ['unused', 'It is empty and in no other group.'],
];

const mostExamples = 5;

/** Direct members of every kind. */
export function membersOf({ people, groups, outsiders }: SurveyedGroup): number {
  return people.length + groups.length + outsiders.foreign + outsiders.computer + outsiders.contact + outsiders.elsewhere;
}

/**
 * Of each group its use.
 * @param primary how many have it as their primary group, who are members without being listed as such
 */
function usesOf(groups: readonly SurveyedGroup[], primary: Uint32Array): readonly Use[] {
  const isWithin = new Uint8Array(groups.length);
  for (const [place, group] of groups.entries()) for (const child of group.groups) if (child !== place) isWithin[child] = 1;
  return groups.map((group, place): Use => {
    const members = membersOf(group) + (primary[place] ?? 0);
    if (isWithin[place] === 1) return 'role';
    if (members === 0) return 'unused';
    if (group.type === 'distribution') return 'organisation';
    const containsGroups = group.groups.some((child) => child !== place);
    const ofComputers = group.outsiders.computer > 0 && group.outsiders.computer === members;
    return group.scope === 'domain local' || containsGroups || ofComputers ? 'resource' : 'organisation';
  });
}

export function adviseUses(
  groups: readonly SurveyedGroup[],
  primary: Uint32Array,
  { names, order }: ListedGroups,
): GroupAdvice['uses'] {
  const uses = usesOf(groups, primary);
  return rules.map(([use, because]) => {
    const places = order.filter((place) => uses[place] === use);
    // Those of the system are in every directory: they show nothing of this one.
    const own = places.filter((place) => groups[place]?.builtIn === false);
    const examples = own.slice(0, mostExamples).flatMap((place) => names.slice(place, place + 1));
    const system = places.length - own.length;
    return {
      use,
      count: places.length,
      because: system === 0 ? because : `${because} Of them, ${String(system)} made by the system.`,
      examples: namesOf(examples),
    };
  });
}

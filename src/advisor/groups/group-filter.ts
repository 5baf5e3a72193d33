/** A search filter for the groups worth bringing, and the same choice made among the groups that were read. */
import type { Survey, SurveyedGroup } from '../../directory/survey/survey.ts';
import type { GroupAdvice } from '../advice.ts';
import { membersOf } from './group-uses.ts';

export interface FilterChoice {
  readonly domainLocal: boolean;
  readonly distribution: boolean;
}

type Proposal = Omit<GroupAdvice['proposal'], 'naming'>;

/** Directories that one filter serves: those of Windows, others that have groupType, and others. */
type Family = 'windows' | 'typed' | 'plain';

export interface Families {
  /** Of each group. */
  readonly of: readonly Family[];
  /** Of a family that is not of Windows: whether isCriticalSystemObject is there; what a schema lacks would find nothing. */
  readonly knowsCritical: ReadonlySet<Family>;
}

export function familiesOf({ forests, domains, groups }: Survey): Families {
  const forestOf = (group: SurveyedGroup): number => domains[group.place]?.forest ?? -1;
  const typed = new Set(groups.filter(({ scope }) => scope !== undefined).map(forestOf));
  const of = groups.map((group): Family => {
    const forest = forestOf(group);
    return forests[forest]?.isActiveDirectory === true ? 'windows' : typed.has(forest) ? 'typed' : 'plain';
  });
  const critical = groups.flatMap(({ builtIn, scope }, place) => (builtIn && scope !== 'domain local' ? (of[place] ?? []) : []));
  return { of, knowsCritical: new Set(critical) };
}

const reasons = {
  system: 'made by the system: of no use outside it',
  scope: 'domain local: they grant access within their own domain, and no other domain sees their members',
  application: 'of no scope: made for an application of Windows',
  distribution: 'distribution lists: see the decision',
  empty: 'without anybody listed as a member',
} as const;

/** Why it is not worth bringing. */
export function leftOut(
  group: SurveyedGroup,
  family: Family | undefined,
  choice: FilterChoice,
): (typeof reasons)[keyof typeof reasons] | undefined {
  if (group.builtIn) return reasons.system;
  if (family !== 'plain' && group.scope === 'domain local' && !choice.domainLocal) return reasons.scope;
  if (family === 'windows' && group.scope === undefined) return reasons.application;
  if (family !== 'plain' && group.type === 'distribution' && !choice.distribution) return reasons.distribution;
  return membersOf(group) === 0 ? reasons.empty : undefined;
}

const notCritical = '(!(isCriticalSystemObject=TRUE))';

/** MS-ADTS §2.2.12: a scope's bit, and the highest where it is a security group; system-made local groups have a bit more. */
function groupTypes({ domainLocal, distribution }: FilterChoice): readonly string[] {
  const scopes = [2, 8, ...(domainLocal ? [4] : [])];
  return [...scopes.map((scope) => scope | 0x8000_0000), ...(distribution ? scopes : [])].map(
    (type) => `(groupType=${String(type)})`,
  );
}

/** Classes and attributes are those by which groups are read of such a directory. */
function filterFor(family: Family, choice: FilterChoice, knowsCritical: boolean): string {
  const types = groupTypes(choice).join('');
  const parts =
    family === 'windows'
      ? ['(objectClass=group)', `(|${types})`, notCritical, '(member=*)']
      : [
          '(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))',
          family === 'typed' ? `(|${types}(!(groupType=*)))` : '',
          knowsCritical ? notCritical : '',
          '(|(member=*)(uniqueMember=*))',
        ];
  return `(&${parts.join('')})`;
}

/** Where directories of several kinds were read, the filter is for those in which it finds most; the others have their own, among the reasons. */
export function proposeFilter(survey: Survey, families: Families, choice: FilterChoice): Proposal {
  const found = new Map<Family, number>();
  const left = new Map<string, number>();
  for (const [place, group] of survey.groups.entries()) {
    const family = families.of[place] ?? 'plain';
    const because = leftOut(group, family, choice);
    if (because === undefined) found.set(family, (found.get(family) ?? 0) + 1);
    else left.set(because, (left.get(because) ?? 0) + 1);
  }
  const usual: Family = survey.forests.some(({ isActiveDirectory }) => isActiveDirectory) ? 'windows' : 'plain';
  const present: readonly Family[] = [...new Set(families.of)].sort();
  const countOf = (family: Family): number => found.get(family) ?? 0;
  const best = present.toSorted((one, other) => countOf(other) - countOf(one))[0] ?? usual;
  const text = (family: Family): string => filterFor(family, choice, families.knowsCritical.has(family));
  return {
    filter: text(best),
    finds: countOf(best),
    leavesOut: [
      ...Object.values(reasons).map((because) => ({ because, count: left.get(because) ?? 0 })),
      ...present
        .filter((family) => family !== best)
        .map((family) => ({
          because: `in a directory of another kind, where ${text(family)} finds them`,
          count: countOf(family),
        })),
    ].filter(({ count }) => count > 0),
  };
}

/** Groups by scope and type, and which of them a global catalog shows with all their members. */
import type { Survey, SurveyedGroup } from '../../directory/survey/survey.ts';
import type { GroupAdvice, GroupScope } from '../advice.ts';

type Kind = GroupAdvice['kinds'][number];

const scopes: readonly GroupScope[] = ['domain local', 'global', 'universal', 'none'];
const types: readonly Kind['type'][] = ['security', 'distribution', 'none'];

/** MS-ADTS §3.1.1.1.9: catalogs hold members of universal groups alone, beside those of their own domain. */
export function isWholeInCatalog({ forests, domains }: Survey, group: SurveyedGroup): boolean {
  const place = domains[group.place]?.forest;
  const forest = place === undefined ? undefined : forests[place];
  if (forest?.isActiveDirectory !== true) return false;
  if (group.scope === 'universal') return true;
  const configured = domains.filter((domain) => domain.forest === place).length;
  return Math.max(forest.domains.length, configured) === 1;
}

/** In a fixed order; kinds of which there are none are left out. */
export function adviseKinds(survey: Survey): readonly Kind[] {
  const counts = new Map<string, { count: number; wholeInCatalog: number }>();
  for (const group of survey.groups) {
    const kind = `${group.scope ?? 'none'} ${group.type ?? 'none'}`;
    const found = counts.get(kind) ?? { count: 0, wholeInCatalog: 0 };
    found.count += 1;
    if (isWholeInCatalog(survey, group)) found.wholeInCatalog += 1;
    counts.set(kind, found);
  }
  return scopes.flatMap((scope) =>
    types.flatMap((type): readonly Kind[] => {
      const found = counts.get(`${scope} ${type}`);
      return found === undefined ? [] : [{ scope, type, ...found }];
    }),
  );
}

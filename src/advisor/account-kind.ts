/** Tells people from other accounts. */
import type { Survey } from '../directory/survey/survey.ts';
import type { AccountKind, MappingAdvice } from './advice.ts';
import { kindRules } from './account-kind-rules.ts';
import { ownDomains } from './account-kind-target.ts';

export interface AccountKinds {
  /** Of each of `survey.people`, in their order. */
  readonly kinds: readonly AccountKind[];
  /** All rules in their order, those that found nobody too; each account counts for the first that holds of it. */
  readonly rules: MappingAdvice['rules'];
}

/** An account of which no rule holds is a person’s: one too many among people shows, one too few would be overlooked. */
export function accountKinds(survey: Survey): AccountKinds {
  const rules = kindRules(ownDomains(survey));
  const counts = rules.map(() => 0);
  const kinds = survey.people.map((account): AccountKind => {
    const index = rules.findIndex(({ holds }) => holds(account));
    if (index < 0) return 'person';
    counts[index] = (counts[index] ?? 0) + 1;
    return rules[index]?.kind ?? 'person';
  });
  return { kinds, rules: rules.map(({ kind, rule }, index) => ({ kind, rule, count: counts[index] ?? 0 })) };
}

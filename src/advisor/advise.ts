/** The whole advice, from what was read and what the operator says. */
import type { Survey } from '../directory/survey/survey.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import { accountKinds } from './account-kind.ts';
import type { Advice } from './advice.ts';
import { adviseDomains, type AskExchangers } from './domain-advice.ts';
import type { Facts } from './facts.ts';
import { adviseForests } from './forest-advice.ts';
import { adviseGroups } from './group-advice.ts';
import { adviseMapping } from './mapping-advice.ts';
import { standings } from './standings.ts';
import { adviseUnits } from './unit-advice.ts';
import { adviseVerdict } from './verdict.ts';

export interface AdviseParts {
  readonly survey: Survey;
  readonly configured: Mapping;
  /** Domains that the operator says are the organisation's: domain names. */
  readonly told: readonly string[];
  /** Undefined where DNS is not to be asked. */
  readonly ask: AskExchangers | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export async function advise({ survey, configured, told, ask, now }: AdviseParts): Promise<Advice> {
  const { kinds, rules } = accountKinds(survey);
  const facts: Facts = { survey, kinds, configured, told };
  const domains = await adviseDomains(facts, ask);
  const mapping = adviseMapping(facts, domains, rules);
  return {
    format: 'passerelle-advice',
    version: 1,
    made: new Date(now).toISOString(),
    configured,
    forests: adviseForests(facts),
    domains,
    mapping,
    groups: adviseGroups(facts, domains, mapping),
    units: adviseUnits(facts),
    verdict: adviseVerdict(mapping),
    people: standings(facts),
  };
}

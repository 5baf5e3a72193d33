/** What every part of the advice looks at: what was read, what kind of account each is, and what the operator says. */
import type { Survey, SurveyedGroup, SurveyedPerson } from '../directory/survey/survey.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { AccountKind, Named } from './advice.ts';

export interface Facts {
  readonly survey: Survey;
  /** Of each of `survey.people`, in their order. */
  readonly kinds: readonly AccountKind[];
  readonly configured: Mapping;
  /** Domains that the operator says are the organisation's, lower-case ASCII. */
  readonly told: readonly string[];
}

export function named(survey: Survey, entry: SurveyedPerson | SurveyedGroup): Named {
  return {
    objectGUID: entry.objectGUID,
    name: entry.sAMAccountName ?? entry.distinguishedName,
    distinguishedName: entry.distinguishedName,
    domain: survey.domains[entry.place]?.dnsDomain ?? null,
  };
}

/** The advice on the groups of a made-up survey, with what the other parts would have said of domains and mapping. */
import type { AdvisedDomain, DomainAdvice, GroupAdvice, MappingAdvice } from '../../src/advisor/advice.ts';
import { adviseGroups } from '../../src/advisor/group-advice.ts';
import type { Survey } from '../../src/directory/survey/survey.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { makeFacts, makeMapping } from './make-survey.ts';

const ownDomain = (name: string): AdvisedDomain => ({
  name,
  unicode: name,
  kind: 'public',
  because: '',
  registrable: name,
  userPrincipalNames: 0,
  mails: 0,
  primarySmtps: 0,
  accounts: 0,
  owned: ['told'],
  role: 'secondary',
  target: null,
  exchangers: { answer: 'not asked' },
});
const noDecision = { steps: [], outcome: '' };

/** @param owned public domains of the organisation */
export function adviseGivenGroups(
  survey: Survey,
  { mapping = makeMapping(), owned = [] }: { readonly mapping?: Mapping; readonly owned?: readonly string[] } = {},
): GroupAdvice {
  const outcomes = {
    mapped: 0,
    withoutValue: 0,
    notAnEmailAddress: 0,
    foreignDomain: 0,
    consumerDomain: 0,
    unregistrableDomain: 0,
    duplicate: 0,
  };
  const domains: DomainAdvice = {
    domains: owned.map(ownDomain),
    dns: 'not asked',
    proposed: { domains: mapping.domains, substitute: mapping.substitute },
    choices: [],
    decision: noDecision,
    notes: [],
  };
  const advice: MappingAdvice = {
    candidates: [
      {
        name: 'upn',
        mapping,
        outcomes: { person: outcomes, service: outcomes, disabled: outcomes, guest: outcomes },
        collisions: [],
        againstGuidelines: [],
      },
    ],
    best: 'upn',
    decision: noDecision,
    upnIsNotMail: [],
    mailIsNotPrimarySmtp: [],
    accounts: { person: 0, service: 0, disabled: 0, guest: 0 },
    rules: [],
    mendings: [],
  };
  return adviseGroups(makeFacts(survey, { configured: mapping }), domains, advice);
}

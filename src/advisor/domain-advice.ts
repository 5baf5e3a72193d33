/** Which domains are in use, and what each of them should become in the Cloud Identity account. */
import type { AdvisedDomain, DomainAdvice } from './advice.ts';
import { countDomains } from './domain-census.ts';
import { adviseChoices } from './domain-choices.ts';
import { domainDecision } from './domain-decision.ts';
import { askForExchangers, type AskExchangers } from './domain-exchangers.ts';
import { domainNotes } from './domain-notes.ts';
import { ownerships } from './domain-ownership.ts';
import { proposeDomains } from './domain-proposal.ts';
import type { Facts } from './facts.ts';

export type { AskExchangers } from './domain-exchangers.ts';

/**
 * Public names alone are asked of DNS, at most 100: those of the organisation first, then by people.
 * @throws MappingMistake where the configured mapping contradicts itself
 */
export async function adviseDomains(facts: Facts, ask: AskExchangers | undefined): Promise<DomainAdvice> {
  const census = countDomains(facts);
  const owned = ownerships(facts, census);
  const proposal = proposeDomains(facts, census, owned);
  const judged = census.domains
    .map(({ people, ...domain }, place) => ({ domain, people, owned: owned[place] ?? [] }))
    .sort((one, other) => (one.domain.name < other.domain.name ? -1 : 1));

  const asked = judged
    .filter(({ domain }) => domain.kind === 'public')
    .sort((one, other) => Number(other.owned.length > 0) - Number(one.owned.length > 0) || other.people - one.people);
  const { answers, dns } = await askForExchangers(
    asked.map(({ domain }) => domain.name),
    ask,
  );

  const domains = judged.map(({ domain, owned: reasons }): AdvisedDomain => ({
    ...domain,
    owned: reasons,
    ...(proposal.roles.get(domain.name) ?? { role: 'none', target: null }),
    exchangers: answers.get(domain.name) ?? { answer: 'not asked' },
  }));
  return {
    domains,
    dns,
    proposed: proposal.proposed,
    choices: adviseChoices(facts, census, proposal.proposed),
    decision: domainDecision(domains, proposal),
    notes: domainNotes(domains, proposal, dns),
  };
}

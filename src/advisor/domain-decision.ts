/** The questions about domains on the way to what is to be registered, and what was found for each. */
import type { AdvisedDomain, Decision, DecisionStep } from './advice.ts';
import type { DomainProposal } from './domain-proposal.ts';
import { counted } from './figures.ts';
import { listed } from './forest-words.ts';

function step(question: string, answers: readonly string[], taken: number, because: string): DecisionStep {
  return { question, options: answers.map((answer, index) => ({ answer, taken: index === taken })), because };
}

const used = ({ userPrincipalNames, mails }: AdvisedDomain): boolean => userPrincipalNames + mails > 0;
const figures = ({ unicode, userPrincipalNames, mails }: AdvisedDomain): string =>
  `${unicode} (${counted(userPrincipalNames, 'UPN')}, ${counted(mails, 'mail address', 'mail addresses')})`;

const noneOwn = (inUse: number): string =>
  inUse === 0
    ? 'Nobody is in any domain.'
    : inUse === 1
      ? 'The 1 domain in use is not a public one of the organisation.'
      : `None of the ${counted(inUse, 'domain')} in use is public and the organisation’s.`;

function several(domains: readonly AdvisedDomain[]): DecisionStep {
  const own = domains.filter((domain) => used(domain) && domain.kind === 'public' && domain.owned.length > 0);
  return step(
    'How many public domains of the organisation are in use?',
    ['None', 'One', 'Several'],
    Math.min(own.length, 2),
    own.length === 0 ? noneOwn(domains.filter(used).length) : `${listed(own.map(figures))}.`,
  );
}

function cannotBe(domains: readonly AdvisedDomain[]): DecisionStep {
  const found = domains.filter((domain) => used(domain) && !['public', 'consumer'].includes(domain.kind));
  const replaced = domains.filter(({ role }) => role === 'substituted');
  const taken = found.length === 0 ? (replaced.length === 0 ? 0 : 1) : found.every(({ role }) => role === 'substituted') ? 1 : 2;
  return step(
    'Are people in domains that are not to be registered?',
    ['No', 'Yes: replace them', 'Yes, and not all can be replaced'],
    taken,
    found.length + replaced.length === 0
      ? domains.some(used)
        ? 'Every domain in use is a public name.'
        : 'Nobody is in any domain.'
      : `${listed([...new Set([...found, ...replaced.filter(used)])].map(figures)) || listed(replaced.map(({ unicode }) => unicode))}.`,
  );
}

function others(domains: readonly AdvisedDomain[]): DecisionStep {
  const found = domains.filter(
    (domain) => used(domain) && domain.role === 'none' && ['public', 'consumer'].includes(domain.kind),
  );
  return step(
    'Are people in public domains of somebody else?',
    ['No', 'Yes: leave these domains out'],
    found.length === 0 ? 0 : 1,
    found.length === 0 ? 'No public domain in use is somebody else’s.' : `${listed(found.map(figures))}.`,
  );
}

export function domainDecision(domains: readonly AdvisedDomain[], { primary, proposed }: DomainProposal): Decision {
  const { secondary, aliases } = proposed.domains;
  const pairs = (record: Readonly<Record<string, string>>, word: string): string =>
    listed(Object.entries(record).map(([from, to]) => `${from} ${word} ${to}`));
  const parts = [
    `Primary domain ${proposed.domains.primary}`,
    ...(secondary.length > 0 ? [`secondary ${listed(secondary)}`] : []),
    ...(Object.keys(aliases).length > 0 ? [`alias ${pairs(aliases, 'of')}`] : []),
    ...(Object.keys(proposed.substitute).length > 0 ? [`replace ${pairs(proposed.substitute, 'by')}`] : []),
  ];
  return {
    steps: [
      several(domains),
      step('Can the configured primary domain stay?', ['Yes', 'No: another is proposed'], primary.kept ? 0 : 1, primary.because),
      cannotBe(domains),
      others(domains),
    ],
    outcome: `${parts.join('; ')}.`,
  };
}

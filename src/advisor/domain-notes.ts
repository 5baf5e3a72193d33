/** What of the domains stands in the way, or must be known before they are registered. */
import type { AdvisedDomain, DomainAdvice } from './advice.ts';
import { mostAliases, mostDomains } from './domain-limits.ts';
import type { DomainProposal } from './domain-proposal.ts';
import { counted } from './figures.ts';
import { listed } from './forest-words.ts';

const people = (domains: readonly AdvisedDomain[]): string => {
  const [upns, mails] = [
    domains.reduce((sum, { userPrincipalNames }) => sum + userPrincipalNames, 0),
    domains.reduce((sum, each) => sum + each.mails, 0),
  ];
  const figures = [
    ...(upns > 0 ? [counted(upns, 'UPN')] : []),
    ...(mails > 0 ? [counted(mails, 'mail address', 'mail addresses')] : []),
  ];
  return `${listed(figures)} of people`;
};
const names = (domains: readonly AdvisedDomain[]): string => listed(domains.map(({ unicode }) => unicode));
const inUse = ({ userPrincipalNames, mails }: AdvisedDomain): boolean => userPrincipalNames + mails > 0;

function limitNotes({ proposed, tooMany }: DomainProposal): readonly string[] {
  const { secondary, aliases } = proposed.domains;
  const [held, also] = [1 + secondary.length, Object.keys(aliases).length];
  return [
    ...(held > mostDomains
      ? [
          `${counted(held, 'domain')} are proposed; Google takes ${String(mostDomains)} in an account: ask it for more, or give up some.`,
        ]
      : []),
    ...(also > mostAliases
      ? [`${String(also)} alias domains are configured; Google takes ${String(mostAliases)} in an account.`]
      : []),
    ...(tooMany > 0
      ? [
          `${counted(tooMany, 'further suffix', 'further suffixes')} in use cannot be registered and are too many to replace: give their people another UPN.`,
        ]
      : []),
  ];
}

function kindNotes(domains: readonly AdvisedDomain[]): readonly string[] {
  const used = domains.filter(inUse);
  const left = used.filter(({ role }) => role === 'none');
  const of = (kind: AdvisedDomain['kind']): readonly AdvisedDomain[] => left.filter((domain) => domain.kind === kind);
  const note = (found: readonly AdvisedDomain[], sentence: string, many = sentence): readonly string[] =>
    found.length === 0 ? [] : [`In ${names(found)} ${people(found)}: ${found.length === 1 ? sentence : many}`];
  return [
    ...note(
      of('public').filter(({ owned }) => owned.length === 0),
      'not known to be the organisation’s. If it is, say so with --own DOMAIN.',
      'not known to be the organisation’s. Name those that are with --own DOMAIN.',
    ),
    ...note(
      of('consumer'),
      'anybody can have a mailbox there, so that it is not yours to register.',
      'anybody can have a mailbox there, so that they are not yours to register.',
    ),
    ...note(
      of('single label'),
      'a single label, which neither Google nor a substitution takes. Give these people another UPN suffix.',
      'single labels, which neither Google nor a substitution takes. Give these people another UPN suffix.',
    ),
    ...note(
      [...of('reserved'), ...of('unregistrable')],
      'nobody can register it, and nothing replaces it. Give these people another value.',
      'nobody can register them, and nothing replaces them. Give these people another value.',
    ),
    ...note(of('invalid'), 'no domain name for mail. Mend these values.', 'no domain names for mail. Mend these values.'),
  ];
}

function proofNotes(domains: readonly AdvisedDomain[]): readonly string[] {
  const registered = domains.filter(({ role }) => ['primary', 'secondary', 'alias'].includes(role));
  const isGuess = ({ owned }: AdvisedDomain): boolean =>
    owned.length > 0 && owned.every((reason) => ['share', 'forest', 'parent'].includes(reason));
  const certain = registered.filter((domain) => !isGuess(domain));
  // Whoever has a domain has what lies below it, and Google asks for no further proof.
  const guessed = registered.filter((domain) => isGuess(domain) && !certain.some(({ name }) => domain.name.endsWith(`.${name}`)));
  const lent = registered.filter(({ because }) => because.includes('whose owner lends it'));
  const unknown = registered.filter(({ exchangers }) => exchangers.answer === 'unknown');
  const silent = registered.filter(({ exchangers }) => exchangers.answer === 'none');
  return [
    ...(guessed.length > 0
      ? [
          `That ${names(guessed)} ${guessed.length === 1 ? 'is' : 'are'} the organisation’s own is inferred from the directory alone. Google will ask for proof by a DNS record.`,
        ]
      : []),
    ...(lent.length > 0
      ? [`${names(lent)}: lent by somebody else, who must let you set the DNS record that Google asks for.`]
      : []),
    ...(unknown.length > 0
      ? [`DNS does not know ${names(unknown)}: see that each is registered, and that the outer DNS knows it.`]
      : []),
    ...(silent.length > 0
      ? [`${names(silent)}: DNS names nobody who takes mail there, so that what Google writes to its people is lost.`]
      : []),
  ];
}

function changeNotes(domains: readonly AdvisedDomain[], { primary, colliding, proposed }: DomainProposal): readonly string[] {
  const dropped = domains.filter(({ owned, role }) => owned.includes('configured') && role === 'none');
  const replaced = domains.filter(({ role, kind }) => role === 'substituted' && kind === 'public');
  return [
    ...(primary.kept ? [] : [`The configured primary domain ${primary.configured} is not the proposed one: ${primary.because}`]),
    ...(dropped.length > 0 ? [`Configured and not proposed, since they cannot be registered: ${names(dropped)}.`] : []),
    ...(replaced.length > 0
      ? [`${names(replaced)} could be registered too, as a secondary domain; replaced, its people have the domain of their mail.`]
      : []),
    ...(colliding.length > 0
      ? [
          `${listed(colliding)} ${colliding.length === 1 ? 'is' : 'are'} registered and not replaced, since people there have names that others have where their mail lies.`,
        ]
      : []),
    ...(proposed.domains.primary === primary.configured &&
    !domains.some(({ role, kind }) => role === 'primary' && kind === 'public')
      ? [primary.because]
      : []),
  ];
}

export function domainNotes(
  domains: readonly AdvisedDomain[],
  proposal: DomainProposal,
  dns: DomainAdvice['dns'],
): readonly string[] {
  return [
    ...changeNotes(domains, proposal),
    ...kindNotes(domains),
    ...proofNotes(domains),
    ...limitNotes(proposal),
    ...(dns === 'offline' ? ['DNS answered nothing, so that nothing is said of who takes the mail of these domains.'] : []),
  ];
}

/** The mapping to paste. */
import { figure } from './figures.ts';
import { renderMappingSection } from '../config/mapping-section.ts';
import { domainName } from '../config/schema-parts.ts';
import { readDomain } from '../mapping/domain.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { Candidate, DomainAdvice, MappingAdvice, Outcomes, Verdict } from './advice.ts';

const troubles: readonly (readonly [keyof Outcomes, string])[] = [
  ['withoutValue', 'without a value'],
  ['notAnEmailAddress', 'not an e-mail address'],
  ['foreignDomain', 'in a foreign domain'],
  ['consumerDomain', 'in a consumer domain'],
  ['unregistrableDomain', 'in a domain that nobody can register'],
  ['duplicate', 'with an address that somebody else has'],
];
const totalOf = (outcomes: Outcomes): number => Object.values<number>({ ...outcomes }).reduce((sum, count) => sum + count, 0);

/** Of a sentence. */
const mostNamed = 3;

/** The configuration replaces no domain of a single label, and none that is too long. */
const isWritable = (domain: string): boolean => domainName.safeParse(domain).success;

/** What the configuration takes of it; it refuses a domain that is replaced by itself, which says nothing. */
function writable(mapping: Mapping): Mapping {
  const kept = Object.entries(mapping.substitute).filter(([from, to]) => isWritable(from) && from !== to);
  return { ...mapping, substitute: Object.fromEntries(kept) };
}

/** Undefined of nothing. */
function listOf(names: readonly string[]): string | undefined {
  const more = names.length - mostNamed;
  const shown = more > 0 ? [...names.slice(0, mostNamed), `${figure(more)} more`] : [...names];
  const last = shown.pop();
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last ?? ''}`;
}

function describeMapping({ source, substitute }: Mapping): string {
  const list = listOf(Object.entries(substitute).map(([from, to]) => `${from} replaced by ${to}`));
  return list === undefined ? source : `${source}, with ${list}`;
}

function describeUnwritable({ substitute }: Mapping): string {
  const list = listOf(Object.keys(substitute).filter((domain) => !isWritable(domain)));
  return list === undefined ? '' : `; without those of ${list}, which the configuration cannot replace`;
}

function describeReach({ outcomes: { person }, againstGuidelines }: Candidate): string {
  const total = totalOf(person);
  if (total === 0) return 'no people were found';
  const against = againstGuidelines.length;
  if (person.mapped === total && total === 1)
    return `the one person who was found gets an address${against === 0 ? '' : ' that must not be given'}`;
  const whom = person.mapped === total ? `all ${figure(total)}` : `${figure(person.mapped)} of ${figure(total)}`;
  const but = against === 0 ? '' : `, ${figure(against)} of them one that must not be given`;
  return `${whom} people get an address of their own${but}`;
}

/** Whether all addresses of the mapping lie in domains that can be registered, as far as anybody is in them. */
function isRegistrable({ domains: { primary, secondary } }: Mapping, { domains }: DomainAdvice): boolean {
  const others = new Set(domains.flatMap(({ name, kind }) => (kind === 'public' ? [] : [name])));
  return [primary, ...secondary].every((domain) => !others.has(readDomain(domain)?.ascii ?? domain));
}

/** As good: not one person less with an address, and not one address more that must not be given. */
const isAsGood = (configured: Candidate, best: Candidate, domains: DomainAdvice): boolean =>
  configured === best ||
  totalOf(configured.outcomes.person) === 0 ||
  (configured.outcomes.person.mapped >= best.outcomes.person.mapped &&
    configured.againstGuidelines.length <= best.againstGuidelines.length &&
    isRegistrable(configured.mapping, domains));

function remarkOf(candidate: Candidate): string {
  const { person } = candidate.outcomes;
  const left = troubles.flatMap(([name, words]) => (person[name] === 0 ? [] : [`${figure(person[name])} ${words}`]));
  return `passerelle advise: ${describeReach(candidate)}${left.length === 0 ? '' : `; ${left.join(', ')}`}${describeUnwritable(candidate.mapping)}.`;
}

function summarise(best: Candidate, configured: Candidate | undefined, isConfigured: boolean): string {
  const chosen = isConfigured && configured !== undefined ? configured : best;
  const { person } = chosen.outcomes;
  const total = totalOf(person);
  if (total === 0)
    return 'No people were found, so that no figure speaks for another mapping: look at where people are searched.';
  const reach = describeReach(chosen);
  const left = total - person.mapped + chosen.againstGuidelines.length;
  const rest = left === 0 ? '' : `; ${left === 1 ? '1 needs' : `${figure(left)} need`} mending first`;
  if (isConfigured) {
    if (configured === best) return `Keep the mapping that is configured: ${reach}${rest}.`;
    const other = describeMapping(writable(best.mapping));
    const whom =
      left === 0
        ? ''
        : ` (the people to mend in this report are those of ${other}; passerelle advise --check names who is refused as configured)`;
    return `Keep the mapping that is configured, which does as well as ${other}: ${reach}${rest}${whom}.`;
  }
  const gained = person.mapped - (configured?.outcomes.person.mapped ?? person.mapped);
  const more = gained > 0 ? `, ${figure(gained)} more than as configured now` : '';
  return `Map by ${describeMapping(writable(best.mapping))}: ${reach}${more}${rest}${describeUnwritable(best.mapping)}.`;
}

/** Where the configured mapping does as well as the best, it is the one to keep: a change would only rename accounts. */
export function adviseVerdict(domains: DomainAdvice, { candidates, best: name }: MappingAdvice): Verdict {
  const best = candidates.find((candidate) => candidate.name === name);
  if (best === undefined) throw new Error(`the candidate ${name} is not there`);
  const configured = candidates.find((candidate) => candidate.name === 'configured');
  const isConfigured = configured !== undefined && isAsGood(configured, best, domains);
  const chosen = isConfigured ? configured : best;
  return {
    section: renderMappingSection(writable(chosen.mapping), remarkOf(chosen)),
    isConfigured,
    summary: summarise(best, configured, isConfigured),
  };
}

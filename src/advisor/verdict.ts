/** The mapping to paste. */
import { figure } from './figures.ts';
import { renderMappingSection } from '../config/mapping-section.ts';
import { domainName } from '../config/schema-parts.ts';
import type { Mapping } from '../mapping/prepare-mapping.ts';
import type { Candidate, MappingAdvice, Outcomes, Verdict } from './advice.ts';

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

function remarkOf(candidate: Candidate): string {
  const { person } = candidate.outcomes;
  const left = troubles.flatMap(([name, words]) => (person[name] === 0 ? [] : [`${figure(person[name])} ${words}`]));
  return `passerelle advise: ${describeReach(candidate)}${left.length === 0 ? '' : `; ${left.join(', ')}`}${describeUnwritable(candidate.mapping)}.`;
}

function summarise(best: Candidate, configured: Candidate | undefined): string {
  const { person } = best.outcomes;
  const total = totalOf(person);
  if (total === 0)
    return 'No people were found, so that no figure speaks for another mapping: look at where people are searched.';
  const reach = describeReach(best);
  const left = total - person.mapped + best.againstGuidelines.length;
  const rest = left === 0 ? '' : `; ${left === 1 ? '1 needs' : `${figure(left)} need`} mending first`;
  if (best.name === 'configured') return `Keep the mapping that is configured: ${reach}${rest}.`;
  const gained = person.mapped - (configured?.outcomes.person.mapped ?? person.mapped);
  const more = gained > 0 ? `, ${figure(gained)} more than as configured now` : '';
  return `Map by ${describeMapping(writable(best.mapping))}: ${reach}${more}${rest}${describeUnwritable(best.mapping)}.`;
}

export function adviseVerdict({ candidates, best: name }: MappingAdvice): Verdict {
  const best = candidates.find((candidate) => candidate.name === name);
  if (best === undefined) throw new Error(`the candidate ${name} is not there`);
  const configured = candidates.find((candidate) => candidate.name === 'configured');
  return {
    section: renderMappingSection(writable(best.mapping), remarkOf(best)),
    isConfigured: name === 'configured',
    summary: summarise(best, configured),
  };
}

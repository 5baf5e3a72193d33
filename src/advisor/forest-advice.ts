/** How many accounts and instances the forests need. */
import type { SurveyedForest } from '../directory/survey/survey.ts';
import type { AdvisedForest, ForestAdvice } from './advice.ts';
import type { Facts } from './facts.ts';
import { forestDecision } from './forest-decision.ts';
import { forestNeeds } from './forest-needs.ts';
import { forestNotes } from './forest-notes.ts';
import { forestTrusts } from './forest-trusts.ts';

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Domains that the forest says it has, and those that are configured of it, with what was read of each. */
function domainsOf({ survey, kinds }: Facts): (forest: SurveyedForest, index: number) => AdvisedForest['domains'] {
  const people = new Uint32Array(survey.domains.length);
  const groups = new Uint32Array(survey.domains.length);
  for (const [index, { place }] of survey.people.entries())
    if (kinds[index] === 'person') people[place] = (people[place] ?? 0) + 1;
  for (const { place } of survey.groups) groups[place] = (groups[place] ?? 0) + 1;
  return (forest, index) => {
    const own = survey.domains.flatMap((domain, place) =>
      domain.forest === index ? [{ name: domain.dnsDomain ?? domain.baseDn, place }] : [],
    );
    const netbios = new Map(forest.domains.map(({ dnsDomain, netbiosName }) => [dnsDomain, netbiosName ?? null]));
    const names = new Set([...netbios.keys(), ...own.map(({ name }) => name)]);
    return [...names].sort(compare).map((dnsDomain) => {
      const read = own.filter(({ name }) => name === dnsDomain);
      const sum = (counts: Uint32Array): number => read.reduce((total, { place }) => total + (counts[place] ?? 0), 0);
      return {
        dnsDomain,
        netbiosName: netbios.get(dnsDomain) ?? null,
        configured: read.length > 0,
        people: sum(people),
        groups: sum(groups),
      };
    });
  };
}

export function adviseForests(facts: Facts): ForestAdvice {
  const { survey } = facts;
  const configured = new Set(survey.domains.flatMap(({ dnsDomain }) => dnsDomain ?? []));
  const read = new Set([...configured, ...survey.forests.flatMap(({ name }) => name ?? [])]);
  const domains = domainsOf(facts);
  const forests = survey.forests
    .map((forest, index): AdvisedForest => ({
      name: forest.name ?? null,
      isActiveDirectory: forest.isActiveDirectory,
      suffixes: [...new Set(forest.suffixes)].sort(compare),
      domains: domains(forest, index),
      trusts: forest.trusts
        .map((trust) => ({ ...trust, configured: (trust.kind === 'within' ? configured : read).has(trust.partner) }))
        .sort((one, other) => compare(one.domain, other.domain) || compare(one.partner, other.partner)),
    }))
    .sort(
      (one, other) =>
        compare(one.name ?? '\uffff', other.name ?? '\uffff') ||
        compare(one.domains[0]?.dnsDomain ?? '', other.domains[0]?.dnsDomain ?? ''),
    );
  const trusts = forestTrusts(survey);
  return {
    forests,
    decision: forestDecision(forests, trusts),
    ...forestNeeds(survey, trusts),
    notes: forestNotes(forests, survey),
  };
}

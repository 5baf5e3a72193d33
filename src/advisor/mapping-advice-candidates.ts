/** The mappings that are weighed against each other. */
import { prepareMapping, type Mapping } from '../mapping/prepare-mapping.ts';
import type { CandidateName, DomainAdvice } from './advice.ts';

interface CandidateMapping {
  readonly name: CandidateName;
  readonly mapping: Mapping;
}

/** Equal for two mappings that give everybody the same. */
function keyOf(mapping: Mapping): string {
  const { source, letterCase, tables } = prepareMapping(mapping);
  const substitutes = [...tables.substitutes].filter(([from, to]) => from !== to);
  const spelt = (pairs: Iterable<readonly [string, string]>): readonly string[] =>
    [...pairs].map((pair) => pair.join(' ')).toSorted();
  return JSON.stringify([source, letterCase, spelt(tables.destinations), spelt(substitutes)]);
}

/**
 * The configured one first and always; of the others each that gives anybody anything else.
 * @throws MappingMistake where the configured mapping contradicts itself
 */
export function candidateMappings(
  configured: Mapping,
  { domains, substitute }: DomainAdvice['proposed'],
): readonly [CandidateMapping, ...CandidateMapping[]] {
  const { letterCase } = configured;
  const others: readonly CandidateMapping[] = [
    { name: 'upn', mapping: { source: 'userPrincipalName', substitute: {}, domains, letterCase } },
    { name: 'mail', mapping: { source: 'mail', substitute: {}, domains, letterCase } },
    { name: 'upn-substituted', mapping: { source: 'userPrincipalName', substitute, domains, letterCase } },
    { name: 'mail-substituted', mapping: { source: 'mail', substitute, domains, letterCase } },
  ];
  const seen = new Set([keyOf(configured)]);
  const further = others.filter(({ mapping }) => {
    const key = keyOf(mapping);
    return !seen.has(key) && seen.add(key);
  });
  return [{ name: 'configured', mapping: configured }, ...further];
}

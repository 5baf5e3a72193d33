/** What every domain in use should become: primary, secondary, alias, replaced, or nothing. */
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import { readDomain } from '../mapping/domain.ts';
import type { AdvisedDomain, DomainAdvice, Ownership } from './advice.ts';
import { findTwins } from './domain-aliases.ts';
import type { CountedDomain, DomainCensus } from './domain-census.ts';
import { mostAliases } from './domain-limits.ts';
import { ownershipOrder } from './domain-ownership.ts';
import { findSubstitutions } from './domain-substitutions.ts';
import type { Facts } from './facts.ts';
import { counted } from './figures.ts';

export interface DomainProposal {
  readonly proposed: DomainAdvice['proposed'];
  /** By name; whoever is not in it has none. */
  readonly roles: ReadonlyMap<string, Pick<AdvisedDomain, 'role' | 'target'>>;
  /** The configured primary domain, and why another is proposed. */
  readonly primary: { readonly configured: string; readonly kept: boolean; readonly because: string };
  /** Names of public subdomains that are registered, since in another domain somebody has the same name. */
  readonly colliding: readonly string[];
  /** How many suffixes were too many to replace. */
  readonly tooMany: number;
}

interface Own extends CountedDomain {
  readonly place: number;
  readonly owned: readonly Ownership[];
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function inRank(one: Own, other: Own): number {
  const strength = ({ owned }: Own): number => ownershipOrder.indexOf(owned[0] ?? 'parent');
  return other.people - one.people || other.mails - one.mails || strength(one) - strength(other) || compare(one.name, other.name);
}

const inNameOrder = (pairs: ReadonlyMap<string, string>): Readonly<Record<string, string>> =>
  Object.fromEntries([...pairs].sort(([one], [other]) => compare(one, other)));

function rolesOf(
  primary: string,
  secondary: readonly string[],
  aliases: ReadonlyMap<string, string>,
  pairs: ReadonlyMap<string, string>,
): DomainProposal['roles'] {
  return new Map<string, Pick<AdvisedDomain, 'role' | 'target'>>([
    [primary, { role: 'primary', target: null }],
    ...secondary.map((name) => [name, { role: 'secondary', target: null }] as const),
    ...[...aliases].map(([name, target]) => [name, { role: 'alias', target }] as const),
    ...[...pairs].map(([name, target]) => [name, { role: 'substituted', target }] as const),
  ]);
}

function whyPrimary(
  configured: string,
  chosen: Own | undefined,
  former: Own | undefined,
  { kept, isUsed }: { readonly kept: boolean; readonly isUsed: boolean },
): string {
  if (chosen === undefined)
    return `No domain of the organisation can be registered, ${configured} neither; it stays only until there is one.`;
  const figure = `${counted(chosen.people, 'person has', 'people have')} a UPN or mail in ${chosen.name}`;
  if (kept && chosen.people > 0) return `${configured} is configured, public and in use: ${figure}.`;
  if (kept)
    return `${configured} is configured and public; nobody is in it, ${isUsed ? 'but people are in domains below it, or in some that are replaced by it' : 'and nobody in another public domain of the organisation'}.`;
  const instead =
    former === undefined
      ? `${configured} is configured and cannot be registered`
      : `${configured} is configured and nobody is in it`;
  return `${instead}; ${figure}, more than in any other domain of the organisation.`;
}

/** @throws MappingMistake where the configured mapping contradicts itself */
export function proposeDomains(facts: Facts, census: DomainCensus, owned: readonly (readonly Ownership[])[]): DomainProposal {
  const { substitutes, destinations } = prepareMapping(facts.configured).tables;
  const configured = readDomain(facts.configured.domains.primary)?.ascii ?? facts.configured.domains.primary;
  const own = census.domains
    .flatMap((domain, place): Own[] => {
      const reasons = owned[place] ?? [];
      return domain.kind === 'public' && reasons.length > 0 ? [{ ...domain, place, owned: reasons }] : [];
    })
    .sort(inRank);
  const byName = new Map(own.map((domain) => [domain.name, domain]));
  const peopleOf = (name: string): number => census.domains[census.places.get(name) ?? -1]?.people ?? 0;

  const former = byName.get(configured);
  const comeThere = [...substitutes, ...destinations].some(
    ([from, to]) => from !== to && to === configured && peopleOf(from) > 0,
  );
  const liveBelow = own.some(({ name, people }) => people > 0 && name.endsWith(`.${configured}`));
  const isUsed = (former?.people ?? 0) > 0 || comeThere || liveBelow;
  const kept = former !== undefined && (isUsed || own.every(({ people }) => people === 0));

  // Configured ones stay where they lead somewhere; a substitution is done once.
  const configuredPairs = [...substitutes].filter(
    ([from, to]) =>
      from !== to &&
      !substitutes.has(to) &&
      (own.length === 0 ? to === configured : byName.has(to)) &&
      !(kept && from === configured),
  );
  const replaced = new Set(configuredPairs.map(([from]) => from));
  const free = own.filter(({ name }) => !replaced.has(name));
  const isNamed = (place: number): boolean =>
    (owned[place] ?? []).some((reason) => ['configured', 'told', 'suffix'].includes(reason));
  const fixed = new Set([...replaced].map((name) => census.places.get(name) ?? -1));
  const found = findSubstitutions(
    facts,
    census,
    free.map(({ place }) => place),
    fixed,
    isNamed,
  );

  const remaining = free.filter(({ place }) => !found.targets.has(place));
  const primary = (kept ? former : remaining[0])?.name ?? configured;
  const pairs = new Map(configuredPairs.filter(([from]) => from !== primary));
  if (remaining.length > 0) {
    for (const [from, to] of found.targets) {
      const name = census.domains[from]?.name;
      if (name !== undefined && name !== primary)
        pairs.set(name, (to === undefined ? undefined : census.domains[to]?.name) ?? primary);
    }
  }

  const registered = remaining.filter(
    ({ name, people, owned: why }) => name !== primary && (people > 0 || why.includes('configured')),
  );
  const aliases = new Map<string, string>();
  const isReal = (name: string): boolean => name === primary || (byName.has(name) && !pairs.has(name) && !aliases.has(name));
  for (const { name } of registered) {
    const target = destinations.get(name);
    if (target !== undefined && target !== name && isReal(target)) aliases.set(name, target);
  }
  const twins = findTwins(facts, census);
  const colliding = new Set(found.colliding);
  const secondary = new Set<string>();
  for (const { name, place, mails, owned: why } of registered) {
    if (aliases.has(name)) continue;
    const twin = census.domains[twins.get(place) ?? -1]?.name;
    // Where mail lies in it, it is a domain of its own, whatever else its people are called.
    const isSuffixAlone = mails === 0 && !why.includes('configured') && !colliding.has(place);
    const isTwin = isSuffixAlone && twin !== undefined && (twin === primary || secondary.has(twin));
    if (isTwin && aliases.size < mostAliases) aliases.set(name, twin);
    else secondary.add(name);
  }
  const domains = { primary, secondary: [...secondary].sort(compare), aliases: inNameOrder(aliases) };
  return {
    proposed: { domains, substitute: inNameOrder(pairs) },
    roles: rolesOf(primary, [...secondary], aliases, pairs),
    primary: {
      configured,
      kept: primary === configured,
      because: whyPrimary(configured, byName.get(primary), former, { kept, isUsed }),
    },
    colliding: found.colliding.flatMap((place) => census.domains[place]?.name ?? []).sort(compare),
    tooMany: found.tooMany,
  };
}

/** Which domains in use are to be replaced by another, and by which. */
import type { Facts } from './facts.ts';
import type { DomainCensus } from './domain-census.ts';

/** More are no plan any more, but a directory to tidy up. */
const MOST = 1_000;
/** Fewer people than these with a UPN of a suffix that no forest has are rather a slip of the pen. */
const FEWEST = 2;
const replaceable: ReadonlySet<string> = new Set(['reserved', 'unregistrable', 'invalid']);
/** As the schema of the configuration has domain names. */
const inConfiguration = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/;

/** How often a person in each of `wanted`, by the one attribute, lies in each of `among` by the other. */
function countVotes(
  { survey, kinds }: Facts,
  { userPrincipalName, mail }: DomainCensus,
  wanted: ReadonlySet<number>,
  among: ReadonlySet<number>,
): ReadonlyMap<number, ReadonlyMap<number, number>> {
  const votes = new Map<number, Map<number, number>>();
  const vote = (from: number, to: number): void => {
    if (from === to || !wanted.has(from) || !among.has(to)) return;
    const counts = votes.get(from) ?? new Map<number, number>();
    votes.set(from, counts.set(to, (counts.get(to) ?? 0) + 1));
  };
  for (let index = 0; index < survey.people.length; index += 1) {
    if (kinds[index] !== 'person') continue;
    const [byUpn, byMail] = [userPrincipalName[index] ?? -1, mail[index] ?? -1];
    vote(byUpn, byMail);
    vote(byMail, byUpn);
  }
  return votes;
}

/** Before the @ of every UPN of people in one of the wanted domains, lower case. */
function localParts(
  { survey, kinds }: Facts,
  { userPrincipalName }: DomainCensus,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, readonly string[]> {
  const locals = new Map<number, string[]>();
  for (const [index, person] of survey.people.entries()) {
    const place = userPrincipalName[index] ?? -1;
    if (kinds[index] !== 'person' || !wanted.has(place) || person.userPrincipalName === undefined) continue;
    const local = person.userPrincipalName.slice(0, person.userPrincipalName.lastIndexOf('@')).toLowerCase();
    const before = locals.get(place);
    if (before === undefined) locals.set(place, [local]);
    else before.push(local);
  }
  return locals;
}

interface Substitutions {
  /** By the place of each domain: that of what replaces it; undefined: the primary domain. */
  readonly targets: ReadonlyMap<number, number | undefined>;
  /** Public subdomains of people with mail elsewhere that were not replaced: somebody has the name there already. */
  readonly colliding: readonly number[];
  /** How many could not be, since there are too many. */
  readonly tooMany: number;
}

/**
 * Those that nobody can register, where a forest has them as a suffix or at least two people use them; and the public subdomains of
 * forests that are nobody's mail domain, where most of their people have mail in another domain of the organisation. None of `fixed`,
 * which the configuration names, is replaced here.
 * @param own public domains of the organisation, in the order of rank
 */
export function findSubstitutions(
  facts: Facts,
  census: DomainCensus,
  own: readonly number[],
  fixed: ReadonlySet<number>,
  isNamed: (place: number) => boolean,
): Substitutions {
  const ranked = [...census.domains.keys()].sort((one, other) => {
    const [first, second] = [census.domains[one], census.domains[other]];
    return (second?.people ?? 0) - (first?.people ?? 0) || ((first?.name ?? '') < (second?.name ?? '') ? -1 : 1);
  });
  const useless = ranked.filter((place) => {
    const domain = census.domains[place];
    if (domain === undefined || fixed.has(place) || !replaceable.has(domain.kind) || domain.people === 0) return false;
    const isSuffix = census.ofForests.has(domain.name) || census.suffixes.has(domain.name);
    return inConfiguration.test(domain.name) && (isSuffix || domain.userPrincipalNames >= FEWEST);
  });
  const isUnused = (place: number): boolean => {
    const domain = census.domains[place];
    if (domain === undefined || fixed.has(place) || isNamed(place)) return false;
    return (
      census.ofForests.has(domain.name) &&
      domain.name !== domain.registrable &&
      domain.mails === 0 &&
      domain.userPrincipalNames > 0
    );
  };
  const unused = own.filter(isUnused);
  const taking = new Set(own.filter((place) => !isUnused(place)));
  const votes = countVotes(facts, census, new Set([...useless, ...unused]), taking);
  const best = (place: number): readonly [place: number | undefined, votes: number] => {
    let [winner, most]: readonly [number | undefined, number] = [undefined, 0];
    const counts = votes.get(place);
    if (counts !== undefined)
      for (const each of own) if ((counts.get(each) ?? 0) > most) [winner, most] = [each, counts.get(each) ?? 0];
    return [winner, most];
  };

  const targets = new Map<number, number | undefined>();
  for (const place of useless.slice(0, MOST)) targets.set(place, best(place)[0]);
  const moving = unused.flatMap((place) => {
    const [target, most] = best(place);
    return target !== undefined && most * 2 > (census.domains[place]?.userPrincipalNames ?? 0) ? [{ place, target }] : [];
  });
  const locals =
    moving.length === 0
      ? new Map<number, readonly string[]>()
      : localParts(facts, census, new Set([...targets.keys(), ...moving.flatMap(({ place, target }) => [place, target])]));
  const taken = new Map<number, Set<string>>();
  const takenIn = (target: number): Set<string> => {
    const known = taken.get(target);
    if (known !== undefined) return known;
    const first = new Set(locals.get(target));
    for (const [place, to] of targets) if (to === target) for (const local of locals.get(place) ?? []) first.add(local);
    taken.set(target, first);
    return first;
  };
  const colliding: number[] = [];
  for (const { place, target } of moving) {
    const mine = locals.get(place) ?? [];
    const theirs = takenIn(target);
    if (targets.size >= MOST || mine.some((local) => theirs.has(local))) {
      colliding.push(place);
      continue;
    }
    for (const local of mine) theirs.add(local);
    targets.set(place, target);
  }
  return { targets, colliding, tooMany: Math.max(0, useless.length - MOST) };
}

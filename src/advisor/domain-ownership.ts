/** Which domains are taken for the organisation's own, and why. */
import { prepareMapping } from '../mapping/prepare-mapping.ts';
import type { Ownership } from './advice.ts';
import type { CountedDomain, DomainCensus } from './domain-census.ts';
import type { Facts } from './facts.ts';
import { publicName } from './public-name.ts';

/** A domain in which that part of the people with a mail address have theirs is the organisation's, from two people on. */
const SHARE = 0.1;
const FEWEST = 2;

/** The strongest reason comes first. */
export const ownershipOrder: readonly Ownership[] = ['configured', 'told', 'suffix', 'share', 'forest', 'parent'];

/** Of each of the domains; empty where it is not known to be the organisation's. */
export function ownerships({ configured, told }: Facts, census: DomainCensus): readonly (readonly Ownership[])[] {
  const { tables } = prepareMapping(configured);
  const own = new Set([...tables.destinations.keys(), ...tables.substitutes.values()]);
  const said = new Set(told);
  const roots = new Set<string>();
  for (const name of census.ofForests) {
    roots.add(name);
    const { registrable } = publicName(name);
    if (registrable !== null) roots.add(registrable);
  }
  const reasons = census.domains.map(({ name, kind, mails }): readonly Ownership[] => {
    const holds: Readonly<Record<Exclude<Ownership, 'parent'>, boolean>> = {
      configured: own.has(name),
      told: said.has(name),
      suffix: kind === 'public' && census.suffixes.has(name),
      share: kind === 'public' && mails >= FEWEST && mails >= census.withMail * SHARE,
      forest: kind === 'public' && roots.has(name),
    };
    return ownershipOrder.filter((reason) => reason !== 'parent' && holds[reason]);
  });
  const isOwn = (name: string): boolean => (reasons[census.places.get(name) ?? -1]?.length ?? 0) > 0;
  return census.domains.map((domain, index) => {
    const found = reasons[index] ?? [];
    return found.length === 0 && liesBelow(domain, isOwn) ? ['parent'] : found;
  });
}

/** Whether a domain above it is the organisation's, up to the one that can be registered. */
function liesBelow({ name, kind, registrable }: CountedDomain, isOwn: (name: string) => boolean): boolean {
  if (kind !== 'public' || registrable === null) return false;
  for (let above = name; above.length > registrable.length;) {
    above = above.slice(above.indexOf('.') + 1);
    if (isOwn(above)) return true;
  }
  return false;
}

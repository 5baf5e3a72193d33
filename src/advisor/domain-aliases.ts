/** Domains that are another name of a domain: whoever is in one of them has the same name in the other. */
import type { DomainCensus } from './domain-census.ts';
import type { Facts } from './facts.ts';

const localOf = (address: string | undefined): string => address?.slice(0, address.lastIndexOf('@')).toLowerCase() ?? '';

/** Of each domain the one in which all of its people have the same name by the other attribute; none where even one has not. */
export function findTwins({ survey, kinds }: Facts, { userPrincipalName, mail }: DomainCensus): ReadonlyMap<number, number> {
  const twins = new Map<number, number>();
  const none = new Set<number>();
  const meet = (one: number, other: number, same: boolean): void => {
    if (one === -1 || none.has(one)) return;
    if (!same || other === -1 || one === other || (twins.get(one) ?? other) !== other) {
      none.add(one);
      twins.delete(one);
    } else twins.set(one, other);
  };
  for (const [index, person] of survey.people.entries()) {
    if (kinds[index] !== 'person') continue;
    const [byUpn, byMail] = [userPrincipalName[index] ?? -1, mail[index] ?? -1];
    const same = byUpn !== -1 && byMail !== -1 && localOf(person.userPrincipalName) === localOf(person.mail);
    meet(byUpn, byMail, same);
    meet(byMail, byUpn, same);
  }
  return twins;
}

/** Addresses for those who have none that is right: valid, in a domain of the organisation, and nobody else’s. */
import type { SurveyedPerson } from '../directory/survey/survey.ts';
import { mapAddress } from '../mapping/address.ts';
import { readDomain } from '../mapping/domain.ts';
import type { PreparedMapping } from '../mapping/prepare-mapping.ts';
import { Refusal } from '../refusal.ts';
import type { Addresses } from './mapping-advice-addresses.ts';
import { namesOf, otherAddresses } from './mapping-advice-names.ts';
import { againstGuidelines, longestUserName } from './name-guidelines.ts';

/** A value of the mapping’s source for the person of that place, which nobody is given again; null where nothing names them. */
export type Propose = (person: SurveyedPerson, index: number) => string | null;

const mostNumbered = 100_000;

const domainOf = (value: string | undefined): string | undefined =>
  value === undefined ? undefined : readDomain(value.slice(value.lastIndexOf('@') + 1))?.ascii;

/**
 * What the person has already comes first (the other attribute, the primary SMTP address), then their names in the domain that is
 * likeliest theirs, last such a name with a number.
 * @param usual the domain of most of the people in each place of the survey’s domains
 * @param substitute what replaces domains that cannot be registered, whether or not the mapping does
 */
export function proposals(
  mapping: PreparedMapping,
  addresses: Addresses,
  usual: ReadonlyMap<number, string>,
  substitute: Readonly<Record<string, string>>,
): Propose {
  const { source, tables } = mapping;
  const next = new Map<string, number>();
  const replaced = new Map(Object.entries(substitute).map(([from, to]) => [readDomain(from)?.ascii ?? from, to]));

  const destinationOf = (domain: string | undefined): string | undefined =>
    domain === undefined ? undefined : tables.destinations.get(tables.substitutes.get(domain) ?? domain);

  /** The value that maps to an address of that domain: the address itself, unless its domain is substituted. */
  const spelt = (destination: string): string =>
    destinationOf(destination) === destination ? destination : (tables.origins.get(destination)?.[0] ?? destination);

  /** The value, once it is seen to be right and free. */
  function tryValue(value: string, index: number): string | undefined {
    let address: string;
    try {
      address = mapAddress({ userPrincipalName: value, mail: value }, mapping).address;
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
    const forms = [address.toLowerCase(), value.toLowerCase()];
    if (againstGuidelines(address) !== undefined || !forms.every((form) => addresses.isFree(form, index))) return undefined;
    for (const form of forms) addresses.take(form, index);
    return value;
  }

  /** What the directory calls the person already, where it is an address of the organisation. */
  function having(values: readonly (string | undefined)[], index: number): string | undefined {
    for (const value of values) {
      const destination = destinationOf(domainOf(value));
      if (value === undefined || destination === undefined) continue;
      const found = tryValue(`${value.slice(0, value.lastIndexOf('@')).toLowerCase()}@${spelt(destination)}`, index);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function numbered(local: string, domain: string, index: number): string | undefined {
    const key = `${local}@${domain}`;
    for (let number = next.get(key) ?? 2; number < mostNumbered; number += 1) {
      next.set(key, number + 1);
      const found = tryValue(`${local.slice(0, longestUserName - String(number).length)}${String(number)}@${domain}`, index);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return (person, index) => {
    const values = otherAddresses(person, source);
    const had = having(values, index);
    if (had !== undefined) return had;
    const own = domainOf(person[source]);
    const domain = spelt(
      destinationOf(own) ??
        [...values.map(domainOf), own && replaced.get(own), usual.get(person.place)].map(destinationOf).find((found) => found) ??
        readDomain(mapping.domains.primary)?.ascii ??
        mapping.domains.primary,
    );
    const isStrange = own !== undefined && destinationOf(own) === undefined && !replaced.has(own);
    const names = namesOf(person, source, isStrange);
    for (const name of names) {
      const found = tryValue(`${name}@${domain}`, index);
      if (found !== undefined) return found;
    }
    const [first] = names;
    return (first === undefined ? undefined : numbered(first, domain, index)) ?? null;
  };
}

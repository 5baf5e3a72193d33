/** Addresses and UPNs in use, and whose each is: what is proposed must be nobody else’s. */
import { readDomain } from '../mapping/domain.ts';
import type { PreparedMapping } from '../mapping/prepare-mapping.ts';
import type { Survey } from '../directory/survey/survey.ts';

export interface Addresses {
  /** The address in lower case as Google would have it: alias and substituted domains resolved. */
  canonical: (value: string) => string;
  /** Whether it is in use by nobody but the person of that place in the survey. Known of addresses whose stem was looked for. */
  isFree: (address: string, person: number) => boolean;
  take: (address: string, person: number) => void;
}

/** Nobody’s place: of an address that several have, or a group. */
const several = -1;

const stemLength = 48;

/** The same for a name and for all that come of it by a number of up to 16 digits at its end, cut where it is long. */
export const stemOf = (address: string): string =>
  address
    .split('@', 1)[0]
    ?.slice(0, stemLength)
    .replace(/[0-9]+$/, '')
    .toLowerCase() ?? '';

/** The address in lower case as Google would have it: alias and substituted domains resolved, each of them once. */
export function canonicalBy({ tables }: PreparedMapping): (value: string) => string {
  const resolved = new Map<string, string>();
  function resolve(written: string): string {
    const known = resolved.get(written);
    if (known !== undefined) return known;
    const domain = readDomain(written)?.ascii ?? written.toLowerCase();
    const substitute = tables.substitutes.get(domain) ?? domain;
    const destination = tables.destinations.get(substitute) ?? substitute;
    resolved.set(written, destination);
    return destination;
  }
  return (value) => {
    const at = value.lastIndexOf('@');
    return at < 0 ? value.toLowerCase() : `${value.slice(0, at).toLowerCase()}@${resolve(value.slice(at + 1))}`;
  };
}

/**
 * @param mapping by which addresses of people are resolved, whatever attribute holds them
 * @param stems of all addresses that may be proposed: of a great directory few, and the others need no room
 */
export function addressesInUse(
  { people, groups, domains }: Survey,
  mapping: PreparedMapping,
  stems: ReadonlySet<string>,
): Addresses {
  const owners = new Map<string, number>();
  const canonical = canonicalBy(mapping);

  function take(form: string, person: number): void {
    const owner = owners.get(form);
    owners.set(form, owner === undefined || owner === person ? person : several);
  }
  function use(value: string | undefined, person: number): void {
    if (value === undefined || value === '' || !stems.has(stemOf(value))) return;
    take(canonical(value), person);
    take(value.toLowerCase(), person);
  }

  const { destinations } = mapping.tables;
  const isOwn = domains.map(({ dnsDomain }) => dnsDomain !== undefined && destinations.has(canonical(`@${dnsDomain}`).slice(1)));
  for (const [index, { userPrincipalName, mail, primarySmtp, otherSmtps = [], sAMAccountName, place }] of people.entries()) {
    use(userPrincipalName, index);
    use(mail, index);
    use(primarySmtp, index);
    for (const address of otherSmtps) use(address, index);
    // MS-ADTS §3.1.1.1.6: sAMAccountName@domain is a UPN, too, though no attribute says so.
    if (isOwn[place] === true && sAMAccountName !== undefined) use(`${sAMAccountName}@${domains[place]?.dnsDomain ?? ''}`, index);
  }
  for (const { mail } of groups) use(mail, several);
  return { canonical, isFree: (address, person) => (owners.get(address) ?? person) === person, take };
}

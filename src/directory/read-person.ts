/** Reads a person again: in the domain where they were, else wherever in its forest they were moved. */
import { Refusal } from '../refusal.ts';
import type { Known, Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { equals } from './filters.ts';
import type { Forest } from './forest.ts';
import { objectGuidBytes } from './object-guid.ts';
import { identityOf } from './person-entry.ts';
import { meansUnanswered } from './unanswered-refusal.ts';

/** Where somebody of that name lies. @throws Refusal person-gone */
export function placeOf(
  forests: readonly Forest[],
  { distinguishedName }: Pick<Person, 'distinguishedName'>,
): { readonly forest: Forest; readonly domain: Domain } {
  for (const forest of forests) {
    const domain = forest.domainOf(distinguishedName);
    if (domain !== undefined) return { forest, domain };
  }
  throw new Refusal('person-gone', { cause: 'their domain is not one of ours' });
}

/** The domains where the catalog has somebody of that objectGUID; all others where there is none that answers. */
async function domainsWith(forest: Forest, objectGUID: string, but: Domain): Promise<readonly Domain[]> {
  const others = forest.domains.filter((domain) => domain !== but);
  const bytes = objectGuidBytes(objectGUID);
  if (forest.catalog === undefined || bytes === undefined || others.length === 0) return others;
  try {
    const { entries } = await forest.catalog.few(equals('objectGUID', bytes));
    const held = entries.filter((entry) => identityOf(entry) === objectGUID.toLowerCase());
    return others.filter((domain) => held.some(({ dn }) => forest.domainOf(dn) === domain));
  } catch (error) {
    if (!meansUnanswered(error)) throw error;
    return others;
  }
}

/** @see Directory.read */
export async function readPerson(forests: readonly Forest[], known: Known): Promise<Person> {
  const { forest, domain } = placeOf(forests, known);
  const person = await forest.blamed(domain.read(known.objectGUID));
  if (person !== undefined) return person;
  if (known.server !== undefined && domain.controllers.count > 1) {
    // Whoever was just made may not be known to the others yet.
    const young = await forest.blamed(domain.read(known.objectGUID, known.server));
    if (young !== undefined) return young;
  }
  // MS-ADTS §3.1.1.5.4.2: objectGUID stays with whoever is moved to another domain of the forest.
  const elsewhere = await forest.blamed(domainsWith(forest, known.objectGUID, domain));
  const found = await forest.blamed(Promise.all(elsewhere.map((other) => other.read(known.objectGUID))));
  const moved = found.find((one) => one !== undefined);
  if (moved === undefined) throw new Refusal('person-gone', { server: domain.controllers.name });
  return moved;
}

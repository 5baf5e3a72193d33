/** Everybody in all forests who holds one of some values: by it an address is known to be one person's alone. */
import type { Filter } from 'ldapts';
import type { Entry } from './connection.ts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import { anyOf, equals } from './filters.ts';
import { fold } from './fold.ts';
import type { Forest } from './forest.ts';
import { valuesOf } from './person-entry.ts';
import { meansUnanswered } from './unanswered-refusal.ts';

const MOST_VALUES = 1_000;
const VALUES_A_FILTER = 200;

function* filtersOf(filters: readonly Filter[]): Generator<Filter> {
  for (let start = 0; start < filters.length; start += VALUES_A_FILTER)
    yield anyOf(filters.slice(start, start + VALUES_A_FILTER));
}

/** Those of the entries that hold a value, by objectGUID. */
type Choose = (entries: readonly Entry[], domain: Domain, server: string) => readonly Person[];

async function inDomain(domain: Domain, filters: readonly Filter[], choose: Choose): Promise<readonly Person[]> {
  let found: readonly Person[] = [];
  for (const filter of filtersOf(filters)) {
    const { entries, server } = await domain.all(filter);
    found = found.concat(choose(entries, domain, server));
  }
  return found;
}

/** Who holds a value, the catalog says; everything else about them, their own domain. */
async function byCatalog(
  forest: Forest,
  catalog: Pick<Domain, 'all'>,
  filters: readonly Filter[],
  choose: Choose,
): Promise<readonly Person[]> {
  const held = new Map<Domain, Map<string, Buffer>>(forest.domains.map((domain) => [domain, new Map()]));
  for (const filter of filtersOf(filters)) {
    for (const entry of (await catalog.all(filter)).entries) {
      const domain = forest.domainOf(entry.dn);
      const guid = entry.attributes.get('objectguid')?.[0];
      if (domain !== undefined && guid !== undefined) held.get(domain)?.set(guid.toString('hex'), guid);
    }
  }
  const read = [...held].map(([domain, guids]) =>
    inDomain(
      domain,
      [...guids.values()].map((guid) => equals('objectGUID', guid)),
      choose,
    ),
  );
  return (await Promise.all(read)).flat();
}

async function inForest(forest: Forest, filters: readonly Filter[], choose: Choose): Promise<readonly Person[]> {
  const each = async (): Promise<readonly Person[]> =>
    (await Promise.all(forest.domains.map((domain) => inDomain(domain, filters, choose)))).flat();
  if (forest.catalog === undefined) return each();
  try {
    return await byCatalog(forest, forest.catalog, filters, choose);
  } catch (error) {
    if (!meansUnanswered(error)) throw error;
    return each();
  }
}

/** @see Directory.holders */
export async function holders(
  forests: readonly Forest[],
  attribute: 'userPrincipalName' | 'mail',
  values: readonly string[],
): Promise<readonly Person[]> {
  if (values.length > MOST_VALUES) throw new RangeError(`at most ${String(MOST_VALUES)} values at a time`);
  const wanted = new Map(values.filter((value) => value !== '').map((value) => [fold(value), value]));
  const filters = [...wanted.values()].map((value) => equals(attribute, value));
  const choose: Choose = (entries, domain, server) =>
    entries.flatMap((entry) => {
      const holds = valuesOf(entry, attribute).some((value) => wanted.has(fold(value)));
      return (holds ? domain.personOf(entry, server) : undefined) ?? [];
    });
  const found = await Promise.all(forests.map((forest) => forest.blamed(inForest(forest, filters, choose))));
  // Within a forest an objectGUID is one person's, whom several values may have found; between forests nothing is.
  return found.flatMap((people) => [...new Map(people.map((person) => [person.objectGUID, person])).values()]);
}

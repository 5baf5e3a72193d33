/** Finds the one person whom a typed sign-in name means, in the forest or domain that it names. */
import { Refusal } from '../refusal.ts';
import type { Person } from './directory.ts';
import type { Domain } from './domain.ts';
import type { Forest } from './forest.ts';
import { locate, type Place } from './locate.ts';
import { valuesOf } from './person-entry.ts';
import { filterOf, parseSignInName, rankOf, type SignInName } from './sign-in-name.ts';
import { meansUnanswered } from './unanswered-refusal.ts';

/** Somebody whom the name fits, the better the less `rank` is. */
interface Hit {
  readonly rank: number;
  readonly person: Person;
}

interface Hits {
  readonly hits: readonly Hit[];
  /** There may be others who fit as well. */
  readonly more: boolean;
  readonly server: string;
  /** The catalog knows somebody whom their own domain does not: not yet, or no longer. */
  readonly missing?: boolean;
}

function bestOf(hits: readonly Hit[]): readonly Hit[] {
  const best = Math.min(...hits.map(({ rank }) => rank));
  return hits.filter(({ rank }) => rank === best);
}

/** One search; however many share the name as their mail, whose UPN it is comes first, by one more. */
async function search(searched: Pick<Domain, 'few'>, name: SignInName, domains: readonly Domain[]): Promise<Hits> {
  const dnsDomains = domains.map(({ dnsDomain }) => dnsDomain);
  let { entries, more, server } = await searched.few(filterOf(name, dnsDomains, true));
  if (more && name.kind === 'principal') {
    ({ entries, more, server } = await searched.few(filterOf(name, dnsDomains, false)));
    more ||= entries.length === 0;
  }
  const hits = entries.flatMap((entry) => {
    const domain = domains.find((one) => one.holds(entry.dn));
    const rank = domain && rankOf(name, domain.dnsDomain, (attribute) => valuesOf(entry, attribute));
    const person = rank === undefined ? undefined : domain?.personOf(entry, server);
    return rank === undefined || person === undefined ? [] : [{ rank, person }];
  });
  return { hits: bestOf(hits), more, server };
}

const inDomain = (domain: Domain, name: SignInName): Promise<Hits> => search(domain, name, [domain]);

async function inEach(domains: readonly Domain[], name: SignInName): Promise<Hits> {
  const found = await Promise.all(domains.map((domain) => inDomain(domain, name)));
  const hits = bestOf(found.flatMap((each) => each.hits));
  return { hits, more: found.some(({ more }) => more), server: found[0]?.server ?? '' };
}

/** A catalog tells of everybody, though late and not all; what the person's own domain says of the one it names is what counts. */
async function byCatalog(catalog: Pick<Domain, 'few'>, { forest, domains }: Place, name: SignInName): Promise<Hits> {
  const found = await search(catalog, name, domains);
  const [hit, second] = found.hits;
  if (second !== undefined || found.more) return found;
  if (hit === undefined) {
    // Who was just made may be in no catalog yet.
    const own = name.kind === 'principal' ? domains.find(({ dnsDomain }) => dnsDomain === name.suffix) : undefined;
    return own === undefined ? found : inDomain(own, name);
  }
  const person = await forest.domainOf(hit.person.distinguishedName)?.read(hit.person.objectGUID);
  const rank = person && rankOf(name, person.domain, (attribute) => [person[attribute]]);
  return { ...found, hits: person !== undefined && rank === hit.rank ? [{ rank, person }] : [], missing: person === undefined };
}

async function inPlace({ forest, domains }: Place, name: SignInName): Promise<Hits> {
  const [first, ...others] = domains;
  if (first !== undefined && others.length === 0) return inDomain(first, name);
  if (forest.catalog === undefined) return inEach(domains, name);
  try {
    return await byCatalog(forest.catalog, { forest, domains }, name);
  } catch (error) {
    if (!meansUnanswered(error)) throw error;
    return inEach(domains, name);
  }
}

/** @see Directory.find */
export async function findPerson(forests: readonly Forest[], typed: string): Promise<Person> {
  const name = parseSignInName(typed);
  const places = await locate(forests, name);
  // Where one of several places does not answer, somebody of that name may be there: it is refused, not guessed.
  const found = await Promise.all(places.map((place) => place.forest.blamed(inPlace(place, name))));
  // Forests do not vouch for one another's names, so that a better fit in one does not settle it.
  const people = found.flatMap(({ hits }) => hits.map(({ person }) => person));
  const server = found[0]?.server;
  const [person, second] = people;
  if (second !== undefined || found.some(({ more }) => more)) {
    throw new Refusal('person-ambiguous', { server, people: people.length });
  }
  if (person === undefined)
    throw new Refusal(found.some(({ missing }) => missing) ? 'person-not-replicated' : 'person-unknown', { server });
  return person;
}

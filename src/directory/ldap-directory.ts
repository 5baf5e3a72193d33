/** The people of Active Directory forests, or of an OpenLDAP that looks like one, over LDAP. */
import { type Filter, OrFilter } from 'ldapts';
import type { Clock, Random } from '../clock.ts';
import type { DirectoryConfiguration, ForestConfiguration } from '../config/directory-configuration.ts';
import { Refusal } from '../refusal.ts';
import { authenticate } from './authenticate.ts';
import type { Entry } from './connection.ts';
import { createControllers } from './controllers.ts';
import type { Directory, Person } from './directory.ts';
import { type Domain, createDomain, equals } from './domain.ts';
import { fold } from './fold.ts';
import { accept } from './ldap-refusal.ts';
import { valuesOf } from './person-entry.ts';
import { readFurther } from './read-further.ts';
import { type SignInName, parseSignInName } from './sign-in-name.ts';

export interface LdapForest extends Omit<ForestConfiguration, 'caFile'> {
  /** Reads the certificates (PEM) that vouch for its servers; undefined for the well-known authorities. */
  readonly ca: (() => string) | undefined;
}

export interface LdapDirectoryOptions extends Omit<DirectoryConfiguration, 'forests' | 'recheck'> {
  /** At least one. */
  readonly forests: readonly LdapForest[];
  /** Further attributes of people to read. */
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

const MOST_VALUES = 1_000;
const VALUES_A_FILTER = 200;
const NO_SUCH_OBJECT = 32;

const anyOf = (filters: Filter[]): Filter => new OrFilter({ filters });

/** How well an entry fits the typed name: the less the better; undefined where the server compared more loosely than we do. */
function rankOf(entry: Entry, name: SignInName): number | undefined {
  const holds = (attribute: string, text: string): boolean => {
    const wanted = fold(text);
    return valuesOf(entry, attribute).some((value) => fold(value) === wanted);
  };
  if (name.kind === 'account') return holds('sAMAccountName', name.account) ? 0 : undefined;
  if (holds('userPrincipalName', name.text)) return 0;
  if (name.account !== undefined && holds('sAMAccountName', name.account)) return 1;
  return holds('mail', name.text) ? 2 : undefined;
}

/** What finds the people that `name` may mean; those whose mail it is on demand only. */
function filterOf(name: SignInName, withMail: boolean): Filter {
  if (name.kind === 'account') return equals('sAMAccountName', name.account);
  const filters = [equals('userPrincipalName', name.text)];
  if (name.account !== undefined) filters.push(equals('sAMAccountName', name.account));
  if (withMail) filters.push(equals('mail', name.text));
  return anyOf(filters);
}

/** @throws TypeError where there is no forest, domain or controller, or a URL of another kind */
export function createLdapDirectory(options: LdapDirectoryOptions): Directory {
  const domains: readonly Domain[] = options.forests.flatMap((forest) =>
    forest.domains.map(({ baseDn, netbiosNames, controllers }) =>
      createDomain({
        controllers: createControllers({ ...options, ...forest, controllers }),
        baseDn,
        netbiosNames,
        released: options.released,
        clock: options.clock,
        random: options.random,
      }),
    ),
  );
  const [first] = domains;
  if (first === undefined) throw new TypeError('a directory needs at least one domain');
  const domain = first;
  const firstLabel = domain.dnsDomain?.split('.')[0];
  const names = domain.netbiosNames.length > 0 || firstLabel === undefined ? domain.netbiosNames : [firstLabel];

  const domainOf = (_person: Pick<Person, 'distinguishedName'>): Domain => domain;

  return {
    async find(typed) {
      const name = parseSignInName(typed, names, domain.dnsDomain);
      let { entries, more } = await domain.few(filterOf(name, true));
      if (more && name.kind === 'principal') {
        // However many share it as their mail, whose UPN it is comes first.
        ({ entries, more } = await domain.few(filterOf(name, false)));
        more ||= entries.length === 0;
      }
      let best: number | undefined;
      let found: Person[] = [];
      for (const entry of entries) {
        const rank = rankOf(entry, name);
        if (rank === undefined || (best !== undefined && rank > best)) continue;
        const person = domain.personOf(entry);
        if (person !== undefined) {
          found = rank === best ? [...found, person] : [person];
          best = rank;
        }
      }
      const [person, second] = found;
      const server = domain.controllers.name;
      if (second !== undefined || more) throw new Refusal('person-ambiguous', { server, people: found.length });
      if (person === undefined) throw new Refusal('person-unknown', { server });
      return person;
    },

    async read(known) {
      const person = await domainOf(known).read(known.objectGUID);
      if (person === undefined) throw new Refusal('person-gone', { server: domain.controllers.name });
      return person;
    },

    async readFurther(person, wanted) {
      const read = (known: Person) =>
        domain.controllers.asService((connection) =>
          readFurther(known, wanted, domain.baseDn, async (search) => {
            const result = await connection.search(search);
            if (result.code !== NO_SUCH_OBJECT) accept(connection.server, result);
            return result.entries;
          }),
        );
      // Whoever was moved or renamed since they were read is looked for once more.
      const further = (await read(person)) ?? (await read(await this.read(person)));
      if (further === undefined) throw new Refusal('person-gone', { server: domain.controllers.name });
      return further;
    },

    async holders(attribute, values) {
      if (values.length > MOST_VALUES) throw new RangeError(`at most ${String(MOST_VALUES)} values at a time`);
      const wanted = new Map(values.filter((value) => value !== '').map((value) => [fold(value), value]));
      const filters = [...wanted.values()].map((value) => equals(attribute, value));
      const found = new Map<string, Person>();
      for (let start = 0; start < filters.length; start += VALUES_A_FILTER) {
        const part = filters.slice(start, start + VALUES_A_FILTER);
        for (const entry of await domain.all(part.length === 1 && part[0] !== undefined ? part[0] : anyOf(part))) {
          const person = valuesOf(entry, attribute).some((value) => wanted.has(fold(value))) ? domain.personOf(entry) : undefined;
          if (person !== undefined) found.set(person.objectGUID, person);
        }
      }
      return [...found.values()];
    },

    authenticate: (person, password) => authenticate(person === undefined ? domain : domainOf(person), person, password),

    async check() {
      await Promise.all(domains.map((one) => one.check()));
    },

    get server() {
      return domain.controllers.name;
    },

    close() {
      for (const { controllers } of domains) controllers.close();
      return Promise.resolve();
    },
  };
}

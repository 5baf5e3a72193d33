/** The people of an Active Directory, or of an OpenLDAP that looks like one, over LDAP. */
import { randomBytes } from 'node:crypto';
import { EqualityFilter, type Filter, OrFilter, PresenceFilter } from 'ldapts';
import type { Clock, Random } from '../clock.ts';
import { type Reason, Refusal } from '../refusal.ts';
import { bindRefusal, dataCodeOf, isUnwell } from './bind-refusal.ts';
import { type Connection, type Entry, type LdapResult, openConnection } from './connection.ts';
import { createConnectionPool } from './connection-pool.ts';
import type { Directory, Person } from './directory.ts';
import { dnsDomainOf } from './distinguished-name.ts';
import { type Endpoint, endpointOf } from './endpoint.ts';
import { fold } from './fold.ts';
import { objectGuidBytes } from './object-guid.ts';
import { personAttributes, personOf, valuesOf } from './person-entry.ts';
import { readFurther } from './read-further.ts';
import { createServerChoice } from './server-choice.ts';
import { type SignInName, parseSignInName } from './sign-in-name.ts';
import { Unanswered } from './unanswered.ts';

export interface LdapDirectoryOptions {
  /** `ldaps://HOST[:PORT]` or `ldap://HOST[:PORT]`, tried in this order; at least one. */
  readonly urls: readonly string[];
  /** Whether `ldap://` is upgraded by StartTLS. Where it is not, everything crosses the network in the clear. */
  readonly startTls: boolean;
  /** Certificates (PEM) that vouch for the servers; undefined for the well-known authorities. */
  readonly ca: string | undefined;
  readonly baseDn: string;
  /** The service account: a DN, or for Active Directory a UPN. */
  readonly bindDn: string;
  readonly password: string;
  /** Names accepted before a backslash; none means the first DC of `baseDn`. Its DNS domain is always accepted. */
  readonly netbiosNames: readonly string[];
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds, for one search or bind, and for the wait until a connection is free. */
  readonly operationTimeout: number;
  /** How many connections of the service account at most, and as many again for passwords. */
  readonly connections: number;
  /** Further attributes of people to read. */
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random?: Random;
}

const LONGEST_PASSWORD = 1_024;
const MOST_VALUES = 1_000;
const VALUES_A_FILTER = 200;
const PAGE = 500;
const MOST_ENTRIES = 20_000;
/** Enough to see that a name is ambiguous. */
const FEW = 20;
const SIZE_LIMIT_EXCEEDED = 4;
const NO_SUCH_OBJECT = 32;

const equals = (attribute: string, value: string | Buffer): Filter => new EqualityFilter({ attribute, value });
const anyOf = (filters: Filter[]): Filter => new OrFilter({ filters });

function refusalOf(reason: Reason, server: string, stage: string, { code, message, policy }: LdapResult): Refusal {
  return new Refusal(reason, { server, stage, code, data: dataCodeOf(message), policy, message: message.slice(0, 200) });
}

/** @throws Refusal directory-unavailable, directory-refused where a search of the service account failed */
function accept(server: string, result: LdapResult): void {
  if (result.code !== 0) {
    throw refusalOf(isUnwell(result.code) ? 'directory-unavailable' : 'directory-refused', server, 'search', result);
  }
}

/** How well an entry fits the typed name: the less the better; undefined where the server compared more loosely than we do. */
function rankOf(entry: Entry, name: SignInName): number | undefined {
  const holds = (attribute: string, text: string): boolean => {
    const wanted = fold(text);
    return valuesOf(entry, attribute).some((value) => fold(value) === wanted);
  };
  if (name.kind === 'account') {
    return holds('sAMAccountName', name.account) ? 0 : undefined;
  }
  if (holds('userPrincipalName', name.text)) {
    return 0;
  }
  if (name.account !== undefined && holds('sAMAccountName', name.account)) {
    return 1;
  }
  return holds('mail', name.text) ? 2 : undefined;
}

/** @throws TypeError where `urls` is empty or holds another kind of URL */
export function createLdapDirectory(options: LdapDirectoryOptions): Directory {
  const { ca, baseDn, connectTimeout, operationTimeout, clock, random = randomBytes } = options;
  const [firstUrl, ...otherUrls] = options.urls;
  if (firstUrl === undefined) {
    throw new TypeError('a directory needs at least one URL');
  }
  const toEndpoint = (url: string): Endpoint => endpointOf(url, options.startTls);
  const servers = createServerChoice([toEndpoint(firstUrl), ...otherUrls.map(toEndpoint)]);
  const dnsDomain = dnsDomainOf(baseDn);
  const firstLabel = dnsDomain?.split('.')[0];
  const domains = options.netbiosNames.length > 0 || firstLabel === undefined ? options.netbiosNames : [firstLabel];
  const attributes = [...new Set([...personAttributes, ...options.released])];
  /** Whether people here are known by entryUUID, which saves asking for an objectGUID that nobody has. */
  let byEntryUuid = false;

  const open = (endpoint: Endpoint): Promise<Connection> => openConnection(endpoint, ca, connectTimeout, operationTimeout);

  async function openBound(endpoint: Endpoint): Promise<Connection> {
    const connection = await open(endpoint);
    const result = await connection.bind(options.bindDn, options.password);
    if (result.code !== 0) {
      connection.close();
      if (isUnwell(result.code)) {
        throw new Unanswered(endpoint.name, `service account: LDAP code ${String(result.code)}`, true);
      }
      throw refusalOf('directory-refused', endpoint.name, 'bind of the service account', result);
    }
    return connection;
  }

  const service = createConnectionPool(() => servers.first(openBound), options.connections, operationTimeout, clock);
  const passwords = createConnectionPool(() => servers.first(open), options.connections, operationTimeout, clock);

  /** @throws Refusal directory-unavailable in place of Unanswered */
  async function answered<Result>(operation: Promise<Result>): Promise<Result> {
    try {
      return await operation;
    } catch (error) {
      if (error instanceof Unanswered) {
        throw new Refusal('directory-unavailable', { server: error.server || servers.name, cause: error.message });
      }
      throw error;
    }
  }

  /** A few entries, and whether there are more. */
  async function few(filter: Filter): Promise<{ entries: readonly Entry[]; more: boolean }> {
    const { server, ...result } = await answered(
      service.use(async (connection) => {
        const found = await connection.search({ base: baseDn, scope: 'sub', filter, attributes, limit: FEW });
        if (isUnwell(found.code)) {
          connection.close();
        }
        return { server: connection.server, ...found };
      }),
    );
    const more = result.code === SIZE_LIMIT_EXCEEDED;
    if (!more) {
      accept(server, result);
    }
    return { entries: result.entries, more };
  }

  const toPerson = (entry: Entry): Person | undefined => {
    const person = personOf(entry, options.released, clock.now());
    byEntryUuid ||= person !== undefined && !entry.attributes.has('objectguid');
    return person;
  };

  /** Everybody whom the filter finds, page by page. */
  function all(filter: Filter): Promise<readonly Entry[]> {
    return answered(
      service.use(async (connection) => {
        const entries: Entry[] = [];
        let cookie: Buffer | undefined;
        do {
          const page = { size: PAGE, cookie };
          const result = await connection.search({ base: baseDn, scope: 'sub', filter, attributes, limit: 0, page });
          accept(connection.server, result);
          entries.push(...result.entries);
          cookie = result.cookie;
        } while (cookie !== undefined && entries.length < MOST_ENTRIES);
        if (cookie !== undefined) {
          throw new Refusal('directory-refused', {
            server: connection.server,
            cause: `more than ${String(MOST_ENTRIES)} entries`,
          });
        }
        return entries;
      }),
    );
  }

  /** What finds the people that `name` may mean; those whose mail it is on demand only. */
  function filterOf(name: SignInName, withMail: boolean): Filter {
    if (name.kind === 'account') {
      return equals('sAMAccountName', name.account);
    }
    const filters = [equals('userPrincipalName', name.text)];
    if (name.account !== undefined) {
      filters.push(equals('sAMAccountName', name.account));
    }
    if (withMail) {
      filters.push(equals('mail', name.text));
    }
    return anyOf(filters);
  }

  async function bindAs(dn: string, password: string): Promise<{ server: string; result: LdapResult }> {
    return answered(
      passwords.use(async (connection) => {
        const result = await connection.bind(dn, password);
        const reason = bindRefusal(result);
        if (reason === 'directory-unavailable' || reason === 'directory-refused') {
          connection.close();
        }
        return { server: connection.server, result };
      }),
    );
  }

  async function readPerson(objectGUID: string): Promise<Person> {
    const bytes = objectGuidBytes(objectGUID);
    if (bytes !== undefined) {
      const byGuid = equals('objectGUID', bytes);
      const byUuid = equals('entryUUID', objectGUID);
      // One after the other, since an attribute without an index makes a search with both slow.
      for (const filter of byEntryUuid ? [byUuid, byGuid] : [byGuid, byUuid]) {
        const { entries } = await few(filter);
        for (const entry of entries) {
          const person = toPerson(entry);
          if (person?.objectGUID === objectGUID.toLowerCase()) {
            return person;
          }
        }
      }
    }
    throw new Refusal('person-gone', { server: servers.name });
  }

  return {
    async find(typed) {
      const name = parseSignInName(typed, domains, dnsDomain);
      let { entries, more } = await few(filterOf(name, true));
      if (more && name.kind === 'principal') {
        // However many share it as their mail, whose UPN it is comes first.
        ({ entries, more } = await few(filterOf(name, false)));
        more ||= entries.length === 0;
      }
      let best: number | undefined;
      let found: Person[] = [];
      for (const entry of entries) {
        const rank = rankOf(entry, name);
        if (rank === undefined || (best !== undefined && rank > best)) {
          continue;
        }
        const person = toPerson(entry);
        if (person !== undefined) {
          found = rank === best ? [...found, person] : [person];
          best = rank;
        }
      }
      const [person, second] = found;
      if (second !== undefined || more) {
        throw new Refusal('person-ambiguous', { server: servers.name, people: found.length });
      }
      if (person === undefined) {
        throw new Refusal('person-unknown', { server: servers.name });
      }
      return person;
    },

    read: readPerson,

    async readFurther(person, wanted) {
      const read = (known: Person) =>
        answered(
          service.use((connection) =>
            readFurther(known, wanted, baseDn, async (search) => {
              const result = await connection.search(search);
              if (result.code !== NO_SUCH_OBJECT) {
                accept(connection.server, result);
              }
              return result.entries;
            }),
          ),
        );
      // Whoever was moved or renamed since they were read is looked for once more.
      const further = (await read(person)) ?? (await read(await readPerson(person.objectGUID)));
      if (further === undefined) {
        throw new Refusal('person-gone', { server: servers.name });
      }
      return further;
    },

    async holders(attribute, values) {
      if (values.length > MOST_VALUES) {
        throw new RangeError(`at most ${String(MOST_VALUES)} values at a time`);
      }
      const wanted = new Map(values.filter((value) => value !== '').map((value) => [fold(value), value]));
      const filters = [...wanted.values()].map((value) => equals(attribute, value));
      const found = new Map<string, Person>();
      for (let start = 0; start < filters.length; start += VALUES_A_FILTER) {
        const part = filters.slice(start, start + VALUES_A_FILTER);
        for (const entry of await all(part.length === 1 && part[0] !== undefined ? part[0] : anyOf(part))) {
          const person = valuesOf(entry, attribute).some((value) => wanted.has(fold(value))) ? toPerson(entry) : undefined;
          if (person !== undefined) {
            found.set(person.objectGUID, person);
          }
        }
      }
      return [...found.values()];
    },

    async authenticate(person, password) {
      if (password === '' || password.length > LONGEST_PASSWORD || password.includes('\0')) {
        throw new Refusal('password-unusable');
      }
      const nobody = person === undefined;
      const dn = nobody ? `CN=${random(16).toString('hex')},${baseDn}` : person.distinguishedName;
      const { server, result } = await bindAs(dn, password);
      const reason = bindRefusal(result);
      if (nobody && reason !== 'directory-unavailable' && reason !== 'directory-refused') {
        throw new Refusal('password-wrong', { server, cause: 'nobody of that name' });
      }
      if (reason !== undefined) {
        throw refusalOf(reason, server, 'bind', result);
      }
    },

    async check() {
      const { server, result } = await answered(
        service.use(async (connection) => {
          const filter = new PresenceFilter({ attribute: 'objectClass' });
          // RFC 4511 §4.5.1.8: 1.1 asks for no attribute.
          const result = await connection.search({ base: baseDn, scope: 'base', filter, attributes: ['1.1'], limit: 0 });
          return { server: connection.server, result };
        }),
      );
      accept(server, result);
    },

    get server() {
      return servers.name;
    },

    close() {
      service.close();
      passwords.close();
      return Promise.resolve();
    },
  };
}

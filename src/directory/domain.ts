/** One domain of the directory: its controllers, and what finds and reads its people. */
import { PresenceFilter } from 'ldapts';
import type { Audit } from '../audit/audit.ts';
import type { Clock, Random } from '../clock.ts';
import type { Entry } from './connection.ts';
import type { Controllers } from './controllers.ts';
import type { Person } from './directory.ts';
import { dnsDomainOf, relativeNames } from './distinguished-name.ts';
import { equals } from './filters.ts';
import { accept } from './ldap-refusal.ts';
import { objectGuidBytes } from './object-guid.ts';
import { type PeopleSearch, createPeopleSearch } from './people-search.ts';
import { personAttributes, personOf } from './person-entry.ts';
import { createPolicyMemory, type PolicyMemory } from './policy-memory.ts';

/** What the parts of a directory that ask one domain are handed. `few` and `all` search below `baseDn`. */
export interface Domain extends PeopleSearch {
  readonly controllers: Controllers;
  readonly baseDn: string;
  /** `corp.example.com`; undefined where `baseDn` has no DC. */
  readonly dnsDomain: string | undefined;
  /** Names before a backslash, as configured. */
  readonly netbiosNames: readonly string[];
  /** Further attributes of people to read. */
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly note: Audit['note'];
  readonly policies: PolicyMemory;
  /** Whether an entry of that name lies here: below what is searched, and not in a domain below this one. */
  holds(distinguishedName: string): boolean;
  /** The person of an entry that this domain gave, and holds; `server` is which controller told it. */
  personOf(entry: Entry, server?: string): Person | undefined;
  /** The person of that objectGUID, as `first` knows them where that controller is well. */
  read(objectGUID: string, first?: string): Promise<Person | undefined>;
  /** Whether it answers and takes the service account. @throws Refusal */
  check(): Promise<void>;
}

const FEW = 20;

export function createDomain(parts: {
  readonly controllers: Controllers;
  readonly baseDn: string;
  readonly netbiosNames: readonly string[];
  /** The only one of the directory, which holds whatever it gives. */
  readonly isOnly: boolean;
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly note: Audit['note'];
}): Domain {
  const { controllers, baseDn, isOnly, released, clock } = parts;
  const base = relativeNames(baseDn);
  const dnsDomain = dnsDomainOf(baseDn);
  const search = createPeopleSearch(controllers, baseDn, [...new Set([...personAttributes, ...released])], FEW);
  /** Whether people here are known by entryUUID, which saves asking for an objectGUID that nobody has. */
  let byEntryUuid = false;

  const holds = (distinguishedName: string): boolean => {
    if (isOnly) return true;
    const names = relativeNames(distinguishedName);
    const around = names.slice(-base.length);
    return base.every((part, at) => part === around[at]) && dnsDomainOf(distinguishedName) === dnsDomain;
  };

  const toPerson: Domain['personOf'] = (entry, server) => {
    // A domain that gives people of another one would have them signed in under whatever identity it likes.
    if (!holds(entry.dn)) return undefined;
    const person = personOf(entry, released, clock.now());
    byEntryUuid ||= person !== undefined && !entry.attributes.has('objectguid');
    return person && { ...person, domain: dnsDomainOf(entry.dn), server };
  };

  return {
    ...parts,
    ...search,
    policies: createPolicyMemory(),
    dnsDomain,
    holds,
    personOf: toPerson,
    async read(objectGUID, first) {
      const bytes = objectGuidBytes(objectGUID);
      if (bytes === undefined) return undefined;
      const byGuid = equals('objectGUID', bytes);
      const byUuid = equals('entryUUID', objectGUID);
      // One after the other, since an attribute without an index makes a search with both slow.
      for (const filter of byEntryUuid ? [byUuid, byGuid] : [byGuid, byUuid]) {
        const { entries, server } = await search.few(filter, { first });
        for (const entry of entries) {
          const person = toPerson(entry, server);
          if (person?.objectGUID === objectGUID.toLowerCase()) return person;
        }
      }
      return undefined;
    },
    check: () =>
      controllers.asService(async (connection) => {
        const filter = new PresenceFilter({ attribute: 'objectClass' });
        // RFC 4511 §4.5.1.8: 1.1 asks for no attribute.
        accept(
          connection.server,
          await connection.search({ base: baseDn, scope: 'base', filter, attributes: ['1.1'], limit: 0 }),
        );
      }),
  };
}

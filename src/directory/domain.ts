/** One domain of the directory: its controllers, and what finds and reads its people. */
import type { Clock, Random } from '../clock.ts';
import { EqualityFilter, type Filter, PresenceFilter } from 'ldapts';
import type { Controllers } from './controllers.ts';
import type { Entry } from './connection.ts';
import type { Person } from './directory.ts';
import { dnsDomainOf } from './distinguished-name.ts';
import { Refusal } from '../refusal.ts';
import { accept } from './ldap-refusal.ts';
import { objectGuidBytes } from './object-guid.ts';
import { personAttributes, personOf } from './person-entry.ts';

/** What the parts of a directory that ask one domain are handed. */
export interface Domain {
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
  /** A few entries below `baseDn` with all that makes a person, and whether there are more. */
  few(filter: Filter): Promise<{ readonly entries: readonly Entry[]; readonly more: boolean }>;
  /** Everybody whom the filter finds, page by page. @throws Refusal directory-refused beyond 20,000 */
  all(filter: Filter): Promise<readonly Entry[]>;
  /** The person of an entry that this domain gave. */
  personOf(entry: Entry): Person | undefined;
  /** The person of that objectGUID. */
  read(objectGUID: string): Promise<Person | undefined>;
  /** Whether it answers and takes the service account. @throws Refusal */
  check(): Promise<void>;
}

const PAGE = 500;
const MOST_ENTRIES = 20_000;
/** Enough to see that a name is ambiguous. */
const FEW = 20;
const SIZE_LIMIT_EXCEEDED = 4;

export const equals = (attribute: string, value: string | Buffer): Filter => new EqualityFilter({ attribute, value });

export function createDomain(parts: {
  readonly controllers: Controllers;
  readonly baseDn: string;
  readonly netbiosNames: readonly string[];
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}): Domain {
  const { controllers, baseDn, released, clock } = parts;
  const attributes = [...new Set([...personAttributes, ...released])];
  /** Whether people here are known by entryUUID, which saves asking for an objectGUID that nobody has. */
  let byEntryUuid = false;

  const toPerson = (entry: Entry): Person | undefined => {
    const person = personOf(entry, released, clock.now());
    byEntryUuid ||= person !== undefined && !entry.attributes.has('objectguid');
    return person;
  };

  const few: Domain['few'] = (filter) =>
    controllers.asService(async (connection) => {
      const result = await connection.search({ base: baseDn, scope: 'sub', filter, attributes, limit: FEW });
      const more = result.code === SIZE_LIMIT_EXCEEDED;
      if (!more) accept(connection.server, result);
      return { entries: result.entries, more };
    });

  return {
    ...parts,
    dnsDomain: dnsDomainOf(baseDn),
    few,
    all: (filter) =>
      controllers.asService(async (connection) => {
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
    personOf: toPerson,
    async read(objectGUID) {
      const bytes = objectGuidBytes(objectGUID);
      if (bytes === undefined) return undefined;
      const byGuid = equals('objectGUID', bytes);
      const byUuid = equals('entryUUID', objectGUID);
      // One after the other, since an attribute without an index makes a search with both slow.
      for (const filter of byEntryUuid ? [byUuid, byGuid] : [byGuid, byUuid]) {
        const { entries } = await few(filter);
        for (const entry of entries) {
          const person = toPerson(entry);
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

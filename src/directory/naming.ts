/** The names that a forest gives its domains and people, read from its configuration partition and kept for a while. */
import { OrFilter, PresenceFilter } from 'ldapts';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Connection, Entry } from './connection.ts';
import type { Controllers } from './controllers.ts';
import { equals } from './filters.ts';
import { fold } from './fold.ts';
import { accept } from './ldap-refusal.ts';
import { valuesOf } from './person-entry.ts';

/** All folded. */
export interface Names {
  /** What may stand after the @: the DNS names of the forest's domains, and the alternate UPN suffixes. */
  readonly suffixes: ReadonlySet<string>;
  /** The alternate ones alone. */
  readonly alternates: readonly string[];
  /** The DNS name of each domain, by what may stand before the backslash. */
  readonly dnsDomainByNetbios: ReadonlyMap<string, string>;
}

export interface Naming {
  /** What was read last, undefined before that; what has aged is read again meanwhile. */
  last(): Names | undefined;
  /** Read again, unless that was done or failed a moment ago; what was read last where the forest does not answer. */
  refresh(): Promise<Names | undefined>;
}

const AGED = 15 * 60_000;
const FRESH = 60_000;
const AFTER_FAILURE = 5_000;
const NO_SUCH_OBJECT = 32;
const INSUFFICIENT_ACCESS = 50;
// MS-ADTS §2.2.10: FLAG_CR_NTDS_DOMAIN, the naming context is a domain.
const NTDS_DOMAIN = 2;

/** The names in the entries of the partitions container; an OpenLDAP has none. */
function namesIn(entries: readonly Entry[]): Names {
  const alternates: string[] = [];
  const dnsDomainByNetbios = new Map<string, string>();
  for (const entry of entries) {
    for (const suffix of valuesOf(entry, 'uPNSuffixes')) alternates.push(fold(suffix));
    const [dnsRoot] = valuesOf(entry, 'dnsRoot');
    const flags = Number(valuesOf(entry, 'systemFlags')[0] ?? 0);
    for (const name of dnsRoot !== undefined && (flags & NTDS_DOMAIN) !== 0 ? valuesOf(entry, 'nETBIOSName') : []) {
      dnsDomainByNetbios.set(fold(name), fold(dnsRoot ?? ''));
    }
  }
  return { suffixes: new Set([...alternates, ...dnsDomainByNetbios.values()]), alternates, dnsDomainByNetbios };
}

/** Reads them on a connection that may read. Two searches. @throws Unanswered, Refusal directory-refused */
export async function readNames(connection: Connection): Promise<Names> {
  const anything = new PresenceFilter({ attribute: 'objectClass' });
  const root = await connection.search({
    base: '',
    scope: 'base',
    filter: anything,
    attributes: ['configurationNamingContext'],
    limit: 0,
  });
  accept(connection.server, root);
  const [configuration] = root.entries.flatMap((entry) => valuesOf(entry, 'configurationNamingContext'));
  if (configuration === undefined) return namesIn([]);
  // MS-ADTS §6.1.1.2.1: crossRefContainer and its crossRef objects.
  const partitions = await connection.search({
    base: `CN=Partitions,${configuration}`,
    scope: 'sub',
    filter: new OrFilter({
      filters: [new PresenceFilter({ attribute: 'uPNSuffixes' }), equals('objectClass', 'crossRef')],
    }),
    attributes: ['uPNSuffixes', 'nETBIOSName', 'dnsRoot', 'systemFlags'],
    limit: 0,
  });
  if (![NO_SUCH_OBJECT, INSUFFICIENT_ACCESS].includes(partitions.code)) accept(connection.server, partitions);
  return namesIn(partitions.entries);
}

/** @param controllers sets of controllers of the forest, any of which knows all its names */
export function createNaming(controllers: readonly Controllers[], clock: Clock): Naming {
  let names: Names | undefined;
  let readAt = -Infinity;
  let failedAt = -Infinity;
  let running: Promise<void> | undefined;

  async function read(): Promise<void> {
    for (const set of controllers) {
      try {
        names = await set.asService(readNames);
        readAt = clock.now();
        return;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
      }
    }
    failedAt = clock.now();
  }

  const start = (): Promise<void> =>
    (running ??= read().finally(() => {
      running = undefined;
    }));

  const isDue = (age: number): boolean => clock.now() - readAt >= age && clock.now() - failedAt >= AFTER_FAILURE;

  return {
    last() {
      // Nobody waits for it, and whoever does next is told what went wrong.
      if (isDue(AGED)) start().catch(() => undefined);
      return names;
    },
    async refresh() {
      if (running !== undefined || isDue(names === undefined ? 0 : FRESH)) await start();
      return names;
    },
  };
}

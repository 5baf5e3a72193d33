/** Looks at one controller as the running house would use it: one connection, one bind, and reads alone. */
import { AndFilter, type Filter, NotFilter, PresenceFilter } from 'ldapts';
import { dataCodeOf } from '../bind-refusal.ts';
import { type Connection, type Entry, openConnection } from '../connection.ts';
import type { Person } from '../directory.ts';
import { dnsDomainOf, domainRootOf } from '../distinguished-name.ts';
import { showCertificate, type ShownCertificate } from '../discover/certificate.ts';
import { endpointOf } from '../endpoint.ts';
import { anyOf, equals } from '../filters.ts';
import { fold } from '../fold.ts';
import { type Names, readNames } from '../naming.ts';
import { personAttributes, personOf, valuesOf } from '../person-entry.ts';
import { Unanswered } from '../unanswered.ts';
import { Refusal } from '../../refusal.ts';
import { generalizedTime } from '../windows-time.ts';
import { type Privileges, readPrivileges } from './service-account.ts';
import { unknownAttributes } from './unknown-attributes.ts';

/** Lets accounts bind one after the other; whoever comes after a refusal is not let go on, since wrong passwords lock an account. */
export type Turn = (bind: () => Promise<boolean>) => Promise<'bound' | 'refused' | 'not tried'>;

export interface Examined {
  /** ldaps:// or ldap:// */
  readonly url: string;
  readonly startTls: boolean;
  /** PEM; undefined for the well-known authorities. */
  readonly ca: string | undefined;
  /** Empty at the port of a global catalog, where it stands for the whole forest. */
  readonly baseDn: string;
  readonly bindDn: string;
  readonly password: string;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly operationTimeout: number;
  readonly turn: Turn;
  /** Attributes of people that are wanted beside the usual ones. */
  readonly wanted: readonly string[];
  /** Service principals (`HTTP/sso.example.com`) whose key versions are wanted. */
  readonly services: readonly string[];
  /** People that are read at most. */
  readonly sample: number;
  readonly now: () => number;
}

/** What the controller says of itself. */
export interface SaidOfItself {
  readonly isActiveDirectory: boolean;
  readonly isReadOnly: boolean;
  readonly isGlobalCatalog: boolean;
  /** False while it catches up with the others. */
  readonly isSynchronized: boolean;
  readonly domainLevel: number | undefined;
  readonly forestLevel: number | undefined;
  /** Milliseconds that its clock is ahead of ours, to half a second; undefined where it does not tell the time. */
  readonly ahead: number | undefined;
}

export interface ReadByAccount {
  /** LDAP code of a read of `baseDn`. */
  readonly base: number;
  /** Milliseconds of five reads. */
  readonly latencies: readonly number[];
  readonly people: readonly Person[];
  /** How many entries of people there were, whether or not they could be made out. */
  readonly entries: number;
  /** Attributes that people have for certain and that none of the entries shows. */
  readonly unreadable: readonly string[];
  readonly privileges: Privileges;
  readonly schema: Awaited<ReturnType<typeof unknownAttributes>>;
  readonly names: Names | undefined;
  /** msDS-KeyVersionNumber by service principal, folded; of those that are there and may be read. */
  readonly keyVersions: ReadonlyMap<string, number>;
}

/** As far as it came; what was not reached is undefined. */
export interface ControllerFacts {
  /** Host and port. */
  readonly name: string;
  readonly host: string;
  readonly protection: 'ldaps' | 'starttls' | 'none';
  readonly certificate: ShownCertificate | undefined;
  /** Milliseconds until the connection stood. */
  readonly connected: number | undefined;
  readonly bound: Awaited<ReturnType<Turn>> | undefined;
  readonly said: SaidOfItself | undefined;
  readonly read: ReadByAccount | undefined;
  /** Why it came no further, in words. */
  readonly trouble: string | undefined;
}

// MS-ADTS §3.1.1.3.4.3: what a controller with an Active Directory can do, and one that is read-only.
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';
const PARTIAL_SECRETS = '1.2.840.113556.1.4.1920';
const READS = 5;
const certain = ['objectGUID', 'userAccountControl', 'pwdLastSet', 'accountExpires', 'msDS-User-Account-Control-Computed'];

const anything = new PresenceFilter({ attribute: 'objectClass' });

function saidIn(entry: Entry, ahead: number | undefined): SaidOfItself {
  const first = (name: string): string | undefined => valuesOf(entry, name)[0];
  const level = (name: string): number | undefined => (first(name) === undefined ? undefined : Number(first(name)));
  const capabilities = valuesOf(entry, 'supportedCapabilities');
  return {
    isActiveDirectory: capabilities.includes(ACTIVE_DIRECTORY),
    isReadOnly: capabilities.includes(PARTIAL_SECRETS),
    isGlobalCatalog: first('isGlobalCatalogReady') === 'TRUE',
    isSynchronized: first('isSynchronized') !== 'FALSE',
    domainLevel: level('domainFunctionality'),
    forestLevel: level('forestFunctionality'),
    ahead,
  };
}

async function readRoot(
  connection: Connection,
  now: () => number,
): Promise<{ readonly root: Entry; readonly ahead: number | undefined } | undefined> {
  const before = now();
  const { entries } = await connection.search({ base: '', scope: 'base', filter: anything, attributes: ['*', '+'], limit: 0 });
  const [root] = entries;
  if (root === undefined) return undefined;
  const theirs = generalizedTime(valuesOf(root, 'currentTime')[0]);
  // It tells whole seconds.
  return { root, ahead: theirs === undefined ? undefined : theirs + 500 - (before + now()) / 2 };
}

/**
 * People; of Active Directory without computers and what it made for itself. Elsewhere a class or attribute that a schema does not know
 * would, negated, find nobody.
 */
function peopleFilter(isActiveDirectory: boolean): Filter {
  const anybody = anyOf(['person', 'user', 'inetOrgPerson'].map((name) => equals('objectClass', name)));
  if (!isActiveDirectory) return anybody;
  const others = [equals('objectClass', 'computer'), equals('isCriticalSystemObject', 'TRUE')];
  return new AndFilter({ filters: [anybody, ...others.map((filter) => new NotFilter({ filter }))] });
}

async function readAsAccount(
  connection: Connection,
  { baseDn, bindDn, wanted, services, sample, now }: Examined,
  root: Entry | undefined,
  isActiveDirectory: boolean,
): Promise<ReadByAccount> {
  const first = (name: string): string | undefined => (root === undefined ? undefined : valuesOf(root, name)[0]);
  const latencies: number[] = [];
  let base = 0;
  for (let read = 0; read < READS; read += 1) {
    const began = performance.now();
    const search = { base: baseDn, scope: 'base' as const, filter: anything, attributes: ['objectClass'], limit: 0 };
    base = (await connection.search(search)).code;
    latencies.push(performance.now() - began);
  }
  const attributes = [...new Set([...personAttributes, ...wanted])];
  const found = await connection.search({
    base: baseDn,
    scope: 'sub',
    filter: peopleFilter(isActiveDirectory),
    attributes,
    limit: sample,
  });
  const entries = found.entries.slice(0, sample);
  const people = entries.flatMap((entry) => {
    const person = personOf(entry, wanted, now());
    return person === undefined ? [] : [{ ...person, domain: dnsDomainOf(entry.dn), server: connection.server }];
  });
  const unreadable = isActiveDirectory
    ? certain.filter((name) => !entries.some(({ attributes: shown }) => shown.has(name.toLowerCase())))
    : [];
  const whole = baseDn === '' ? '' : (first('defaultNamingContext') ?? domainRootOf(baseDn));
  const [somebody] = people;
  return {
    base,
    latencies,
    people,
    entries: entries.length,
    unreadable: entries.length === 0 ? [] : unreadable,
    privileges: await readPrivileges(connection, { bindDn, baseDn: whole, somebody: somebody?.distinguishedName }),
    schema: await unknownAttributes(
      connection,
      {
        schemaNamingContext: isActiveDirectory ? first('schemaNamingContext') : undefined,
        subschemaSubentry: first('subschemaSubentry'),
      },
      wanted,
    ),
    names: isActiveDirectory ? await namesOf(connection) : undefined,
    keyVersions: await keyVersionsOf(connection, whole, isActiveDirectory ? services : []),
  };
}

async function keyVersionsOf(
  connection: Connection,
  base: string,
  services: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (services.length === 0) return new Map();
  const { entries } = await connection.search({
    base,
    scope: 'sub',
    filter: anyOf(services.map((service) => equals('servicePrincipalName', service))),
    attributes: ['servicePrincipalName', 'msDS-KeyVersionNumber'],
    limit: services.length,
  });
  return new Map(
    entries.flatMap((entry) => {
      const version = Number(valuesOf(entry, 'msDS-KeyVersionNumber')[0] ?? NaN);
      if (Number.isNaN(version)) return [];
      return valuesOf(entry, 'servicePrincipalName').map((service) => [fold(service), version] as const);
    }),
  );
}

async function namesOf(connection: Connection): Promise<Names | undefined> {
  try {
    return await readNames(connection);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Writes nothing and binds once, with the password that is configured. */
export async function examineController(examined: Examined): Promise<ControllerFacts> {
  const { url, startTls, ca, bindDn, password, connectTimeout, operationTimeout, turn, now } = examined;
  const endpoint = endpointOf(url, startTls);
  const { name, host, port, protection } = endpoint;
  const certificate =
    protection === 'none'
      ? undefined
      : await showCertificate({ host, address: host, port, protection, ca, timeout: connectTimeout, now: now() });
  const facts: { -readonly [Name in keyof ControllerFacts]: ControllerFacts[Name] } = {
    name,
    host,
    protection,
    certificate,
    connected: undefined,
    bound: undefined,
    said: undefined,
    read: undefined,
    trouble: undefined,
  };
  const began = performance.now();
  let connection: Connection | undefined;
  try {
    connection = await openConnection(endpoint, ca, connectTimeout, operationTimeout);
    const open = connection;
    facts.connected = performance.now() - began;
    const told = await readRoot(open, now);
    facts.said = told && saidIn(told.root, told.ahead);
    facts.bound = await turn(async () => {
      const { code, message } = await open.bind(bindDn, password);
      const data = dataCodeOf(message);
      if (code !== 0) facts.trouble = `LDAP code ${String(code)}${data === undefined ? '' : `, data ${data}`}`;
      return code === 0;
    });
    if (facts.bound === 'bound') {
      facts.read = await readAsAccount(open, examined, told?.root, facts.said?.isActiveDirectory === true);
    }
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    facts.trouble = error.message;
  } finally {
    connection?.close();
  }
  return facts;
}

/** Finds the controllers of a domain and of its forest by DNS, and asks each what it is. */
import type { Names } from '../naming.ts';
import { dnsDomainOf, relativeNames } from '../distinguished-name.ts';
import { fold } from '../fold.ts';
import { Refusal } from '../../refusal.ts';
import { Unanswered } from '../unanswered.ts';
import {
  type Account,
  type Asked,
  type Ports,
  type Protection,
  type Root,
  askForNames,
  findProtection,
  readRoot,
} from './controller.ts';
import { NoRecords, type ServiceRecord, type ServiceRecords } from './service-records.ts';

export interface FoundController extends ServiceRecord {
  readonly address: string | undefined;
  /** As it says itself; where it does not answer, the site that was asked for, if DNS has it there. */
  readonly site: string | undefined;
  readonly protection: Protection | undefined;
  readonly root: Root | undefined;
  /** Why it told nothing. */
  readonly trouble: string | undefined;
}

export interface FoundDomain {
  readonly dnsDomain: string;
  readonly baseDn: string;
  readonly netbiosName: string | undefined;
  /** domainFunctionality of the first that says. */
  readonly level: number | undefined;
  readonly controllers: readonly FoundController[];
  /** How many more DNS knows, which were not asked. */
  readonly unasked: number;
  /** Why there are none. */
  readonly trouble: string | undefined;
}

export interface FoundCatalog {
  readonly host: string;
  readonly priority: number;
  /** DNS name of its own domain, as far as it says. */
  readonly domain: string | undefined;
  readonly protection: Protection | undefined;
}

export interface Discovery {
  /** DNS name of the root domain. */
  readonly forest: string;
  readonly level: number | undefined;
  /** The one asked for first. */
  readonly domains: readonly FoundDomain[];
  readonly catalogs: readonly FoundCatalog[];
  readonly names: Names | undefined;
  /** Why the names are not known. */
  readonly namesTrouble: string | undefined;
  /** What could not be found out, a sentence each. */
  readonly notes: readonly string[];
}

export interface DiscoverOptions {
  /** DNS name, folded. */
  readonly domain: string;
  readonly site: string | undefined;
  readonly records: ServiceRecords;
  /** Whether this machine itself finds the address of a host, as Passerelle will have to. */
  readonly resolves: (host: string) => Promise<boolean>;
  /** PEM; undefined for the well-known authorities. */
  readonly ca: string | undefined;
  readonly account: Account | undefined;
  /** Milliseconds for each step. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds after which no more controllers are asked; two minutes where it is not said. */
  readonly patience?: number;
}

/** What all steps of one discovery share. */
interface Course extends DiscoverOptions {
  /** A sentence each. */
  readonly notes: string[];
  readonly isLate: () => boolean;
}

/** With what goes before it, still a name that DNS can be asked for. */
const LONGEST_NAME = 200;
const dnsName = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;
const MOST_ASKED = 32;
const MOST_DOMAINS = 32;
const AT_ONCE = 8;
const PATIENCE = 120_000;
const controllerPorts: Ports = { ldap: 389, ldaps: 636 };
const catalogPorts: Ports = { ldap: 3268, ldaps: 3269 };

/** Handles each, a few at once, in order; what is left when it is late, not. */
async function each<Item, Result>(
  items: readonly Item[],
  isLate: () => boolean,
  handle: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let start = 0; start < items.length && !isLate(); start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(handle))));
  }
  return results;
}

/** The domains among them; what is left besides may be a partition of an application, which no controller serves as a domain. */
const domainsIn = (namingContexts: readonly string[]): readonly string[] =>
  namingContexts
    .filter((dn) => relativeNames(dn).every((name) => name.startsWith('dc=') && !/^dc=(domain|forest)dnszones$/.test(name)))
    .flatMap((dn) => dnsDomainOf(dn) ?? [])
    .filter((dnsDomain) => dnsName.test(dnsDomain) && dnsDomain.length <= LONGEST_NAME);

const namingContextOf = (dnsDomain: string): string =>
  dnsDomain
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');

/** The answers, or none and the reason why. */
async function recordsOf(
  { records }: DiscoverOptions,
  name: string,
): Promise<{ readonly found: readonly ServiceRecord[]; readonly trouble: string | undefined }> {
  try {
    return { found: await records.find(name), trouble: undefined };
  } catch (error) {
    if (!(error instanceof NoRecords)) throw error;
    return { found: [], trouble: error.message };
  }
}

const askedOf = ({ ca, timeout, now }: DiscoverOptions, host: string, address: string): Asked => ({
  host,
  address,
  ca,
  timeout,
  now,
});

async function lookAt(
  record: ServiceRecord,
  dnsDomain: string,
  site: string | undefined,
  options: DiscoverOptions,
): Promise<FoundController> {
  const [address] = await options.records.addresses(record.host);
  const nothing = { ...record, address, site, protection: undefined, root: undefined };
  if (address === undefined) return { ...nothing, trouble: 'DNS has no address of it' };
  const asked = askedOf(options, record.host, address);
  const protection = await findProtection(asked, controllerPorts);
  try {
    const root = await readRoot(asked, controllerPorts, protection);
    const served = root.baseDn === undefined ? dnsDomain : dnsDomainOf(root.baseDn);
    if (served !== dnsDomain) return { ...nothing, protection, trouble: `it is of another domain, ${root.baseDn ?? ''}` };
    return { ...nothing, site: root.site ?? site, protection, root, trouble: undefined };
  } catch (error) {
    if (error instanceof Unanswered) return { ...nothing, protection, trouble: error.message };
    if (error instanceof Refusal) return { ...nothing, protection, trouble: `LDAP code ${String(error.detail.code)}` };
    throw error;
  }
}

/** @throws NoRecords where `isAskedFor` and DNS tells of no controllers */
async function findDomain(dnsDomain: string, isAskedFor: boolean, options: Course): Promise<FoundDomain> {
  const { notes } = options;
  const name = `_ldap._tcp.dc._msdcs.${dnsDomain}`;
  const all = isAskedFor ? { found: await options.records.find(name), trouble: undefined } : await recordsOf(options, name);
  const hosts = new Set<string>();
  if (options.site !== undefined && all.found.length > 0) {
    const near = await recordsOf(options, `_ldap._tcp.${options.site}._sites.dc._msdcs.${dnsDomain}`);
    if (near.trouble !== undefined) notes.push(`No controller of ${dnsDomain} serves the site ${options.site}: ${near.trouble}.`);
    for (const { host } of near.found) hosts.add(host);
  }
  const sorted = all.found.toSorted((one, other) => Number(hosts.has(other.host)) - Number(hosts.has(one.host)));
  const controllers = await each(sorted.slice(0, MOST_ASKED), options.isLate, (record) =>
    lookAt(record, dnsDomain, hosts.has(record.host) ? options.site : undefined, options),
  );
  const roots = controllers.flatMap(({ root }) => root ?? []);
  return {
    dnsDomain,
    baseDn: roots.find(({ baseDn }) => baseDn !== undefined)?.baseDn ?? namingContextOf(dnsDomain),
    netbiosName: undefined,
    level: roots.find(({ domainLevel }) => domainLevel !== undefined)?.domainLevel,
    controllers,
    unasked: sorted.length - controllers.length,
    trouble: all.trouble,
  };
}

/**
 * Over the first protected connection that may be trusted. The well-known authorities vouch for any name that somebody owns: whoever
 * forges DNS has one, though none below the domain.
 */
async function findNames(
  controllers: readonly FoundController[],
  options: DiscoverOptions,
): Promise<{ readonly names: Names | undefined; readonly trouble: string | undefined }> {
  const { account } = options;
  if (account === undefined)
    return { names: undefined, trouble: 'only a service account may read them: give --bind-dn and --password-file' };
  let trouble = 'no controller has a certificate that is trusted, and a password is sent to no other: give --ca-file';
  for (const { host, address, protection } of controllers) {
    if (address === undefined || protection === undefined || protection.problem !== undefined) continue;
    if (options.ca === undefined && !isBelow(host, options.domain)) {
      trouble = `${host} is no name in ${options.domain}, and its certificate is by an authority that vouches for anybody: give --ca-file`;
      continue;
    }
    const told = await askForNames(askedOf(options, host, address), controllerPorts, protection, account);
    if ('names' in told) return { names: told.names, trouble: undefined };
    ({ trouble } = told);
    // A wrong password is not tried at one controller after another: that locks the account.
    if (told.isRefused) break;
  }
  return { names: undefined, trouble };
}

const isBelow = (host: string, dnsDomain: string): boolean => host.endsWith(`.${dnsDomain}`);

async function lookAtCatalog({ host, priority }: ServiceRecord, options: DiscoverOptions): Promise<FoundCatalog> {
  const [address] = await options.records.addresses(host);
  if (address === undefined) return { host, priority, domain: undefined, protection: undefined };
  const asked = askedOf(options, host, address);
  const protection = await findProtection(asked, catalogPorts);
  try {
    const { baseDn } = await readRoot(asked, catalogPorts, protection);
    return { host, priority, domain: baseDn === undefined ? undefined : dnsDomainOf(baseDn), protection };
  } catch (error) {
    if (!(error instanceof Unanswered) && !(error instanceof Refusal)) throw error;
    return { host, priority, domain: undefined, protection };
  }
}

async function findCatalogs(forest: string, options: Course): Promise<readonly FoundCatalog[]> {
  const { found, trouble } = await recordsOf(options, `_gc._tcp.${forest}`);
  if (trouble !== undefined) options.notes.push(`No global catalogs were found: ${trouble}.`);
  return each(found.slice(0, MOST_ASKED), options.isLate, (record) => lookAtCatalog(record, options));
}

/**
 * Reads nothing but what anybody may, unless an account is given.
 * @throws NoRecords where DNS tells of no controllers of the domain
 */
export async function discover(given: DiscoverOptions): Promise<Discovery> {
  const notes: string[] = [];
  const until = performance.now() + (given.patience ?? PATIENCE);
  const options: Course = { ...given, notes, isLate: () => performance.now() > until };
  const asked = await findDomain(options.domain, true, options);
  const roots = asked.controllers.flatMap(({ root }) => root ?? []);
  const forestDn = roots.find((root) => root.forestDn !== undefined)?.forestDn;
  const forest = domainsIn(forestDn === undefined ? [] : [forestDn])[0] ?? options.domain;
  const { names, trouble: namesTrouble } = await findNames(asked.controllers, options);
  const catalogs = await findCatalogs(forest, options);
  const named = new Set([forest, ...domainsIn([...(names?.dnsDomainByNetbios.values() ?? [])].map(namingContextOf))]);
  const hinted = domainsIn([
    ...roots.flatMap(({ namingContexts }) => namingContexts),
    ...catalogs.flatMap(({ domain }) => (domain === undefined ? [] : namingContextOf(domain))),
  ]);
  const others = [...new Set([...named, ...hinted])].filter((dnsDomain) => dnsDomain !== options.domain);
  if (others.length > MOST_DOMAINS)
    notes.push(`Of ${String(others.length)} other domains the first ${String(MOST_DOMAINS)} were asked.`);
  const found = [asked];
  for (const dnsDomain of others.slice(0, MOST_DOMAINS)) {
    if (options.isLate()) break;
    const domain = await findDomain(dnsDomain, false, options);
    if (domain.controllers.length > 0 || named.has(dnsDomain)) found.push(domain);
  }
  if (options.isLate()) notes.push('This took so long that no more controllers were asked.');
  const strangers = found.flatMap(({ dnsDomain, controllers }) =>
    controllers.filter(({ host, root }) => root !== undefined && !isBelow(host, dnsDomain)).map(({ host }) => host),
  );
  if (strangers.length > 0)
    notes.push(`${strangers.slice(0, 8).join(', ')}: not named after their domain. Make sure that DNS was not forged.`);
  const reached = asked.controllers.find(({ root }) => root !== undefined);
  if (reached !== undefined && !(await options.resolves(reached.host))) {
    notes.push(
      `This machine does not find the address of ${reached.host}: let it ask the domain's name servers, as Passerelle must.`,
    );
  }
  const netbiosNames = new Map([...(names?.dnsDomainByNetbios ?? [])].map(([netbios, dnsDomain]) => [dnsDomain, netbios]));
  return {
    forest,
    level: roots.find(({ forestLevel }) => forestLevel !== undefined)?.forestLevel,
    domains: found.map((domain) => ({ ...domain, netbiosName: netbiosNames.get(fold(domain.dnsDomain))?.toUpperCase() })),
    catalogs,
    names,
    namesTrouble,
    notes,
  };
}

/** Forests of demo directories: each domain its own server, and one more for the global catalog, with their searches counted. */
import { createHash, randomBytes } from 'node:crypto';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import type { Clock } from '../../src/clock.ts';
import { type DemoDirectory, createDemoDirectory } from '../../src/directory/demo-directory.ts';
import type { Directory } from '../../src/directory/directory.ts';
import type { LdapForest } from '../../src/directory/forest.ts';
import { createLdapDirectory } from '../../src/directory/ldap-directory.ts';
import { createMessageStream } from '../../src/directory/message-stream.ts';
import { objectSidBytes } from '../../src/directory/object-sid.ts';
import { clock as realClock } from './options.ts';

export interface StagedPerson {
  readonly account: string;
  readonly upn?: string | undefined;
  readonly mail?: string | undefined;
  /** In place of the one that their name gives them. */
  readonly objectGUID?: Buffer | undefined;
  /** S-1-5-21-… */
  readonly sid?: string;
}

/** Anything else in a domain: groups, foreign security principals. */
export interface StagedEntry {
  /** Below the domain. */
  readonly rdn: string;
  readonly sid?: string;
  readonly objectGUID?: Buffer;
  readonly members?: readonly string[];
}

export interface StagedDomain {
  readonly dns: string;
  readonly netbios: string;
  readonly people: readonly StagedPerson[];
  /** As configured. */
  readonly netbiosNames?: readonly string[];
  readonly sid?: string;
  readonly entries?: readonly StagedEntry[];
  /** Lies of its server: what it says in place of the truth, which is as long. */
  readonly lies?: Readonly<Record<string, string>>;
  /** False: the forest has it and the configuration does not. */
  readonly configured?: boolean;
}

export interface StagedForest {
  /** The first is the root. */
  readonly domains: readonly [StagedDomain, ...StagedDomain[]];
  readonly suffixes?: readonly string[];
  readonly catalog?: boolean;
  /** People of whom the catalog says something else, or whom it does not hold yet: by `account@dns`. */
  readonly stale?: Readonly<Record<string, StagedPerson | undefined>>;
}

export interface Stage {
  readonly directory: Directory;
  /** What the directory was opened with, as far as a configuration says it. */
  readonly forests: readonly LdapForest[];
  /** Searches since it was asked last, by the DNS name of the domain; those of the catalog by `gc.` and the root's. */
  searches(): Readonly<Record<string, number>>;
  /** Whether connections to the server of a domain are taken. */
  admit(name: string, admits: boolean): void;
  /** Ends the server of a domain, or of a catalog: connections are refused. */
  stop(name: string): Promise<void>;
  close(): Promise<void>;
}

const SEARCH_REQUEST = 0x63;
const account = { name: 'svc-ldap', password: 'Passw0rd!' };

const dnOf = (dns: string): string =>
  dns
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');

type Attributes = readonly (readonly [name: string, value: string | Buffer | undefined])[];

const entry = (dn: string, attributes: Attributes): string =>
  [['dn', dn] as const, ...attributes]
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}:: ${Buffer.from(value).toString('base64')}\n`]))
    .join('');

/** The same at the domain and at the catalog. */
const guidOf = (name: string): Buffer => createHash('sha256').update(name).digest().subarray(0, 16);

const sidBytes = (sid: string | undefined): Buffer | undefined => (sid === undefined ? undefined : objectSidBytes(sid));

const personEntry = (dns: string, { account: name, upn, mail, objectGUID, sid }: StagedPerson): string =>
  entry(`CN=${name},${dnOf(dns)}`, [
    ['objectClass', 'user'],
    ['sAMAccountName', name],
    ['userPrincipalName', upn],
    ['mail', mail],
    ['objectGUID', objectGUID ?? guidOf(`${name}@${dns}`)],
    ['objectSid', sidBytes(sid)],
    ['description', `${name} of ${dns}`],
    ['userPassword', `Passw0rd! ${dns}`],
  ]);

const domainEntries = ({ dns, sid, people, entries = [] }: StagedDomain): readonly string[] => [
  entry(dnOf(dns), [
    ['objectClass', 'domain'],
    ['objectSid', sidBytes(sid)],
  ]),
  ...entries.map((one) =>
    entry(`${one.rdn},${dnOf(dns)}`, [
      ['objectClass', 'group'],
      ['objectSid', sidBytes(one.sid)],
      ['objectGUID', one.objectGUID],
      ...(one.members ?? []).map((member) => ['member', member] as const),
    ]),
  ),
  ...people.map((person) => personEntry(dns, person)),
];

/** Every domain controller knows it, under the same name or, where it is not the root's own, under another. */
const serviceEntry = (root: string): string =>
  entry(`CN=${account.name},CN=Services,${dnOf(root)}`, [
    ['objectClass', 'user'],
    ['userPrincipalName', `${account.name}@${root}`],
    ['userPassword', account.password],
  ]);

function configuration({ domains: [root, ...others], suffixes = [] }: StagedForest): readonly string[] {
  const partitions = `CN=Partitions,CN=Configuration,${dnOf(root.dns)}`;
  return [
    entry(`CN=Configuration,${dnOf(root.dns)}`, [['objectClass', 'configuration']]),
    entry(partitions, [['objectClass', 'crossRefContainer'], ...suffixes.map((suffix) => ['uPNSuffixes', suffix] as const)]),
    ...[root, ...others].map(({ dns, netbios }) =>
      entry(`CN=${netbios},${partitions}`, [
        ['objectClass', 'crossRef'],
        ['nETBIOSName', netbios],
        ['dnsRoot', dns],
        ['systemFlags', '3'],
      ]),
    ),
    // No domain, though it has a DNS name.
    entry(`CN=zones,${partitions}`, [
      ['objectClass', 'crossRef'],
      ['dnsRoot', `DomainDnsZones.${root.dns}`],
      ['systemFlags', '5'],
    ]),
  ];
}

function catalogEntries({ domains, stale = {} }: StagedForest): readonly string[] {
  return domains.flatMap(({ dns, people }) => [
    entry(dnOf(dns), [['objectClass', 'domain']]),
    ...people.flatMap((person) => {
      const key = `${person.account}@${dns}`;
      const known = Object.hasOwn(stale, key) ? stale[key] : person;
      return known === undefined ? [] : [personEntry(dns, { ...known, account: person.account })];
    }),
  ]);
}

interface Counted {
  readonly url: string;
  searches: number;
  admits: boolean;
  stop(): Promise<void>;
}

function lie(said: Buffer, lies: Readonly<Record<string, string>>): Buffer {
  const lied = Object.entries(lies).reduce((text, [truth, words]) => text.replaceAll(truth, words), said.toString('latin1'));
  return Buffer.from(lied, 'latin1');
}

async function startCounted(ldif: string, clock: Clock, lies: Readonly<Record<string, string>> = {}): Promise<Counted> {
  const demo: DemoDirectory = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    if (!counted.admits) {
      near.destroy();
      return;
    }
    const far = connect(demo.port, '127.0.0.1');
    const read = createMessageStream(1_000_000, ({ operation }) => {
      if (operation === SEARCH_REQUEST) counted.searches += 1;
    });
    near.on('data', read);
    near.pipe(far);
    far.on('data', (chunk: Buffer) => near.write(lie(chunk, lies)));
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const counted: Counted = {
    url: `ldap://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    searches: 0,
    admits: true,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await demo.close();
    },
  };
  return counted;
}

export async function openStage(forests: readonly StagedForest[], clock: Clock = realClock): Promise<Stage> {
  const servers = new Map<string, Counted>();
  for (const forest of forests) {
    const [root] = forest.domains;
    const service = serviceEntry(root.dns);
    for (const domain of forest.domains) {
      const own = domain === root ? configuration(forest) : [];
      servers.set(domain.dns, await startCounted([...domainEntries(domain), ...own, service].join('\n'), clock, domain.lies));
    }
    if (forest.catalog === true) {
      servers.set(`gc.${root.dns}`, await startCounted([...catalogEntries(forest), service].join('\n'), clock));
    }
  }
  const urlOf = (name: string): string => servers.get(name)?.url ?? 'ldap://127.0.0.1:1';
  const configured = forests.map(({ domains, catalog }): LdapForest => ({
    name: domains[0].dns,
    startTls: false,
    ca: undefined,
    bindDn: `${account.name}@${domains[0].dns}`,
    password: account.password,
    globalCatalogs: catalog === true ? [urlOf(`gc.${domains[0].dns}`)] : [],
    domains: domains
      .filter((domain) => domain.configured !== false)
      .map(({ dns, netbiosNames = [] }) => ({
        baseDn: dnOf(dns),
        netbiosNames,
        controllers: [{ url: urlOf(dns), priority: 1 }],
      })),
  }));
  const directory = createLdapDirectory({
    site: undefined,
    connectTimeout: 2_000,
    operationTimeout: 2_000,
    failoverAfter: 1_000,
    connections: 4,
    released: ['description'],
    clock,
    random: randomBytes,
    note: () => undefined,
    forests: configured,
  });
  return {
    directory,
    forests: configured,
    searches() {
      const counts = [...servers].filter(([, { searches }]) => searches > 0).map(([name, { searches }]) => [name, searches]);
      for (const server of servers.values()) server.searches = 0;
      return Object.fromEntries(counts) as Record<string, number>;
    },
    admit(name, admits) {
      const server = servers.get(name);
      if (server !== undefined) server.admits = admits;
    },
    async stop(name) {
      await servers.get(name)?.stop();
      servers.delete(name);
    },
    async close() {
      await directory.close();
      for (const server of servers.values()) await server.stop();
    },
  };
}

/** The password of everybody in that domain: another in each, so that a bind at the wrong one fails. */
export const passwordIn = (dns: string): string => `Passw0rd! ${dns}`;

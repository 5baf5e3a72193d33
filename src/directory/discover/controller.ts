/** What one domain controller says of itself to anybody who asks, and how its connections are protected. */
import { PresenceFilter } from 'ldapts';
import { type Connection, type Entry, openConnection } from '../connection.ts';
import { relativeNames } from '../distinguished-name.ts';
import type { Endpoint } from '../endpoint.ts';
import { accept } from '../ldap-refusal.ts';
import { type Names, readNames } from '../naming.ts';
import { valuesOf } from '../person-entry.ts';
import { Refusal } from '../../refusal.ts';
import { Unanswered } from '../unanswered.ts';
import { type ShownCertificate, showCertificate } from './certificate.ts';

/** How it is reached with TLS. */
export interface Protection extends ShownCertificate {
  readonly kind: 'ldaps' | 'starttls';
}

/** Its rootDSE, as far as it matters here. */
export interface Root {
  /** `DC=corp,DC=example,DC=com` */
  readonly baseDn: string | undefined;
  /** The distinguished name of the forest's root domain. */
  readonly forestDn: string | undefined;
  /** Distinguished names of what it holds; a global catalog holds a part of every domain. */
  readonly namingContexts: readonly string[];
  readonly site: string | undefined;
  readonly isGlobalCatalog: boolean;
  readonly domainLevel: number | undefined;
  readonly forestLevel: number | undefined;
}

export interface Account {
  readonly bindDn: string;
  readonly password: string;
}

/** What a forest tells the service account. */
export type Told =
  | { readonly names: Names }
  | {
      readonly trouble: string;
      /** The account was refused, as opposed to the controller not answering. */
      readonly isRefused: boolean;
    };

export interface Asked {
  readonly host: string;
  readonly address: string;
  /** PEM; undefined for the well-known authorities. */
  readonly ca: string | undefined;
  /** Milliseconds, for each step. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Of LDAP and of LDAPS; 3268 and 3269 for global catalogs. */
export interface Ports {
  readonly ldap: number;
  readonly ldaps: number;
}

const MOST_CONTEXTS = 200;
const rootAttributes = [
  'namingContexts',
  'defaultNamingContext',
  'rootDomainNamingContext',
  'serverName',
  'isGlobalCatalogReady',
  'domainFunctionality',
  'forestFunctionality',
];

/** `CN=DC1,CN=Servers,CN=Branch,CN=Sites,…` → `Branch` */
function siteOf(serverName: string | undefined): string | undefined {
  const names = relativeNames(serverName ?? '');
  if (names[1] !== 'cn=servers' || names[3] !== 'cn=sites') return undefined;
  const [, , written = ''] = (serverName ?? '').split(/(?<!\\),/);
  return written.trim().replace(/^cn=/i, '').replace(/\\(.)/g, '$1');
}

function rootOf(entry: Entry): Root {
  const first = (name: string): string | undefined => valuesOf(entry, name)[0];
  const level = (name: string): number | undefined => {
    const text = first(name);
    return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  };
  return {
    baseDn: first('defaultNamingContext'),
    forestDn: first('rootDomainNamingContext'),
    namingContexts: valuesOf(entry, 'namingContexts').slice(0, MOST_CONTEXTS),
    site: siteOf(first('serverName')),
    isGlobalCatalog: first('isGlobalCatalogReady') === 'TRUE',
    domainLevel: level('domainFunctionality'),
    forestLevel: level('forestFunctionality'),
  };
}

function endpointOf({ host, address }: Asked, ports: Ports, protection: Endpoint['protection']): Endpoint {
  const port = protection === 'ldaps' ? ports.ldaps : ports.ldap;
  return { host, address, port, protection, name: `${host}:${String(port)}` };
}

const open = (asked: Asked, ports: Ports, protection: Endpoint['protection']): Promise<Connection> =>
  openConnection(endpointOf(asked, ports, protection), asked.ca, asked.timeout, asked.timeout);

/** LDAPS, else StartTLS, whether to be trusted or not; undefined where neither answers. */
export async function findProtection(asked: Asked, ports: Ports): Promise<Protection | undefined> {
  for (const [kind, port] of [
    ['ldaps', ports.ldaps],
    ['starttls', ports.ldap],
  ] as const) {
    const shown = await showCertificate({ ...asked, port, protection: kind });
    if (shown !== undefined) return { kind, ...shown };
  }
  return undefined;
}

/** Asks for what anybody may know, in the clear where there is no TLS to be trusted. @throws Unanswered, Refusal directory-refused */
export async function readRoot(asked: Asked, ports: Ports, protection: Protection | undefined): Promise<Root> {
  const isTrusted = protection !== undefined && protection.problem === undefined;
  const connection = await open(asked, ports, isTrusted ? protection.kind : 'none');
  try {
    const filter = new PresenceFilter({ attribute: 'objectClass' });
    const result = await connection.search({ base: '', scope: 'base', filter, attributes: rootAttributes, limit: 0 });
    accept(connection.server, result);
    const [entry] = result.entries;
    if (entry === undefined) throw new Unanswered(connection.server, 'it says nothing of itself', false);
    return rootOf(entry);
  } finally {
    connection.close();
  }
}

/** Binds, which is done over TLS that may be trusted or not at all, and reads the forest's names. */
export async function askForNames(asked: Asked, ports: Ports, protection: Protection, account: Account): Promise<Told> {
  try {
    const connection = await open(asked, ports, protection.kind);
    try {
      const { code, message } = await connection.bind(account.bindDn, account.password);
      if (code === 0) return { names: await readNames(connection) };
      return {
        trouble: `${connection.server} refused ${account.bindDn}: LDAP code ${String(code)} ${message.slice(0, 200)}`,
        isRefused: true,
      };
    } finally {
      connection.close();
    }
  } catch (error) {
    if (error instanceof Unanswered) return { trouble: `${error.server}: ${error.message}`, isRefused: false };
    if (error instanceof Refusal) {
      return { trouble: `${asked.host} refused to tell: LDAP code ${String(error.detail.code)}`, isRefused: true };
    }
    throw error;
  }
}

/** The options of directories under test. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Audit } from '../../src/audit/audit.ts';
import type { Clock, Random } from '../../src/clock.ts';
import type { Directory } from '../../src/directory/directory.ts';
import { createLdapDirectory } from '../../src/directory/ldap-directory.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';

export const clock: Clock = {
  now: () => Date.now(),
  until: (instant) =>
    new Promise((resolve) => {
      setTimeout(resolve, instant - Date.now());
    }),
};

/** One domain of one forest. */
export interface OneDomain {
  readonly urls: readonly string[];
  readonly startTls: boolean;
  /** PEM */
  readonly ca: string | undefined;
  readonly baseDn: string;
  readonly bindDn: string;
  readonly password: string;
  readonly netbiosNames: readonly string[];
  readonly connectTimeout: number;
  readonly operationTimeout: number;
  readonly failoverAfter: number;
  readonly connections: number;
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly note?: Audit['note'];
}

export function openOneDomain({ urls, ca, baseDn, netbiosNames, startTls, bindDn, password, ...rest }: OneDomain): Directory {
  const domain = { baseDn, netbiosNames, controllers: urls.map((url) => ({ url, priority: 1 })) };
  const pem = ca === undefined ? undefined : () => ca;
  const forest = { name: undefined, startTls, ca: pem, bindDn, password, globalCatalogs: [], domains: [domain] };
  return createLdapDirectory({ note: () => undefined, ...rest, site: undefined, forests: [forest] });
}

const common = {
  startTls: false,
  ca: undefined,
  netbiosNames: [],
  connectTimeout: 5_000,
  operationTimeout: 10_000,
  failoverAfter: 5_000,
  connections: 4,
  released: ['objectGUID', 'objectSid', 'memberOf', 'displayName', 'description', 'noSuchAttribute'],
  clock,
  random: randomBytes,
};

export const optionsFor = (server: DirectoryServer): OneDomain => ({
  ...common,
  urls: [server.url],
  ca: readFileSync(server.caFile, 'utf8'),
  baseDn: server.baseDn,
  bindDn: server.bindDn,
  password: server.password,
});

export const optionsForDemo = (url: string): OneDomain => ({
  ...common,
  urls: [url],
  baseDn: 'DC=corp,DC=example,DC=com',
  bindDn: 'svc-ldap@corp.example.com',
  password: 'Passw0rd!',
});

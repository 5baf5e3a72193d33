/** The options of directories under test. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../../src/clock.ts';
import type { LdapDirectoryOptions } from '../../src/directory/ldap-directory.ts';
import type { DirectoryServer } from '../testbed/directory-server.ts';

export const clock: Clock = {
  now: () => Date.now(),
  until: (instant) =>
    new Promise((resolve) => {
      setTimeout(resolve, instant - Date.now());
    }),
};

const common = {
  startTls: false,
  ca: undefined,
  netbiosNames: [],
  connectTimeout: 5_000,
  operationTimeout: 10_000,
  connections: 4,
  released: ['objectGUID', 'objectSid', 'memberOf', 'displayName', 'description', 'noSuchAttribute'],
  clock,
};

export const optionsFor = (server: DirectoryServer): LdapDirectoryOptions => ({
  ...common,
  urls: [server.url],
  ca: readFileSync(server.caFile, 'utf8'),
  baseDn: server.baseDn,
  bindDn: server.bindDn,
  password: server.password,
});

export const optionsForDemo = (url: string): LdapDirectoryOptions => ({
  ...common,
  urls: [url],
  baseDn: 'DC=corp,DC=example,DC=com',
  bindDn: 'svc-ldap@corp.example.com',
  password: 'Passw0rd!',
});

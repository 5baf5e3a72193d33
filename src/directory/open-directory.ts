/** The directory that a configuration names, opened. */
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Directory } from './directory.ts';
import { createLdapDirectory } from './ldap-directory.ts';

export interface OpenDirectoryParts {
  /** The text of a file. */
  readonly read: (file: string) => string;
  /** Further attributes of people to read. */
  readonly released: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
}

/** Connects when first asked. */
export function openDirectory(
  ldap: Configuration['directory'],
  { read, released, clock, random }: OpenDirectoryParts,
): Directory {
  return createLdapDirectory({
    urls: ldap.urls,
    startTls: ldap.startTls,
    ca: ldap.caFile === undefined ? undefined : read(ldap.caFile),
    baseDn: ldap.baseDn,
    bindDn: ldap.bindDn,
    password: ldap.password,
    netbiosNames: ldap.netbiosNames,
    connectTimeout: ldap.connectTimeout,
    operationTimeout: ldap.operationTimeout,
    connections: ldap.connections,
    released,
    clock,
    random,
  });
}

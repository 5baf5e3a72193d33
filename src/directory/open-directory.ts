/** The directory that a configuration names, opened. */
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
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
  readonly note: Audit['note'];
  /** Where it is told that controllers were lost and are back. */
  readonly record?: Audit['record'] | undefined;
  readonly steps?: Steps | undefined;
}

/** Connects when first asked. */
export function openDirectory(ldap: Configuration['directory'], { read, ...parts }: OpenDirectoryParts): Directory {
  const forests = ldap.forests.map(({ caFile, ...forest }) => ({
    ...forest,
    ca: caFile === undefined ? undefined : () => read(caFile),
  }));
  return createLdapDirectory({ ...ldap, ...parts, forests });
}

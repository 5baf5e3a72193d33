/** The directory's section ready for use: always forests, whichever way it was written. */
import { resolve } from 'node:path';
import type { Config } from './schema.ts';

export interface ControllerConfiguration {
  readonly url: string;
  readonly site?: string | undefined;
  /** 1 is asked first. */
  readonly priority: number;
}

export interface DomainConfiguration {
  readonly baseDn: string;
  readonly netbiosNames: readonly string[];
  /** Where it has a service account of its own. */
  readonly account?: { readonly bindDn: string; readonly password: string } | undefined;
  readonly controllers: readonly ControllerConfiguration[];
}

export interface ForestConfiguration {
  /** DNS name of its root domain; undefined where only one domain was written. */
  readonly name: string | undefined;
  readonly startTls: boolean;
  /** Absolute. */
  readonly caFile: string | undefined;
  readonly bindDn: string;
  readonly password: string;
  /** URLs. */
  readonly globalCatalogs: readonly string[];
  readonly domains: readonly DomainConfiguration[];
}

export interface DirectoryConfiguration extends Pick<
  Config['directory'],
  'connectTimeout' | 'operationTimeout' | 'failoverAfter' | 'connections' | 'recheck'
> {
  readonly site: string | undefined;
  readonly forests: readonly ForestConfiguration[];
}

/** Names where the password of a service account is written. */
export type AccountPath = 'directory' | `directory.forests.${number}` | `directory.forests.${number}.domains.${number}`;

/**
 * @param fromFile the passwords of `passwordFile`, which have been read
 * @param folder that paths are meant from
 * @throws TypeError where what the rules of verify-directory demand is missing
 */
export function completeDirectory(
  written: Config['directory'],
  fromFile: ReadonlyMap<AccountPath, string> = new Map(),
  folder = '/',
): DirectoryConfiguration {
  const given = <Value>(value: Value | undefined): Value => {
    if (value === undefined) throw new TypeError('the directory lacks a setting');
    return value;
  };
  const at = (file: string | undefined): string | undefined => (file === undefined ? undefined : resolve(folder, file));
  const { connectTimeout, operationTimeout, failoverAfter, connections, recheck, site } = written;
  const one = (): ForestConfiguration => ({
    name: undefined,
    startTls: written.startTls,
    caFile: at(written.caFile),
    bindDn: given(written.bindDn),
    password: given(written.password ?? fromFile.get('directory')),
    globalCatalogs: [],
    domains: [
      {
        baseDn: given(written.baseDn),
        netbiosNames: written.netbiosNames,
        controllers: given(written.urls).map((url) => ({ url, priority: 1 })),
      },
    ],
  });
  const forests = written.forests?.map((forest, index) => ({
    name: forest.name,
    startTls: forest.startTls,
    caFile: at(forest.caFile),
    bindDn: forest.bindDn,
    password: given(forest.password ?? fromFile.get(`directory.forests.${index}`)),
    globalCatalogs: forest.globalCatalogs,
    domains: forest.domains.map(({ bindDn, password, passwordFile: _file, ...domain }, place) => ({
      ...domain,
      account:
        bindDn === undefined
          ? undefined
          : { bindDn, password: given(password ?? fromFile.get(`directory.forests.${index}.domains.${place}`)) },
    })),
  }));
  return { connectTimeout, operationTimeout, failoverAfter, connections, recheck, site, forests: forests ?? [one()] };
}

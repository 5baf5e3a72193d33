/** The files that a configuration is read from: the file itself, those that it names, and the keys; what they hold, and whether they changed. */
import { hash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../config/expand-environment.ts';
import { readBounded, type ReadFile } from '../config/read-bounded.ts';
import { type Configuration, type ConfigurationReading, readConfiguration } from '../config/read-configuration.ts';

export interface Reading extends ConfigurationReading {
  /** SHA-256 (hexadecimal) of the bytes of the configuration file. */
  readonly digest: string;
  /** Of each file that a reload alone reads again, what tells its content from others; and of the folders of keys. */
  readonly contents: ReadonlyMap<string, string>;
}

export interface Source {
  /** The configuration file, absolute. */
  readonly file: string;
  /** What people call it. */
  readonly shownAs: string;
  /** @throws ConfigurationMistakes */
  read(): Promise<Reading>;
  /** What a first start made of the keys is nothing that changed since. */
  withKeysAsTheyAre(reading: Reading): Promise<Reading>;
  /** What tells whether anything was changed since that was read which was read last, sound or not. */
  stamp(): Promise<string>;
  /** The stamp as it was just before. */
  readonly stampRead: string;
}

/** Of the folder of keys. */
const keyFolders = ['.', 'service-providers', 'encryption'];

/** Whoever changes content, mode or the file behind a link changes one of these. */
async function stampOf(path: string): Promise<string> {
  try {
    const { dev, ino, mode, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, mode, size, mtimeNs, ctimeNs].join(' ');
  } catch {
    return 'gone';
  }
}

/** Of the folders of keys: which ones count there, and which one signs. */
async function keysIn(folder: string): Promise<readonly (readonly [path: string, content: string])[]> {
  const active = await readBounded(join(folder, 'active'), 256);
  const names = await Promise.all(
    keyFolders.map(async (name) => {
      const path = join(folder, name);
      const present = await readdir(path).catch((): string[] => []);
      return [
        path,
        present
          .filter((file) => /^[^.].*\.cert\.pem$/.test(file))
          .toSorted()
          .join(' '),
      ] as const;
    }),
  );
  return [...names, [join(folder, 'active'), 'trouble' in active ? '' : active.bytes.toString('latin1')]];
}

/** Files that are looked at again while they are used: no reload is needed for them. */
const followed = ({ serviceProviders, metadata, kerberos, directory, factors, store }: Configuration): ReadonlySet<unknown> =>
  new Set([
    ...serviceProviders.map((provider) => provider.kind === 'metadata' && provider.file),
    ...metadata.map((source) => source.kind === 'file' && source.file),
    ...metadata.map((source) => source.kind === 'folder' && source.folder),
    ...directory.forests.map(({ caFile }) => caFile),
    ...[kerberos?.keytab, factors.duo?.caFile, factors.webhook?.caFile, store.caFile, store.passwordFile],
  ]);

export function createSource(parts: { file: string; shownAs: string; environment: Environment }): Source {
  const { file, shownAs, environment } = parts;
  let watched: readonly string[] = [file];
  let keys: string | undefined;
  /** Of the files, and of the keys. */
  let stampRead: readonly string[] = [];

  /** @param known what some of them had when they were read */
  async function stampFiles(known: ReadonlyMap<string, string> = new Map()): Promise<string> {
    return (await Promise.all(watched.map(async (path) => known.get(path) ?? stampOf(path)))).join('\n');
  }
  const stampKeys = async (): Promise<string> => (keys === undefined ? '' : JSON.stringify(await keysIn(keys)));

  return {
    file,
    shownAs,
    stamp: async () => (await Promise.all([stampFiles(), stampKeys()])).join('\n'),
    get stampRead() {
      return stampRead.join('\n');
    },
    async read() {
      const contents = new Map<string, string>();
      const stamps = new Map<string, string>();
      const readFile: ReadFile = async (path, limit) => {
        // Before it is read, so that a change meanwhile is seen.
        stamps.set(path, await stampOf(path));
        const reading = await readBounded(path, limit);
        contents.set(path, 'trouble' in reading ? reading.trouble : hash('sha256', reading.bytes));
        return reading;
      };
      try {
        const reading = await readConfiguration({ file, shownAs, environment, readFile });
        const digest = contents.get(file) ?? '';
        const others = followed(reading.configuration);
        for (const path of [file, ...contents.keys()]) if (path === file || others.has(path)) contents.delete(path);
        watched = [file, ...contents.keys()];
        // Another folder waits for a restart: until then this one is in use.
        keys ??= reading.configuration.keys.folder;
        stampRead = await Promise.all([stampFiles(stamps), stampKeys()]);
        for (const [path, content] of await keysIn(keys)) contents.set(path, content);
        return { ...reading, digest, contents };
      } catch (error) {
        // Whoever puts right what is wrong may do so in a file that was not known before.
        watched = [...new Set([...watched, ...stamps.keys()])];
        stampRead = await Promise.all([stampFiles(stamps), stampKeys()]);
        throw error;
      }
    },
    async withKeysAsTheyAre(reading) {
      const ofKeys = await keysIn(reading.configuration.keys.folder);
      stampRead = [stampRead[0] ?? '', JSON.stringify(ofKeys)];
      return { ...reading, contents: new Map([...reading.contents, ...ofKeys]) };
    },
  };
}

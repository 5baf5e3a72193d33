/** What commands about one person work on: that person, found as at a sign-in, and the store of the running house. */
import { existsSync, readFileSync } from 'node:fs';
import type { Configuration } from '../config/read-configuration.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { openDirectory } from '../directory/open-directory.ts';
import { Refusal } from '../refusal.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';
import { unlessStopped } from './unless-stopped.ts';

export interface Opened {
  readonly person: Person;
  readonly configuration: Configuration;
  readonly directory: Directory;
  readonly store: Store;
}

/**
 * Finds the person and hands everything to `work`. Where there is nobody, says why and gives 1.
 * @param empty what it means that there is no store yet
 * @throws ConfigurationMistakes, StoreUnusable, and an Error where there is no store yet
 */
export async function withPerson(
  { name, flag, empty }: { readonly name: string; readonly flag: string | undefined; readonly empty: string },
  io: Io,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const { configuration } = await openConfiguration(flag, io);
  const { file, url } = configuration.store;
  // One made here would belong to whoever runs this.
  if (url === undefined && !existsSync(file)) throw new Error(`There is no store ${file} yet: ${empty}.`);
  const directory = openDirectory(configuration.directory, {
    read: (path) => readFileSync(path, 'utf8'),
    released: [],
    clock: io.clock,
    random: io.random,
    note: (_level, message) => {
      io.stderr(`${message}\n`);
    },
  });
  try {
    io.doing(`asking the directory for ${name}`);
    const person = await unlessStopped(io.signal, directory.find(name));
    io.doing('opening the store');
    const store = await unlessStopped(io.signal, openStore(configuration.store, { clock: io.clock }));
    try {
      return await work({ person, configuration, directory, store });
    } finally {
      await store.close();
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr(`${error.reason}: ${error.row.hint}\n`);
    return 1;
  } finally {
    await directory.close();
  }
}

/** What the commands about the throttle work on: the person, found as at a sign-in, and the store of the running house. */
import { existsSync, readFileSync } from 'node:fs';
import type { Configuration } from '../config/read-configuration.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { openDirectory } from '../directory/open-directory.ts';
import { Refusal } from '../refusal.ts';
import { createFamiliarPlaces, type FamiliarPlaces } from '../signin/familiar-places.ts';
import { createSqliteStore } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';

interface Opened {
  readonly person: Person;
  readonly configuration: Configuration;
  readonly directory: Directory;
  readonly store: Store;
  readonly places: FamiliarPlaces;
}

/**
 * Finds the person and hands everything to `work`. Where there is nobody, says why and gives 1.
 * @throws ConfigurationMistakes, StoreUnusable, and an Error where there is no store yet
 */
export async function withThrottle(
  name: string,
  flag: string | undefined,
  io: Io,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const { configuration } = await openConfiguration(flag, io);
  const { file } = configuration.store;
  // One made here would belong to whoever runs this.
  if (!existsSync(file)) throw new Error(`There is no store ${file} yet: nothing was counted.`);
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
    const person = await directory.find(name);
    const store = await createSqliteStore({ file, clock: io.clock });
    try {
      const places = createFamiliarPlaces({ store, clock: io.clock, keep: configuration.throttle.familiarFor });
      return await work({ person, configuration, directory, store, places });
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

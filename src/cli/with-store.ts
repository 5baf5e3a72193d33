/** What the commands about the store work on: the store of the running house, and its configuration. */
import { existsSync } from 'node:fs';
import type { Configuration } from '../config/read-configuration.ts';
import { Refusal } from '../refusal.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';
import { unlessStopped } from './unless-stopped.ts';

interface Opened {
  readonly store: Store;
  readonly configuration: Configuration;
}

interface Asked {
  /** Of the command line. */
  readonly flag: string | undefined;
  /** Whether a file is made where there is none yet. */
  readonly makes?: boolean;
  /** Whether all of a file is examined before it is used, however large it is. */
  readonly thorough?: boolean;
}

/** @throws ConfigurationMistakes, StoreUnusable, StoreUnavailable, and an Error where there is no store yet */
export async function withStore(
  { flag, makes = false, thorough = false }: Asked,
  io: Io,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const { configuration } = await openConfiguration(flag, io);
  const { file, url } = configuration.store;
  // One made here would belong to whoever runs this.
  if (!makes && url === undefined && !existsSync(file)) throw new Error(`There is no store ${file} yet.`);
  io.doing(thorough ? 'examining the store' : 'opening the store');
  const store = await unlessStopped(io.signal, openStore(configuration.store, { clock: io.clock, thorough }));
  try {
    return await work({ store, configuration });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr(`${error.reason}: ${error.row.hint}\n`);
    return 1;
  } finally {
    await store.close();
  }
}

/** Such as `enrolment 12, session 3`. */
export const countedByKind = (counts: ReadonlyMap<string, number>): string =>
  counts.size === 0 ? 'none' : [...counts].map(([kind, count]) => `${kind} ${String(count)}`).join(', ');

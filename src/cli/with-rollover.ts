/** What the commands about a rollover work on: the keys, who must know them, and what is known of that in the store of the running house. */
import { existsSync, readFileSync } from 'node:fs';
import type { Configuration } from '../config/read-configuration.ts';
import type { KeyFolder } from '../keys/key-folder.ts';
import type { Takeover } from '../keys/key-history.ts';
import type { HeldKey, KeyRing } from '../keys/key-ring.ts';
import { readRollover } from '../passerelle/key-rollover.ts';
import { Refusal } from '../refusal.ts';
import { createRegistry } from '../service-providers/registry.ts';
import { createKeyKnowledge } from '../signin/key-knowledge.ts';
import { keyParties, type Party } from '../signin/key-parties.ts';
import type { PartyStanding } from '../signin/key-rollover.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';
import { keyFolderOf } from './open-keys.ts';

export interface OpenRollover {
  readonly configuration: Configuration;
  readonly folder: KeyFolder;
  readonly ring: KeyRing;
  readonly history: readonly Takeover[];
  /** Opened when it is first asked for; undefined where there is none yet. @throws StoreUnusable, StoreUnavailable */
  store(): Promise<Store | undefined>;
  /** @throws RegistryMistake */
  parties(): readonly Party[];
  /** How each would take it if that published key signed. @throws RegistryMistake */
  standings(key: HeldKey): Promise<readonly PartyStanding[]>;
}

/** @throws ConfigurationMistakes, KeyMistake, RegistryMistake, StoreUnusable, StoreUnavailable */
export async function withRollover(
  flag: string | undefined,
  io: Io,
  work: (opened: OpenRollover) => Promise<number>,
): Promise<number> {
  const { configuration } = await openConfiguration(flag, io);
  const folder = keyFolderOf(configuration, io);
  const ring = await folder.open();
  const history = await folder.history();
  let opening: Promise<Store | undefined> | undefined;
  const store = (): Promise<Store | undefined> => {
    const { file, url } = configuration.store;
    // One made here would belong to whoever runs this.
    const isThere = url !== undefined || existsSync(file);
    opening ??= isThere ? openStore(configuration.store, { clock: io.clock }) : Promise.resolve(undefined);
    return opening;
  };
  // Without sources on the web, which take their time: what only they would tell is passed over.
  const listNow = () =>
    createRegistry(configuration.serviceProviders, { read: (path) => readFileSync(path, 'utf8'), now: io.clock.now() }).list;
  try {
    return await work({
      ...{ configuration, folder, ring, history, store },
      parties: () => keyParties(configuration, listNow()),
      async standings(key) {
        const known = await store();
        const knowledge = known && createKeyKnowledge({ store: known });
        return readRollover(key, { config: configuration, ring, history, list: listNow(), knowledge, now: io.clock.now() });
      },
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr(`${error.reason}: ${error.row.hint}\n`);
    return 1;
  } finally {
    // One that could not be opened has been told of.
    await (await opening?.catch(() => undefined))?.close();
  }
}

/** The key folder that the configuration names, for the commands about keys. */
import { createKeyFolder, type KeyFolder } from '../keys/key-folder.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';

/** @throws ConfigurationMistakes */
export async function openKeys(flag: string | undefined, io: Io): Promise<KeyFolder> {
  const { configuration } = await openConfiguration(flag, io);
  const { hostname } = new URL(configuration.publicUrl);
  return createKeyFolder({ path: configuration.keys.folder, commonName: hostname, clock: io.clock, random: io.random });
}

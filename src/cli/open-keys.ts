/** The key folder that the configuration names, for the commands about keys. */
import type { Configuration } from '../config/read-configuration.ts';
import { createKeyFolder, type KeyFolder } from '../keys/key-folder.ts';
import type { Io } from './command.ts';
import { openConfiguration } from './open-configuration.ts';

export function keyFolderOf(
  { publicUrl, keys }: Pick<Configuration, 'publicUrl' | 'keys'>,
  { clock, random }: Pick<Io, 'clock' | 'random'>,
): KeyFolder {
  return createKeyFolder({ path: keys.folder, commonName: new URL(publicUrl).hostname, clock, random });
}

/** @throws ConfigurationMistakes */
export async function openKeys(
  flag: string | undefined,
  io: Io,
): Promise<{ readonly configuration: Configuration; readonly folder: KeyFolder }> {
  const { configuration } = await openConfiguration(flag, io);
  return { configuration, folder: keyFolderOf(configuration, io) };
}

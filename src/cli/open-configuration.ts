/** Reads the configuration that a command means: the flag's, else the environment's, else the default. */
import { resolve } from 'node:path';
import { readConfiguration, type ConfigurationReading } from '../config/read-configuration.ts';
import type { Io } from './command.ts';

export const configurationOption = { config: { type: 'string', short: 'c' } } as const;
export const configurationUsage =
  '  -c, --config FILE   the configuration; else PASSERELLE_CONFIG, else passerelle.yaml in this folder';

/** @throws ConfigurationMistakes */
export async function openConfiguration(
  flag: string | undefined,
  io: Pick<Io, 'environment' | 'workingDirectory'>,
): Promise<ConfigurationReading & { readonly file: string }> {
  const named = io.environment.PASSERELLE_CONFIG;
  const shownAs = flag ?? (named === undefined || named === '' ? 'passerelle.yaml' : named);
  const file = resolve(io.workingDirectory, shownAs);
  return { ...(await readConfiguration({ file, shownAs, environment: io.environment })), file: shownAs };
}

/** Reads the configuration that a command means: the flag's, else the environment's, else the default. */
import { resolve } from 'node:path';
import { readConfiguration, type ConfigurationReading } from '../config/read-configuration.ts';
import type { Io } from './command.ts';

export const configurationOption = { config: { type: 'string', short: 'c' } } as const;
export const configurationUsage =
  '  -c, --config FILE   the configuration; else PASSERELLE_CONFIG, else passerelle.yaml in this folder';

type World = Pick<Io, 'environment' | 'workingDirectory'>;

/** The file that a command means, absolute, and what people call it. */
export function configurationNamed(flag: string | undefined, io: World): { readonly file: string; readonly shownAs: string } {
  const named = io.environment.PASSERELLE_CONFIG;
  const shownAs = flag ?? (named === undefined || named === '' ? 'passerelle.yaml' : named);
  return { file: resolve(io.workingDirectory, shownAs), shownAs };
}

/** @throws ConfigurationMistakes */
export async function openConfiguration(
  flag: string | undefined,
  io: World,
): Promise<ConfigurationReading & { readonly file: string }> {
  const { file, shownAs } = configurationNamed(flag, io);
  return { ...(await readConfiguration({ file, shownAs, environment: io.environment })), file: shownAs };
}

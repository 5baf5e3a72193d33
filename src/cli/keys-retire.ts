/** `passerelle keys retire`: publishes a key that does not sign no longer. */
import { KeyMistake } from '../keys/key-mistake.ts';
import { retirementDelay } from '../keys/key-folder.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';
import { takeOverKeys } from './take-over-keys.ts';
import { tellDeed } from './with-audit.ts';

export const command: Command = {
  name: 'keys retire',
  summary: 'publish a key no longer; its files are kept in the folder retired',
  usage: `Usage: passerelle keys retire NAME [--force] [OPTIONS]

      --force         even where it signed less than ${String(retirementDelay / 60_000)} minutes ago, so that what it signed may be on its way;
                      or where others are told to encrypt to it, or were less than a day ago
${configurationUsage}

The key that signs, and one that the settings of a service provider name, are never retired.

Example: passerelle keys retire 2026-11-22-a1b2c3`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, { ...configurationOption, force: { type: 'boolean', default: false } }, [
      'NAME',
    ]);
    const [name = ''] = positionals;
    const { configuration, folder } = await openKeys(values.config, io);
    const at = configuration.serviceProviders.findIndex(({ signature }) => signature.key === name);
    // Without it no house would open any more.
    if (at >= 0) throw new KeyMistake(`serviceProviders.${String(at)}.signature.key names ${name}. Give it another key first.`);
    await folder.retire(name, { force: values.force });
    await tellDeed('keys retire', { configuration }, io, { event: 'key.retired', detail: { key: name } });
    io.stdout(`${name} is published no longer.\n`);
    return takeOverKeys(configuration, io);
  },
};

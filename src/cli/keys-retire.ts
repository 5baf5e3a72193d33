/** `passerelle keys retire`: publishes a key that does not sign no longer. */
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

export const command: Command = {
  name: 'keys retire',
  summary: 'publish a key no longer; its files are kept in the folder retired',
  usage: `Usage: passerelle keys retire NAME [--config FILE]

${configurationUsage}

Example: passerelle keys retire 2026-11-22-a1b2c3`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, configurationOption, ['NAME']);
    const [name = ''] = positionals;
    await (await openKeys(values.config, io)).retire(name);
    io.stdout(`${name} is published no longer after the next start.\n`);
    return 0;
  },
};

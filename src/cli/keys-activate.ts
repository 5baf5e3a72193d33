/** `passerelle keys activate`: lets a published key sign. */
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

export const command: Command = {
  name: 'keys activate',
  summary: 'let a published key sign from the next start on',
  usage: `Usage: passerelle keys activate NAME [--config FILE]

${configurationUsage}

Every service provider must have the certificate of NAME by then.

Example: passerelle keys activate 2026-11-22-a1b2c3`,
  async run(args, io) {
    const { values, positionals } = parseArguments(args, configurationOption, ['NAME']);
    const [name = ''] = positionals;
    await (await openKeys(values.config, io)).activate(name);
    io.stdout(`${name} signs from the next start on.\n`);
    return 0;
  },
};

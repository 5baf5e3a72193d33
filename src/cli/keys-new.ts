/** `passerelle keys new`: makes a key and publishes it beside the one that signs. */
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

export const command: Command = {
  name: 'keys new',
  summary: 'make a signing key and publish it beside the one that signs',
  usage: `Usage: passerelle keys new [--config FILE]

${configurationUsage}

The rollover: keys new; restart; upload the certificate to Google Admin as the second one and give other service providers
the metadata; wait 24 hours; keys activate NAME; restart; keys retire the old one; restart; delete it in Google Admin.

Example: passerelle keys new`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { name, certificate } = await (await openKeys(values.config, io)).add();
    io.stdout(`${certificate.toString().trimEnd()}\n`);
    io.stderr(`Made ${name}. It is published after the next restart; passerelle keys activate ${name} lets it sign.\n`);
    return 0;
  },
};

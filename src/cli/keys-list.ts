/** `passerelle keys list`: which keys there are, and which one signs. */
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

export const command: Command = {
  name: 'keys list',
  summary: 'list the signing keys, and which one signs',
  usage: `Usage: passerelle keys list [--config FILE]

${configurationUsage}

Example: passerelle keys list`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const ring = await (await openKeys(values.config, io)).open();
    for (const { name, certificate } of ring.published) {
      const state = name === ring.active.name ? 'signs' : 'published';
      const until = new Date(certificate.validTo).toISOString().slice(0, 10);
      io.stdout(`${name}  ${state.padEnd(9)}  until ${until}  SHA-256 ${certificate.fingerprint256}\n`);
    }
    return 0;
  },
};

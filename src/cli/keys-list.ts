/** `passerelle keys list`: which keys there are, and what each does. */
import type { HeldKey } from '../keys/key-ring.ts';
import { typeOfKey } from '../keys/key-type.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

export const command: Command = {
  name: 'keys list',
  summary: 'list the keys, and what each does',
  usage: `Usage: passerelle keys list [--config FILE]

${configurationUsage}

What a key does:
  signs       for everybody
  published   accepted by everybody as soon as they have our metadata; keys activate NAME lets it sign
  on request  signs for service providers whose settings name it, or whose metadata takes no other
  decrypts    opens what is encrypted to us; the first of them is the one that others are told of

Example: passerelle keys list`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { active, published, forServiceProviders, decryption } = await (await openKeys(values.config, io)).open();
    const lines: [HeldKey, string][] = [
      ...published.map((key): [HeldKey, string] => [key, key.name === active.name ? 'signs' : 'published']),
      ...forServiceProviders.map((key): [HeldKey, string] => [key, 'on request']),
      ...decryption.map((key): [HeldKey, string] => [key, 'decrypts']),
    ];
    const width = Math.max(...lines.map(([{ name }]) => name.length));
    for (const [{ name, privateKey, certificate }, state] of lines) {
      const until = new Date(certificate.validTo).toISOString().slice(0, 10);
      const type = typeOfKey(privateKey) ?? '';
      io.stdout(
        `${name.padEnd(width)}  ${state.padEnd(10)}  ${type.padEnd(8)}  until ${until}  SHA-256 ${certificate.fingerprint256}\n`,
      );
    }
    return 0;
  },
};

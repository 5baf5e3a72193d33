/** `passerelle keys new`: makes a key, by default one that is published beside the one that signs. */
import { isRsa, keyTypes, keyUses } from '../keys/key-type.ts';
import { parseArguments, UsageMistake, type Command } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';
import { takeOverKeys } from './take-over-keys.ts';
import { tellDeed } from './with-audit.ts';

const options = {
  ...configurationOption,
  use: { type: 'string' },
  type: { type: 'string' },
  name: { type: 'string' },
} as const;

/** What comes of a key, by its use. */
const afterwards = {
  signing: (name: string): string =>
    `It is published beside the one that signs. passerelle keys list shows who knows it; passerelle keys activate ${name} lets it sign.`,
  'service-provider': (name: string): string =>
    `It is published, and signs for service providers whose settings say signature: { key: ${name} }.`,
  encryption: (): string =>
    'From now on others are told to encrypt to it. Keys that were made before still open what comes; retire them after a day.',
};

function oneOf<Choice extends string>(flag: string, choices: readonly Choice[], given: string | undefined): Choice | undefined {
  if (given === undefined) return undefined;
  const found = choices.find((choice) => choice === given);
  if (found === undefined) throw new UsageMistake(`--${flag} must be one of ${choices.join(', ')}.`);
  return found;
}

export const command: Command = {
  name: 'keys new',
  summary: 'make a key and publish it',
  usage: `Usage: passerelle keys new [--use USE] [--type TYPE] [--name NAME] [--config FILE]

${configurationUsage}
      --use USE       signing: for everybody, beside the key that signs (the default; at most two, as Google takes no more)
                      service-provider: for those service providers whose settings name it
                      encryption: for others to encrypt to
      --type TYPE     ${keyTypes.join(', ')}; rsa-2048 where left out. EC keys are for
                      --use service-provider alone.
      --name NAME     letters, digits, hyphens and underscores; the date and a few letters where left out

Whoever runs takes it over at once; nothing is restarted. The rollover: keys new; upload the certificate to Google Admin as the
second one, and note it by keys told; keys list shows who knows the key; keys activate NAME; ten minutes later keys retire the old
one, and delete it in Google Admin.

Example: passerelle keys new`,
  async run(args, io) {
    const { values } = parseArguments(args, options);
    const use = oneOf('use', keyUses, values.use) ?? 'signing';
    const type = oneOf('type', keyTypes, values.type) ?? 'rsa-2048';
    if (use !== 'service-provider' && !isRsa(type)) {
      throw new UsageMistake(
        `--type ${type} is for --use service-provider: Google takes RSA keys alone, and nobody encrypts to others.`,
      );
    }
    const { configuration, folder } = await openKeys(values.config, io);
    const { name, certificate } = await folder.add({ use, type, name: values.name });
    await tellDeed('keys new', { configuration }, io, { event: 'key.made', detail: { key: name, use, type } });
    io.stdout(`${certificate.toString().trimEnd()}\n`);
    const { active } = await folder.open();
    io.stderr(`Made ${name}. ${name === active.name ? 'It is the first, and signs.' : afterwards[use](name)}\n`);
    return takeOverKeys(configuration, io);
  },
};

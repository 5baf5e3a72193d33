/** `passerelle google values`: the five values that Google Admin asks for. */
import { publishedUrls } from '../config/published-urls.ts';
import { googleValues, type GoogleValue } from '../service-providers/google-values.ts';
import { parseArguments, type Command } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { openKeys } from './open-keys.ts';

const labels: Readonly<Record<GoogleValue['label'], string>> = {
  'entity-id': 'IdP entity ID',
  'sign-in-url': 'Sign-in page URL',
  'sign-out-url': 'Sign-out page URL',
  'change-password-url': 'Change password URL',
  certificate: 'Verification certificate',
};

export const command: Command = {
  name: 'google values',
  summary: 'print the five values that Google Admin asks for',
  usage: `Usage: passerelle google values [--config FILE]

${configurationUsage}

The page /saml shows the same, each with a button that copies it.

Example: passerelle google values`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { configuration } = await openConfiguration(values.config, io);
    const { active } = await (await openKeys(values.config, io)).open();
    for (const { label, value } of googleValues(publishedUrls(configuration), active.certificate.toString())) {
      io.stdout(label === 'certificate' ? `${labels[label]}:\n${value}` : `${labels[label]}: ${value}\n`);
    }
    return 0;
  },
};

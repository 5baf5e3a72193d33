/** `passerelle google values`: the five values that Google Admin asks for. */
import { presentableText } from '../audit/presentable.ts';
import { publishedUrls } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { KeyMistake } from '../keys/key-mistake.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { googleValues, type GoogleValue } from '../service-providers/google-values.ts';
import { createRegistry, type RegisteredServiceProvider } from '../service-providers/registry.ts';
import { parseArguments, type Command, type Io } from './command.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
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
  usage: `Usage: passerelle google values [--key NAME] [OPTIONS]

      --key NAME      with the certificate of that published key, which is to sign next, in the place of the one that signs now
${configurationUsage}

Where service providers of Google have keys of their own (signature: { key }), each certificate says whose it is.
The page /saml shows the same, each with a button that copies it.

Example: passerelle google values`,
  async run(args, io) {
    const { values } = parseArguments(args, { ...configurationOption, key: { type: 'string' } });
    const { configuration, folder } = await openKeys(values.config, io);
    const ring = await folder.open();
    const urls = publishedUrls(configuration);
    for (const { label, value, of } of googleValues(urls, withKey(ring, values.key), googleOf(configuration, io))) {
      const head = of === undefined ? labels[label] : `${labels[label]} of ${presentableText(of, 4_096)}`;
      io.stdout(label === 'certificate' ? `${head}:\n${value}` : `${head}: ${value}\n`);
    }
    return 0;
  },
};

/** As if that key signed already. @throws KeyMistake */
function withKey(ring: KeyRing, name: string | undefined): KeyRing {
  const active = name === undefined ? ring.active : ring.published.find((key) => key.name === name);
  if (active !== undefined) return { ...ring, active };
  const known = ring.published.map((key) => key.name).join(', ');
  throw new KeyMistake(`There is no published key named ${JSON.stringify(name)}. There are: ${known}.`);
}

/** Google's alone: no file of metadata need be there. */
const googleOf = ({ serviceProviders }: Configuration, { clock }: Io): readonly RegisteredServiceProvider[] =>
  createRegistry(
    serviceProviders.filter(({ kind }) => kind !== 'metadata'),
    { read: () => '', now: clock.now() },
  ).list;

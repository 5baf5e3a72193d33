/** `passerelle keys urls`: the URL of its own by which each service provider fetches our metadata, so that it is seen who did. */
import { join } from 'node:path';
import { publishedUrls } from '../config/published-urls.ts';
import { createSeal } from '../keys/seal.ts';
import { openSealingKeys } from '../keys/sealing-keys.ts';
import { findOrMakeTokens } from '../signin/metadata-tokens.ts';
import { parseArguments, type Command } from './command.ts';
import { describeParty } from './describe-standing.ts';
import { configurationOption, configurationUsage } from './open-configuration.ts';
import { plainJson } from './plain.ts';
import { withRollover } from './with-rollover.ts';

export const command: Command = {
  name: 'keys urls',
  summary: 'show the metadata URL of each service provider’s own',
  usage: `Usage: passerelle keys urls [--renew] [--json] [OPTIONS]

      --renew         other URLs: those that were given out still give the metadata, and nobody is seen by them any more
      --json          the same for programs
${configurationUsage}

The document is the same for everybody. Whoever fetches it by the URL of its own is seen to know the keys in it, which a rollover
asks for. Give each service provider its own URL, and nobody else's. Run it as the user that Passerelle runs as.

Example: passerelle keys urls`,
  run(args, io) {
    const { values } = parseArguments(args, {
      ...configurationOption,
      renew: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    return withRollover(values.config, io, async (opened) => {
      const { configuration } = opened;
      const store = await opened.store();
      if (store === undefined) throw new Error('There is no store yet to keep them in: start Passerelle once.');
      const sealingKeys = openSealingKeys(join(configuration.keys.folder, 'sealing.keys'), io.random);
      const seal = createSeal(sealingKeys.current, io.random);
      const tokenOf = await findOrMakeTokens({ store, seal, random: io.random, renew: values.renew });
      const { metadata } = publishedUrls(configuration);
      const list = opened.parties().filter(({ kind }) => kind === 'metadata');
      const urls = list.map((party) => ({ party, url: `${metadata}?for=${tokenOf(party.id)}` }));
      if (values.json) {
        io.stdout(`${plainJson(urls.map(({ party: { id, name }, url }) => ({ entityID: id, name, url })))}\n`);
        return 0;
      }
      for (const { party, url } of urls) io.stdout(`${describeParty(party)}\n  ${url}\n`);
      if (urls.length === 0) io.stderr('No service provider fetches metadata: Google is given the certificate by hand.\n');
      return 0;
    });
  },
};

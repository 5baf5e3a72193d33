/** `passerelle config check`: reads the configuration and says what is wrong, or what it amounts to. */
import { describeMistake } from '../config/configuration-mistakes.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { parseArguments, type Command } from './command.ts';
import { findContradictions } from './contradictions.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';

export const command: Command = {
  name: 'config check',
  summary: 'check the configuration without starting',
  usage: `Usage: passerelle config check [--config FILE]

${configurationUsage}

Tells every mistake at once, each with its line, and exits with 1; files that the configuration names are read too.
The directory is not asked.

Example: passerelle config check --config /etc/passerelle/passerelle.yaml`,
  async run(args, io) {
    const { values } = parseArguments(args, configurationOption);
    const { configuration, warnings, file } = await openConfiguration(values.config, io);
    let wrong = false;
    for (const warning of warnings) io.stderr(`warning: ${describeMistake(file, warning)}\n`);
    for (const contradiction of await findContradictions(configuration, io)) {
      io.stderr(`${file}: ${contradiction}\n`);
      wrong = true;
    }
    if (wrong) return 1;
    io.stdout(`${file} is right.\n${summarise(configuration)}`);
    return 0;
  },
};

function describeDirectory({ forests }: Configuration['directory']): readonly (readonly [string, string])[] {
  return forests.flatMap(({ domains }) =>
    domains.map(
      ({ controllers, baseDn }) => ['directory', `${controllers.map(({ url }) => url).join(', ')} below ${baseDn}`] as const,
    ),
  );
}

function summarise(configuration: Configuration): string {
  const { directory, mapping, serviceProviders, listen, tls } = configuration;
  const { primary, secondary, aliases } = mapping.domains;
  const rows: readonly (readonly [string, string])[] = [
    ['public URL', configuration.publicUrl],
    ['entity ID', publishedUrls(configuration).entityID],
    ['listens on', `${listen.host} port ${String(listen.port)}, ${tls === undefined ? 'plain HTTP' : 'TLS'}`],
    ...describeDirectory(directory),
    ['address from', mapping.source],
    ['domains', [primary, ...secondary, ...Object.keys(aliases)].join(', ')],
    ['service providers', serviceProviders.map(({ kind, name }) => name ?? kind).join(', ') || 'none'],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(17)}  ${value}\n`).join('');
}

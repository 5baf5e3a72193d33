/** `passerelle config check`: reads the configuration and says what is wrong, or what it amounts to. */
import { readFileSync } from 'node:fs';
import { openAuthorities } from '../authenticators/certificate/open-authorities.ts';
import { AuthorityMistake } from '../authenticators/certificate/read-certificates.ts';
import { KerberosUnavailable, verifyKerberosPackage } from '../authenticators/kerberos/acceptor.ts';
import { loadOwn, OwnFactorMistake } from '../authenticators/own/load-own.ts';
import { readMakers } from '../authenticators/webauthn/verify-maker.ts';
import { describeMistake } from '../config/configuration-mistakes.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { MappingMistake, prepareMapping } from '../mapping/prepare-mapping.ts';
import { createRegistry, RegistryMistake } from '../service-providers/registry.ts';
import { parseArguments, type Command, type Io } from './command.ts';
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
    for (const contradiction of [
      ...contradictions(configuration, io),
      ...(await absences(configuration)),
      ...(await ownMistakes(configuration, io)),
    ]) {
      io.stderr(`${file}: ${contradiction}\n`);
      wrong = true;
    }
    if (wrong) return 1;
    io.stdout(`${file} is right.\n${summarise(configuration)}`);
    return 0;
  },
};

/** What only the rooms that use the configuration can find wrong with it. */
function contradictions(configuration: Configuration, io: Pick<Io, 'clock'>): readonly string[] {
  const found: string[] = [];
  try {
    prepareMapping(configuration.mapping);
  } catch (error) {
    if (!(error instanceof MappingMistake)) throw error;
    found.push(...error.mistakes);
  }
  try {
    createRegistry(configuration.serviceProviders, { read: (path) => readFileSync(path, 'utf8'), now: io.clock.now() });
  } catch (error) {
    if (!(error instanceof RegistryMistake)) throw error;
    found.push(error.message);
  }
  try {
    openAuthorities(configuration.certificate?.authorities ?? [], (path) => readFileSync(path, 'utf8'));
    const { caFile } = configuration.factors.webauthn;
    if (caFile !== undefined) readMakers(caFile, readFileSync(caFile, 'utf8'));
  } catch (error) {
    if (!(error instanceof AuthorityMistake)) throw error;
    found.push(error.message);
  }
  return found;
}

/** What the configuration needs and the machine has not. */
async function absences({ kerberos }: Configuration): Promise<readonly string[]> {
  try {
    if (kerberos !== undefined) await verifyKerberosPackage();
    return [];
  } catch (error) {
    if (!(error instanceof KerberosUnavailable)) throw error;
    return [error.message];
  }
}

/** What is wrong with the operator's own factor, which is opened for that, and closed. */
async function ownMistakes({ factors: { own } }: Configuration, io: Pick<Io, 'stderr'>): Promise<readonly string[]> {
  if (own === undefined) return [];
  try {
    const module = await loadOwn(own, { note: (level, message) => io.stderr(`${level}: ${message}\n`) });
    module.close();
    return [];
  } catch (error) {
    if (!(error instanceof OwnFactorMistake)) throw error;
    return [error.message];
  }
}

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

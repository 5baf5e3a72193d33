/** `passerelle whatif`: what a service provider would be told about a person, and by which rule. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { presentableText } from '../audit/presentable.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openDirectory } from '../directory/open-directory.ts';
import { describeSteps } from '../mapping/address.ts';
import { Refusal } from '../refusal.ts';
import { openRegistry } from '../service-providers/open-registry.ts';
import type { Registry } from '../service-providers/registry.ts';
import { released } from '../service-providers/release.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { configurationOption, configurationUsage, openConfiguration } from './open-configuration.ts';
import { renderPolicy } from './render-policy.ts';
import { makeReport, type ReportedRule, type WhatIfReport } from './whatif-report.ts';
import { plainJson, plainLines } from './plain.ts';
import { unlessStopped } from './unless-stopped.ts';

const read = (file: string): string => readFileSync(file, 'utf8');
/** Of a long list of service providers. */
const mostShown = 20;

export const command: Command = {
  name: 'whatif',
  summary: 'show what a person would be asked, and what a service provider would be told about them',
  usage: `Usage: passerelle whatif NAME --service-provider ENTITY_ID [OPTIONS]

  -s, --service-provider ENTITY_ID   whom it would be told (--sp is the same)
      --network ADDRESS              from where the person would come; nowhere in particular
      --context CLASS_REF            an AuthnContextClassRef that the request names; repeatable
      --remembered                   as if the person had had the browser remembered
      --attribute-index NUMBER       AttributeConsumingServiceIndex of the request
      --json                         the same for programs
${configurationUsage}

NAME is what the person would type to sign in. The directory is read as at a sign-in, and metadata are fetched as at a start; no
password is needed, nobody is told of anything, and nothing is kept. Exits with 1 where the sign-in would be refused.

Example: passerelle whatif ada --service-provider https://wiki.example.com/saml`,
  async run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      {
        ...configurationOption,
        'service-provider': { type: 'string', short: 's' },
        sp: { type: 'string' },
        network: { type: 'string' },
        context: { type: 'string', multiple: true, default: [] },
        remembered: { type: 'boolean', default: false },
        'attribute-index': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
      ['NAME'],
    );
    const entityID = values['service-provider'] ?? values.sp;
    if (entityID === undefined) throw new UsageMistake('Missing option --service-provider ENTITY_ID.');
    const index = values['attribute-index'];
    if (index !== undefined && !/^\d{1,5}$/.test(index)) throw new UsageMistake('--attribute-index is a number from 0 to 65535.');
    const { network } = values;
    if (network !== undefined && isIP(network) === 0) throw new UsageMistake('--network is an IP address.');
    const { configuration } = await openConfiguration(values.config, io);
    const serviceProvider = await findServiceProvider(entityID, configuration, io);
    if (serviceProvider === undefined) return 1;
    const directory = openDirectory(configuration.directory, {
      read,
      released: released(configuration.serviceProviders, configuration.release),
      clock: io.clock,
      random: io.random,
      note: () => undefined,
    });
    const store = await openExisting(configuration.store, io);
    try {
      io.doing(`asking the directory for ${positionals[0] ?? ''}`);
      const report = await unlessStopped(
        io.signal,
        makeReport(
          {
            name: positionals[0] ?? '',
            serviceProvider,
            attributeConsumingServiceIndex: index === undefined ? undefined : Number(index),
            circumstances: { network, contexts: values.context, remembered: values.remembered },
          },
          { configuration, directory, store, clock: io.clock, random: io.random },
        ),
      );
      io.stdout(values.json ? `${plainJson(report)}\n` : plainLines(render(report)));
      return report.refused === null ? 0 : 1;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      io.stderr(`${error.reason}: ${error.row.hint}\n`);
      return 1;
    } finally {
      await store?.close();
      await directory.close();
    }
  },
};

/** The store of the running house; none is made here. */
async function openExisting(config: Configuration['store'], { clock }: Io): Promise<Store | undefined> {
  return config.url === undefined && !existsSync(config.file) ? undefined : openStore(config, { clock });
}

/** Looks where the house looks, its copies of metadata from the web apart, which are its own. Says why where there is nobody. */
async function findServiceProvider(
  entityID: string,
  configuration: Configuration,
  io: Io,
): Promise<RegisteredServiceProvider | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-'));
  const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
  const elsewhere = { ...configuration, store: { ...configuration.store, folder } };
  const { registry, close } = await openRegistry(elsewhere, { audit, clock: io.clock, random: io.random, read });
  try {
    const [serviceProvider] = await registry.byEntityID(entityID);
    if (serviceProvider === undefined)
      io.stderr(`No service provider has the entity ID ${presentableText(entityID)}.${known(registry)}\n`);
    return serviceProvider;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    io.stderr(`${error.reason}: ${error.row.hint}\n${renderDetail(error)}`);
    return undefined;
  } finally {
    close();
    await rm(folder, { recursive: true });
  }
}

function known({ list }: Registry): string {
  if (list.length === 0) return '';
  const lines = list.slice(0, mostShown).map(({ entityID }) => `  ${presentableText(entityID)}\n`);
  return ` Known are:\n${lines.join('')}${list.length > mostShown ? `  and ${String(list.length - mostShown)} more\n` : ''}`;
}

const shown = (values: readonly string[]): string =>
  values.length === 0 ? 'nothing' : values.map((value) => `"${presentableText(value)}"`).join(', ');

function renderRule({ name, nameFormat, friendlyName, origin, source, because, steps, values }: ReportedRule): string {
  const format = nameFormat.replace(/^urn:oasis:names:tc:SAML:2\.0:attrname-format:/, '');
  const friendly = friendlyName === undefined ? '' : ` (${friendlyName})`;
  const head = `  ${presentableText(name)}${friendly}, ${format}, by ${origin}: ${because === null ? shown(values) : 'not applied'}\n`;
  if (because !== null) return `${head}    ${because}\n`;
  const lines = steps.map((step, place) => `    ${place === 0 ? source : step.step}: ${shown(step.values)}\n`);
  return head + lines.join('');
}

function render(report: WhatIfReport): string {
  const { person, serviceProvider, address, mapping, unmapped, nameID, rules, attributes, bytes, mostBytes, refused } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['person', `${presentableText(person.distinguishedName)}, ${person.objectGUID}`],
    ['service provider', `${presentableText(serviceProvider.name)}, ${presentableText(serviceProvider.entityID)}`],
    [
      'address',
      address === null
        ? `none${unmapped === null ? '' : ` (${unmapped})`}`
        : `${address}   (${presentableText(describeSteps(mapping))})`,
    ],
    ['NameID', `${describeName(report)}; a request may ask for ${nameID.offered.join(', ') || 'none'}`],
    [
      'attributes',
      `${String(attributes.length)}, ${bytes === null ? 'not sent' : `${String(bytes)} of at most ${String(mostBytes)} bytes`}`,
    ],
  ];
  const top = rows.map(([label, value]) => `${label.padEnd(17)}  ${value}\n`).join('');
  const ruled =
    rules.length === 0 ? 'rules: none, so that nothing is told beside the NameID\n' : `rules\n${rules.map(renderRule).join('')}`;
  const verdict =
    refused === null ? '' : `\nThe sign-in would be refused: ${refused.reason}\n  ${refused.hint}\n${renderDetail(refused)}`;
  return `${top}\n${renderPolicy(report.policy)}\n${ruled}${verdict}`;
}

function describeName({ name, nameID }: WhatIfReport): string {
  if (name === null) return nameID.unasked;
  const { format, value, why } = name;
  return `${format}${value === null ? '' : ` ${presentableText(value)}`}${why === null ? '' : ` (${why})`}`;
}

function renderDetail({ detail }: Pick<NonNullable<WhatIfReport['refused']>, 'detail'>): string {
  return Object.entries(detail)
    .map(([name, value]) => `  ${name}: ${presentableText(String(value))}\n`)
    .join('');
}

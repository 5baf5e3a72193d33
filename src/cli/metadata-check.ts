/** `passerelle metadata check`: what is understood of somebody's metadata, and what is wrong with them. */
import { hash, type KeyObject } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readPublicKeys } from '../config/public-keys.ts';
import type { MetadataDocument } from '../saml/metadata-document.ts';
import { MetadataMistake } from '../saml/metadata-mistake.ts';
import type { MetadataRules } from '../saml/index-metadata.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import { fetchMetadata } from '../service-providers/metadata/fetch.ts';
import { loadMetadata } from '../service-providers/metadata/load.ts';
import { createMetadataCopies } from '../service-providers/metadata/copies.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { plain } from './plain.ts';

const limit = 500_000_000;
const timeout = 60_000;
const clockSkew = 180_000;
/** Service providers that are told of one by one. */
const mostTold = 20;

async function readKeys(files: readonly string[], folder: string): Promise<readonly KeyObject[]> {
  const keys = await Promise.all(
    files.map(async (file) => {
      const found = readPublicKeys(await readFile(resolve(folder, file), 'latin1'));
      if (found === undefined) throw new UsageMistake(`${file} holds neither certificate nor public key of RSA or ECDSA.`);
      return found;
    }),
  );
  return keys.flat();
}

/** From a file, or from the web into a folder that is gone afterwards. */
async function load(from: string, rules: MetadataRules, io: Io): Promise<MetadataDocument> {
  if (!/^https?:\/\//i.test(from)) return loadMetadata(resolve(io.workingDirectory, from), limit, rules, io.signal);
  if (!URL.canParse(from)) throw new UsageMistake(`${from} is no URL.`);
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-metadata-'));
  try {
    const copies = createMetadataCopies({ folder, most: 1, clock: io.clock, random: io.random });
    let file: string | undefined;
    const isSigned = rules.keys.length > 0;
    io.doing(`fetching ${from}`);
    const answer = await fetchMetadata(
      { url: from, validators: undefined, limit, timeout, isSigned, signal: io.signal },
      async (body) => {
        ({ file } = await copies.receive(from, body));
      },
    );
    if (file === undefined) throw new MetadataMistake(`there is nothing (${answer.kind}).`);
    io.doing('reading what came');
    return await loadMetadata(file, limit, rules, io.signal);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const short = (binding: string): string => binding.replace(/^.*:/, '');
const describeKey = (key: KeyObject): string => {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  const kind = `${key.asymmetricKeyType ?? ''} ${String(modulusLength ?? namedCurve ?? '')}`;
  return `${kind}, SHA-256 ${hash('sha256', key.export({ type: 'spki', format: 'der' }), 'hex')}`;
};

function describe(serviceProvider: ServiceProvider): string {
  const { assertionConsumerServices, singleLogoutServices, signingKeys, encryptionKeys, attributeConsumingServices } =
    serviceProvider;
  const rows = [
    ...assertionConsumerServices.map(
      ({ binding, location, isDefault }) =>
        ['answered at', `${short(binding)} ${location}${isDefault ? ', by default' : ''}`] as const,
    ),
    ...singleLogoutServices.map(({ binding, location }) => ['signed out at', `${short(binding)} ${location}`] as const),
    ...signingKeys.map((key) => ['signs by', describeKey(key)] as const),
    ...encryptionKeys.map(({ key }) => ['encrypted to', describeKey(key)] as const),
    ...(serviceProvider.authnRequestsSigned ? [['requests', 'must be signed'] as const] : []),
    ...(serviceProvider.wantAssertionsSigned ? [['assertions', 'must be signed'] as const] : []),
    ...serviceProvider.nameIDFormats.map((format) => ['known by', short(format)] as const),
    ...attributeConsumingServices.flatMap(({ index, requestedAttributes }) =>
      requestedAttributes.map(
        ({ name, isRequired }) => ['asks for', `${name}${isRequired ? ', required' : ''} (index ${String(index)})`] as const,
      ),
    ),
    ...serviceProvider.entityAttributes.flatMap(({ name, values }) =>
      values.map((value) => ['has', `${name} ${value}`] as const),
    ),
    ...serviceProvider.affiliations.map((affiliation) => ['belongs to', affiliation] as const),
  ];
  return `${plain(serviceProvider.entityID)}\n${rows.map(([name, value]) => `  ${name.padEnd(13)}  ${plain(value)}\n`).join('')}`;
}

function tell(document: MetadataDocument, wanted: string | undefined, rules: MetadataRules, io: Io): boolean {
  const { entities, others, mistakes, validUntil } = document.index;
  const until = validUntil === undefined ? '' : `, valid until ${new Date(validUntil).toISOString()}`;
  io.stdout(`service providers: ${String(entities.length)}, others: ${String(others)}${until}\n`);
  const chosen = wanted === undefined ? entities.map(({ entityID }) => entityID) : [wanted];
  let isRight = mistakes.length === 0;
  for (const entityID of chosen.slice(0, mostTold)) {
    const found = document.find(entityID, rules);
    if (found === undefined) {
      io.stderr(`${entityID} is not there.\n`);
      isRight = false;
    } else io.stdout(describe(found));
  }
  if (chosen.length > mostTold) io.stdout(`and ${String(chosen.length - mostTold)} more; --entity shows one of them\n`);
  for (const { entityID, sentence, line } of mistakes) {
    io.stderr(plain(`Line ${String(line)}: ${sentence}${entityID === undefined ? '' : ` (${entityID})`}`) + '\n');
  }
  return isRight;
}

export const command: Command = {
  name: 'metadata check',
  summary: 'show what is understood of a service provider’s metadata, and what is wrong with them',
  usage: `Usage: passerelle metadata check FILE-OR-URL [--key FILE] [--entity ENTITY-ID]

  --key FILE          a certificate or public key (PEM) that must have signed them; may be given several times
  --entity ENTITY-ID  show this one alone

Tells the element and the line of each mistake, and exits with 1 where there is one. No configuration is needed.

Example: passerelle metadata check wiki-metadata.xml`,
  async run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      { key: { type: 'string', multiple: true }, entity: { type: 'string' } },
      ['FILE-OR-URL'],
    );
    const [from = ''] = positionals;
    const keys = await readKeys(values.key ?? [], io.workingDirectory);
    const rules = { keys, requireValidUntil: false, validAtMost: undefined, now: io.clock.now(), clockSkew };
    try {
      return tell(await load(from, rules, io), values.entity, rules, io) ? 0 : 1;
    } catch (cause) {
      if (!(cause instanceof MetadataMistake)) throw cause;
      io.stderr(`${from}: ${plain(cause.message)}\n`);
      return 1;
    }
  },
};

/** Looks at the configured service providers and their metadata. */
import { type X509Certificate } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { algorithmUri } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import type { MetadataIndex } from '../saml/index-metadata.ts';
import { MetadataMistake } from '../saml/metadata-mistake.ts';
import { RegistryMistake, type Registry, type RegisteredServiceProvider } from '../service-providers/registry.ts';
import { tell, type Finding, type Probe } from './check.ts';
import type { CheckId } from './checks.ts';
import { judgeAlgorithms, judgeCertificates, judgeEndpoints, judgeSigning } from './judge-service-providers.ts';
import { metadataCertificates } from './metadata-certificates.ts';
import { sourceProbes } from './metadata-sources.ts';
import type { World } from './world.ts';

const ids = [
  'service-providers.known',
  'service-providers.endpoints',
  'service-providers.algorithms',
  'service-providers.signing',
] as const satisfies readonly CheckId[];
const mostFiles = 200;

/** Why nobody can sign in there; undefined where it can. */
async function lookFor(registry: Registry, entityID: string): Promise<string | undefined> {
  try {
    return (await registry.byEntityID(entityID)).length > 0 ? undefined : 'it is in none of the sources';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.reason}: ${String(error.detail.why ?? error.row.hint).replace(/\.$/, '')}`;
  }
}

async function lookAtAll({ configuration, patient }: World): Promise<readonly Finding[]> {
  const known = tell('service-providers.known');
  if (configuration.serviceProviders.length === 0 && configuration.metadata.length === 0)
    return [
      known.warning('there is no service provider, so that nobody has where to sign in'),
      ...ids.slice(1).map((id) => tell(id).skipped('there is no service provider')),
    ];
  let registry: Registry;
  try {
    registry = await patient.registry();
  } catch (error) {
    if (!(error instanceof RegistryMistake)) throw error;
    return [
      known.problem(error.message.replace(/\.$/, '')),
      ...ids.slice(1).map((id) => tell(id).skipped('the service providers are not known')),
    ];
  }
  const named = configuration.serviceProviders.flatMap((one) =>
    one.kind === 'metadata' && one.file === undefined ? [one.entityId ?? ''] : [],
  );
  const troubles = await Promise.all(named.map(async (entityID) => ({ entityID, trouble: await lookFor(registry, entityID) })));
  const missing = troubles.flatMap(({ entityID, trouble }) =>
    trouble === undefined ? [] : [tell('service-providers.known', entityID.slice(0, 200)).problem(trouble)],
  );
  const all: readonly RegisteredServiceProvider[] = registry.list;
  const { forbidden, allowed } = configuration.algorithms;
  const uris = (names: readonly string[]): readonly string[] => names.map((name) => algorithmUri(name) ?? name);
  return [
    ...(missing.length > 0 ? missing : [known.ok(`${String(all.length)} service providers can be signed in to`)]),
    ...judgeEndpoints(all),
    ...judgeAlgorithms(all, uris(forbidden), uris(allowed)),
    ...judgeSigning(all),
  ];
}

/** The service providers of a file that nobody can sign in to: one finding, however many they are. */
function judgeLeftOut(file: string, leftOut: MetadataIndex['mistakes']): readonly Finding[] {
  const [first] = leftOut;
  if (first === undefined) return [];
  const words = `${String(leftOut.length)} of its service providers cannot be used, such as ${first.entityID?.slice(0, 200) ?? 'one without an ID'}: ${first.sentence.replace(/\.$/, '')}`;
  return [tell('service-providers.known', file).warning(words)];
}

/** Of files, whose owner is near; what comes from the web is its publisher's to watch. */
async function lookAtCertificates({ configuration, clock }: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const wanted = new Set(configuration.serviceProviders.flatMap((one) => (one.kind === 'metadata' ? [one.entityId ?? ''] : [])));
  const files: (readonly [file: string, wanted: ReadonlySet<string> | undefined])[] = configuration.serviceProviders.flatMap(
    (one) =>
      one.kind === 'metadata' && one.file !== undefined
        ? [[one.file, one.entityId === undefined ? undefined : wanted] as const]
        : [],
  );
  for (const source of configuration.metadata) {
    const those = source.admit === 'all' ? undefined : wanted;
    if (source.kind === 'file') files.push([source.file, those]);
    if (source.kind === 'folder') {
      const names = (await readdir(source.folder)).filter((name) => name.endsWith('.xml')).slice(0, mostFiles);
      files.push(...names.map((name) => [join(source.folder, name), those] as const));
    }
  }
  const rules = {
    keys: [],
    requireValidUntil: false,
    validAtMost: undefined,
    now: clock.now(),
    clockSkew: configuration.clockSkew,
  };
  const found = new Map<string, readonly X509Certificate[]>();
  const left: Finding[] = [];
  for (const [file, those] of files) {
    try {
      const { certificates, leftOut } = await metadataCertificates(file, those, rules, signal);
      for (const [entityID, its] of certificates) found.set(entityID, its);
      left.push(...judgeLeftOut(file, leftOut));
    } catch (error) {
      // Whether it can be used is another check's.
      if (!(error instanceof MetadataMistake)) throw error;
    }
  }
  return [...judgeCertificates(found, clock.now()), ...left];
}

export const serviceProviderProbes = (world: World): readonly Probe[] => [
  { ids, limit: 60_000, run: () => lookAtAll(world) },
  {
    ids: ['service-providers.certificates', 'service-providers.known'],
    limit: 60_000,
    run: (signal) => lookAtCertificates(world, signal),
  },
  ...sourceProbes(world),
];

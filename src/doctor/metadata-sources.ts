/** Looks at the sources of metadata on the web: whether they answer, and what the running house has of them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { MetadataSourceConfig } from '../config/metadata-schema.ts';
import { publishedUrls } from '../config/published-urls.ts';
import { readPublicKeys } from '../config/public-keys.ts';
import { MetadataMistake } from '../saml/metadata-mistake.ts';
import type { MetadataRules } from '../saml/index-metadata.ts';
import { createMetadataCopies, type MetadataCopy } from '../service-providers/metadata/copies.ts';
import { fetchMetadata } from '../service-providers/metadata/fetch.ts';
import { loadMetadata } from '../service-providers/metadata/load.ts';
import { metadataQueryUrl } from '../service-providers/metadata/query-url.ts';
import { rulesOf } from '../service-providers/metadata/source.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { dateOf } from './judge-certificate.ts';
import type { World } from './world.ts';

type FromUrl = Extract<MetadataSourceConfig, { kind: 'url' }>;
type FromQuery = Extract<MetadataSourceConfig, { kind: 'query' }>;

const day = 24 * 3_600_000;
const megabyte = 1_000_000;

const words = (error: unknown): string => (error instanceof Error ? error.message : 'unknown').replace(/\.$/, '');

function rulesFor(source: MetadataSourceConfig, { clock, configuration, read }: World): MetadataRules {
  const keys = source.keyFiles.flatMap((file) => readPublicKeys(read(file)) ?? []);
  return rulesOf(source, keys, { clock, clockSkew: configuration.clockSkew });
}

/** Fetches it into a folder that is gone afterwards. @throws MetadataMistake */
async function fetchWhole(
  url: string,
  source: FromUrl | FromQuery,
  world: World,
  signal: AbortSignal,
): Promise<'missing' | { readonly entities: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-doctor-'));
  try {
    const copies = createMetadataCopies({ folder, most: 1, clock: world.clock, random: world.random });
    const limit = source.megabytes * megabyte;
    const rules = rulesFor(source, world);
    let file: string | undefined;
    const answer = await fetchMetadata(
      { url, validators: undefined, limit, timeout: source.timeout, isSigned: rules.keys.length > 0, signal },
      async (body) => {
        ({ file } = await copies.receive(url, body));
      },
    );
    if (answer.kind === 'missing' || file === undefined) return 'missing';
    return { entities: (await loadMetadata(file, limit, rules, signal)).index.entities.length };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param validUntil of the document, and `confirmedAt` of the copy: milliseconds since the epoch */
export function judgeAge(
  name: string,
  copy: { readonly confirmedAt: number; readonly validUntil: number | undefined },
  { refresh, now }: { readonly refresh: number; readonly now: number },
): Finding {
  const check = tell('service-providers.age', name);
  const { confirmedAt, validUntil } = copy;
  const until = validUntil === undefined ? '' : `, valid until ${dateOf(validUntil)}`;
  if (validUntil !== undefined && validUntil <= now) return check.problem(`the copy was valid until ${dateOf(validUntil)} only`);
  const age = now - confirmedAt;
  const found = `the copy was confirmed ${Number.isFinite(age) ? `${(age / 3_600_000).toFixed(1)} hours ago` : 'nobody knows when'}${until}`;
  const isOld = age > day + 3 * refresh;
  const endsSoon = validUntil !== undefined && validUntil - now < 2 * day;
  return isOld || endsSoon ? check.warning(found) : check.ok(found);
}

async function lookAtCopy(source: FromUrl, copy: MetadataCopy, world: World, signal: AbortSignal): Promise<Finding> {
  try {
    const { index } = await loadMetadata(copy.file, source.megabytes * megabyte, rulesFor(source, world), signal);
    return judgeAge(
      source.url,
      { confirmedAt: copy.confirmedAt, validUntil: index.validUntil },
      { refresh: source.refresh, now: world.clock.now() },
    );
  } catch (error) {
    if (!(error instanceof MetadataMistake)) throw error;
    return tell('service-providers.age', source.url).problem(`the copy cannot be used: ${words(error)}`);
  }
}

async function lookAtUrl(source: FromUrl, world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const { configuration, clock, random } = world;
  const check = tell('service-providers.sources', source.url);
  const folder = join(configuration.store.folder ?? dirname(configuration.store.file), 'metadata');
  const copy = await createMetadataCopies({ folder, most: Infinity, clock, random }).read(source.url);
  let answered: Finding;
  try {
    const found = await fetchWhole(source.url, source, world, signal);
    answered =
      found === 'missing'
        ? check.problem('it answers that there is no such document')
        : check.ok(`it answers with ${String(found.entities)} service providers`);
  } catch (error) {
    if (!(error instanceof MetadataMistake)) throw error;
    answered =
      copy === undefined ? check.problem(words(error)) : check.warning(`${words(error)}; the last copy serves meanwhile`);
  }
  const age = tell('service-providers.age', source.url);
  return [
    answered,
    copy === undefined ? age.skipped('the running Passerelle has no copy yet') : await lookAtCopy(source, copy, world, signal),
  ];
}

/** Each responder is asked about ourselves, whom it need not know. */
async function lookAtResponders(source: FromQuery, world: World, signal: AbortSignal): Promise<readonly Finding[]> {
  const { entityID } = publishedUrls(world.configuration);
  return Promise.all(
    source.urls.map(async (base) => {
      const check = tell('service-providers.sources', base);
      try {
        await fetchWhole(metadataQueryUrl(base, entityID) ?? base, source, world, signal);
        return check.ok('it answers');
      } catch (error) {
        if (!(error instanceof MetadataMistake)) throw error;
        return check.problem(words(error));
      }
    }),
  );
}

export function sourceProbes(world: World): readonly Probe[] {
  const ids = ['service-providers.sources', 'service-providers.age'] as const;
  const probes = world.configuration.metadata.flatMap((source): readonly Probe[] => {
    if (source.kind === 'url')
      return [{ ids, subject: source.url, limit: source.timeout + 60_000, run: (signal) => lookAtUrl(source, world, signal) }];
    if (source.kind === 'query')
      return [
        {
          ids: ['service-providers.sources'],
          limit: source.timeout + 15_000,
          run: (signal) => lookAtResponders(source, world, signal),
        },
      ];
    return [];
  });
  if (probes.length > 0) return probes;
  return [{ ids, run: () => Promise.resolve(ids.map((id) => tell(id).skipped('no metadata come from the web'))) }];
}

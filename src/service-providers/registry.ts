/** All service providers that may ask us to sign people in. */
import { isDeepStrictEqual } from 'node:util';
import { unlistedServiceProvider } from '../config/service-provider-schema.ts';
import type { ServiceProviderConfig } from '../config/schema.ts';
import { Refusal } from '../refusal.ts';
import { MetadataMistake } from '../saml/metadata-mistake.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import { fromMetadata, type FromMetadata } from './from-metadata.ts';
import { googleLegacy } from './google-legacy.ts';
import { googleProfile } from './google-profile.ts';
import { googleWorkforce } from './google-workforce.ts';
import type { MetadataAge } from './metadata/age.ts';
import { MetadataEntry } from './metadata/entry.ts';
import { MetadataUnavailable, type MetadataSource } from './metadata/source.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';
import { quietly, stillWorld, type MetadataWorld } from './metadata/world.ts';

export type { RegisteredServiceProvider };

/** Where the settings of a service provider and its metadata stand. */
export interface Origin {
  /** Such as `serviceProviders.0`; undefined where it has no entry of its own. */
  readonly settings: string | undefined;
  /** The file or URL of its metadata; undefined where the settings say it all. */
  readonly source: string | undefined;
  /** When they were read, fetched, or found to be unchanged, in milliseconds since the epoch. */
  readonly takenAt?: number | undefined;
  readonly validUntil?: number | undefined;
}

export interface Registry {
  /** Those of the configuration whose metadata are at hand now, in its order. */
  readonly list: readonly RegisteredServiceProvider[];
  /**
   * Those of that entity ID, compared as an exact string; several share one where their ACS tells them apart. Each is the same
   * value until something about it changes. Rejects with the Refusals metadata-unusable and metadata-unavailable.
   */
  readonly byEntityID: (entityID: string) => Promise<readonly RegisteredServiceProvider[]>;
  /** What decides about one that it gave. */
  readonly originOf: (serviceProvider: RegisteredServiceProvider) => Origin;
  /** How old the metadata of each file and source are, in the order of the configuration. Cheap. */
  ages(): readonly (MetadataAge & { readonly source: string })[];
  /** Looks for changes where it is time to; resolves once they are in use. Does not reject. */
  readonly refresh: () => Promise<void>;
}

export interface RegistryParts {
  /** The text of a metadata file. */
  read(file: string): string;
  /** Milliseconds since the epoch, for the validity of metadata. */
  readonly now: number;
  /** What goes on with time; without it everything stays as it is at `now`. */
  readonly live?: { readonly sources: readonly MetadataSource[]; readonly world: MetadataWorld };
}

/** What is wrong with the configured service providers, in words for the administrator. */
export class RegistryMistake extends Error {
  override readonly name = 'RegistryMistake';
}

/** Either known for good, or by a file, or to be looked for in the sources. */
type Entry = readonly RegisteredServiceProvider[] | MetadataEntry | FromMetadata;

function enter(
  config: ServiceProviderConfig,
  parts: RegistryParts,
  world: MetadataWorld,
  isTaken: (entityID: string, by: MetadataEntry) => boolean,
): Entry {
  switch (config.kind) {
    case 'google-profile':
      return [googleProfile(config)];
    case 'google-legacy':
      return googleLegacy(config);
    case 'google-workforce':
      return [googleWorkforce(config)];
    case 'metadata':
      return config.file === undefined ? config : new MetadataEntry(config, config.file, parts.read(config.file), world, isTaken);
  }
}

function verifyDistinct(list: readonly RegisteredServiceProvider[]): void {
  const seen = new Set<string>();
  for (const { entityID, assertionConsumerServices } of list) {
    for (const { location } of assertionConsumerServices) {
      const pair = JSON.stringify([entityID, location]);
      // The endpoints of one service provider may repeat a location under another binding.
      if (seen.has(pair)) throw new RegistryMistake(`serviceProviders: ${entityID} with the ACS ${location} stands here twice`);
    }
    for (const { location } of assertionConsumerServices) seen.add(JSON.stringify([entityID, location]));
  }
}

const unusable = (entityID: string, source: string, { sentence, element, line }: MetadataMistake): Refusal =>
  new Refusal('metadata-unusable', { entityID: entityID.slice(0, 256), source, element, line, why: sentence });

/**
 * Registers every configured service provider, reading metadata files once.
 * @throws RegistryMistake where a file is unreadable, its metadata unusable, or a service provider configured twice
 */
export function createRegistry(configured: readonly ServiceProviderConfig[], parts: RegistryParts): Registry {
  const { sources } = parts.live ?? { sources: [] };
  const world = quietly(parts.live?.world ?? stillWorld(parts.now));
  const entries = configured.map((config, index) => {
    try {
      return enter(config, parts, world, isTaken);
    } catch (cause) {
      const where = config.kind === 'metadata' ? ` (${config.file ?? ''})` : '';
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new RegistryMistake(`serviceProviders.${String(index)}${where}: ${what}`, { cause });
    }
  });
  const fixed = Map.groupBy(
    entries.flatMap((entry) => (entry instanceof Array ? entry : [])),
    ({ entityID }) => entityID,
  );
  const files = entries.filter((entry) => entry instanceof MetadataEntry);
  const named = new Map<string, FromMetadata>();
  for (const entry of entries) {
    if (!(entry instanceof Array || entry instanceof MetadataEntry) && entry.entityId !== undefined)
      named.set(entry.entityId, entry);
  }

  /** Whoever writes the file of one entry must not speak for another: for Google, say. */
  function isTaken(entityID: string, by: MetadataEntry): boolean {
    return fixed.has(entityID) || named.has(entityID) || files.some((file) => file !== by && file.entityID === entityID);
  }
  for (const [index, entry] of entries.entries()) {
    if (!(entry instanceof MetadataEntry) || !isTaken(entry.entityID ?? '', entry)) continue;
    const file = `serviceProviders.${String(index)} (${entry.config.file ?? ''})`;
    throw new RegistryMistake(`${file}: its entity ID, ${(entry.entityID ?? '').slice(0, 256)}, is the one of another entry`);
  }

  const origins = new WeakMap<RegisteredServiceProvider, { readonly config: ServiceProviderConfig; readonly source?: string }>();
  for (const [index, entry] of entries.entries()) {
    const config = configured[index];
    if (config !== undefined && entry instanceof Array) for (const each of entry) origins.set(each, { config });
  }

  function originOf(serviceProvider: RegisteredServiceProvider): Origin {
    const { config, source } = origins.get(serviceProvider) ?? {};
    const index = configured.findIndex((each) => each === config);
    const settings = index < 0 ? undefined : `serviceProviders.${String(index)}`;
    const holder = source === undefined ? undefined : [...files, ...sources].find(({ name }) => name === source);
    return { settings, source, ...holder?.stateOf(serviceProvider.entityID) };
  }

  /** One value for as long as the metadata stay the same. */
  const registered = new WeakMap<FromMetadata, WeakMap<ServiceProvider, RegisteredServiceProvider>>();
  function register(config: FromMetadata, found: ServiceProvider, origin: string): RegisteredServiceProvider {
    const known = registered.get(config) ?? new WeakMap<ServiceProvider, RegisteredServiceProvider>();
    registered.set(config, known);
    const affiliations = found.affiliations.filter((id) => isAffiliationOf(id, origin));
    const before = known.get(found);
    if (before !== undefined && isDeepStrictEqual(before.affiliations, affiliations)) return before;
    const made = fromMetadata(config, { ...found, affiliations });
    known.set(found, made);
    origins.set(made, { config, source: origin });
    return made;
  }

  /**
   * Members of an affiliation share its persistent names, so it is what the first that knows it says, and never what a service
   * provider is called.
   */
  function isAffiliationOf(id: string, origin: string): boolean {
    if (fixed.has(id) || named.has(id) || files.some((entry) => entry.entityID === id)) return false;
    const known = [
      ...files.map(({ held, name }) => ({ name, kind: held.kindOf(id) })),
      ...sources.map((source) => ({ name: source.name, kind: source.kindOf(id) })),
    ];
    const isCalledSo = known.slice(files.length).some(({ kind }) => kind === 'service provider');
    return !isCalledSo && known.find(({ kind }) => kind === 'affiliation')?.name === origin;
  }

  function listNow(): readonly RegisteredServiceProvider[] {
    return entries.flatMap((entry): readonly RegisteredServiceProvider[] => {
      if (entry instanceof Array) return entry;
      if (entry instanceof MetadataEntry) {
        const found = entry.held.peek(entry.entityID ?? '');
        return found === undefined ? [] : [register(entry.config, found, entry.name)];
      }
      const { entityId = '' } = entry;
      const source = sources.find((each) => each.kindOf(entityId) === 'service provider');
      const found = source?.peek(entityId);
      return source === undefined || found === undefined ? [] : [register(entry, found, source.name)];
    });
  }

  function inFiles(entityID: string): readonly RegisteredServiceProvider[] {
    return files.flatMap((entry) => {
      if (entry.entityID !== entityID) return [];
      try {
        const found = entry.held.find(entityID);
        return found === undefined ? [] : [register(entry.config, found, entry.name)];
      } catch (cause) {
        throw cause instanceof MetadataMistake ? unusable(entityID, entry.name, cause) : cause;
      }
    });
  }

  async function inSources(entityID: string): Promise<readonly RegisteredServiceProvider[]> {
    const config = named.get(entityID);
    let trouble: Refusal | undefined;
    for (const source of sources) {
      if (config === undefined && !source.admitsAll) continue;
      try {
        const found = await source.find(entityID);
        if (found !== undefined) return [register(config ?? unlistedServiceProvider, found, source.name)];
      } catch (cause) {
        // A later source must not speak for whom an earlier one knows, whatever is wrong there.
        if (cause instanceof MetadataMistake) throw unusable(entityID, source.name, cause);
        if (cause instanceof MetadataUnavailable) {
          trouble ??= new Refusal('metadata-unavailable', {
            entityID: entityID.slice(0, 256),
            source: source.name,
            why: cause.message,
          });
        } else throw cause;
      }
    }
    if (trouble !== undefined) throw trouble;
    return [];
  }

  const dueAt = (): number =>
    Math.min(...files.map(({ timetable }) => timetable.dueAt), ...sources.map((source) => source.dueAt));
  const refreshing = new Map<MetadataEntry | MetadataSource, Promise<void>>();
  /** One that takes long does not keep the others waiting. */
  function refreshOne(each: MetadataEntry | MetadataSource): Promise<void> {
    const running =
      refreshing.get(each) ??
      each
        .refresh()
        .catch((cause: unknown) => {
          world.report.failed(each.name, cause);
        })
        .finally(() => refreshing.delete(each));
    refreshing.set(each, running);
    return running;
  }
  async function refresh(): Promise<void> {
    await Promise.all([...files, ...sources].map(refreshOne));
  }

  verifyDistinct(listNow());
  return {
    get list() {
      return listNow();
    },
    async byEntityID(entityID) {
      if (parts.live !== undefined && world.clock.now() >= dueAt()) void refresh();
      const known = [...(fixed.get(entityID) ?? []), ...inFiles(entityID)];
      return known.length > 0 ? known : inSources(entityID);
    },
    originOf,
    ages: () =>
      [...files, ...sources].flatMap((each) => {
        const { age } = each;
        return age === undefined ? [] : [{ source: each.name, ...age }];
      }),
    refresh,
  };
}

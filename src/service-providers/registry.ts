/** All service providers that may ask us to sign people in. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { fromMetadata } from './from-metadata.ts';
import { googleLegacy } from './google-legacy.ts';
import { googleProfile } from './google-profile.ts';
import { googleWorkforce } from './google-workforce.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

export type { RegisteredServiceProvider };

export interface Registry {
  /** In the order of the configuration. */
  readonly list: readonly RegisteredServiceProvider[];
  /** Those of that entity ID, compared as an exact string; several share one where their ACS tells them apart. */
  readonly byEntityID: (entityID: string) => Promise<readonly RegisteredServiceProvider[]>;
}

export interface RegistryParts {
  /** The text of a metadata file. */
  read(file: string): string;
  /** Milliseconds since the epoch, for the validity of metadata. */
  readonly now: number;
}

/** What is wrong with the configured service providers, in words for the administrator. */
export class RegistryMistake extends Error {
  override readonly name = 'RegistryMistake';
}

function register(config: ServiceProviderConfig, parts: RegistryParts): readonly RegisteredServiceProvider[] {
  switch (config.kind) {
    case 'google-profile':
      return [googleProfile(config)];
    case 'google-legacy':
      return googleLegacy(config);
    case 'google-workforce':
      return [googleWorkforce(config)];
    case 'metadata':
      return [fromMetadata(config, parts.read(config.file), parts.now)];
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

/**
 * Registers every configured service provider, reading metadata files once.
 * @throws RegistryMistake where a file is unreadable, its metadata unusable, or a service provider configured twice
 */
export function createRegistry(configured: readonly ServiceProviderConfig[], parts: RegistryParts): Registry {
  const list = configured.flatMap((config, index) => {
    try {
      return register(config, parts);
    } catch (cause) {
      const where = config.kind === 'metadata' ? ` (${config.file})` : '';
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new RegistryMistake(`serviceProviders.${String(index)}${where}: ${what}`, { cause });
    }
  });
  for (const { entityID, groupsAttribute, attributes } of list) {
    if (groupsAttribute !== undefined && Object.hasOwn(attributes, groupsAttribute)) {
      throw new RegistryMistake(`serviceProviders: ${entityID} is given ${groupsAttribute} twice, by groups and by attributes`);
    }
  }
  verifyDistinct(list);
  const byEntityID = Map.groupBy(list, (serviceProvider) => serviceProvider.entityID);
  return { list, byEntityID: (entityID) => Promise.resolve(byEntityID.get(entityID) ?? []) };
}

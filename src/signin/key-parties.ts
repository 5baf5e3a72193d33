/** Who must know a key of ours before it signs: every service provider of the configuration, and federations whose members are let in. */
import type { Configuration } from '../config/read-configuration.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';

export interface Party {
  /** An entity ID; of a federation, where its metadata are. */
  readonly id: string;
  readonly name: string;
  /** How it comes to know our keys: it fetches our metadata by a URL of its own; or by hand at Google; or by hand at a federation. */
  readonly kind: 'metadata' | 'google' | 'federation';
  /** Undefined where its metadata are not at hand, and for a federation. */
  readonly serviceProvider?: RegisteredServiceProvider | undefined;
  /** The key that its settings name. */
  readonly keyNamed?: string | undefined;
}

type Source = Configuration['metadata'][number];

const sourceOf = (source: Source): string =>
  source.kind === 'file'
    ? source.file
    : source.kind === 'folder'
      ? source.folder
      : source.kind === 'url'
        ? source.url
        : (source.urls[0] ?? '');

const partyOf = (serviceProvider: RegisteredServiceProvider): Party => ({
  id: serviceProvider.entityID,
  name: serviceProvider.name,
  kind: serviceProvider.kind === 'metadata' ? 'metadata' : 'google',
  serviceProvider,
  keyNamed: serviceProvider.protection?.signature.key,
});

/** @param list the registry's, as far as metadata are at hand. Each party once, in the order of the configuration. */
export function keyParties(
  config: Pick<Configuration, 'metadata' | 'serviceProviders'>,
  list: readonly RegisteredServiceProvider[],
): readonly Party[] {
  const parties = new Map<string, Party>();
  // One profile of Google is one place where a certificate is uploaded, however many names it has: the one with the domain stands for it.
  const listed = list.filter(({ kind, entityID }) => kind !== 'google-legacy' || entityID !== 'google.com');
  for (const serviceProvider of listed) {
    if (!parties.has(serviceProvider.entityID)) parties.set(serviceProvider.entityID, partyOf(serviceProvider));
  }
  for (const one of config.serviceProviders) {
    if (one.kind !== 'metadata' || one.entityId === undefined || parties.has(one.entityId)) continue;
    const { entityId: id, name = id, signature } = one;
    parties.set(id, { id, name, kind: 'metadata', keyNamed: signature.key });
  }
  for (const source of config.metadata.filter(({ admit }) => admit === 'all')) {
    const id = sourceOf(source);
    parties.set(id, { id, name: 'others that are let in by this source', kind: 'federation' });
  }
  return [...parties.values()];
}

/** Opens the registry of a house: service providers, their sources of metadata, and the regular look for what has changed. */
import type { Configuration } from '../config/read-configuration.ts';
import { Refusal } from '../refusal.ts';
import { createMetadataSources, createMetadataWorld, type MetadataParts } from './metadata/open-sources.ts';
import { createRegistry, type Registry } from './registry.ts';

export interface OpenRegistry {
  readonly registry: Registry;
  /** Stops looking for changes; who is asked for is still found. */
  readonly rest: () => void;
  /** Nobody is asked any more, either. */
  readonly close: () => void;
}

const lookEvery = 5_000;

/** Why it is not found; undefined where it is. */
async function lookFor(registry: Registry, entityID: string): Promise<string | undefined> {
  try {
    return (await registry.byEntityID(entityID)).length > 0 ? undefined : 'it is in none of the sources';
  } catch (cause) {
    if (cause instanceof Refusal) return cause.reason;
    throw cause;
  }
}

/**
 * Resolves once every source had its say, or its time is over; soon where `signal` is aborted, and then it is to be closed.
 * @throws RegistryMistake, and Error where a file of keys holds none
 */
export async function openRegistry(
  config: Pick<Configuration, 'metadata' | 'serviceProviders' | 'clockSkew' | 'store'> &
    Partial<Pick<Configuration, 'algorithms'>>,
  parts: Omit<MetadataParts, 'signal'> & { readonly signal?: AbortSignal | undefined },
): Promise<OpenRegistry> {
  const { audit, clock, read } = parts;
  const stopping = new AbortController();
  const signal = parts.signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, parts.signal]);
  const world = createMetadataWorld(config, { ...parts, signal });
  const sources = createMetadataSources(config, world, read);
  const registry = createRegistry(config.serviceProviders, { read, now: clock.now(), live: { sources, world } });
  await Promise.all(
    sources.map((source) =>
      source.open().catch((cause: unknown) => {
        world.report.failed(source.name, cause);
      }),
    ),
  );
  const found = new Set(registry.list.map(({ entityID }) => entityID));
  const missing = [...world.named].filter((entityID) => !found.has(entityID));
  await Promise.all(
    missing.map(async (entityID) => {
      const trouble = await lookFor(registry, entityID);
      if (trouble !== undefined)
        audit.note('warn', 'a configured service provider has no usable metadata', { entityID, trouble });
    }),
  );
  const timer = setInterval(() => void registry.refresh(), lookEvery);
  timer.unref();
  const rest = (): void => {
    clearInterval(timer);
  };
  return {
    registry,
    rest,
    close() {
      rest();
      stopping.abort();
    },
  };
}

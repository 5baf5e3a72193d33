/** The sources of metadata that a configuration names. */
import { dirname, join } from 'node:path';
import type { Audit } from '../../audit/audit.ts';
import type { Clock, Random } from '../../clock.ts';
import { algorithmUri } from '../../config/algorithm-names.ts';
import { readPublicKeys } from '../../config/public-keys.ts';
import type { Configuration } from '../../config/read-configuration.ts';
import { createMetadataCopies } from './copies.ts';
import { createMetadataFromDisk } from './from-disk.ts';
import { createMetadataFromQuery } from './from-query.ts';
import { createMetadataFromUrl } from './from-url.ts';
import { createMetadataReport } from './report.ts';
import type { MetadataSource } from './source.ts';
import { quietly, type MetadataRole, type MetadataWorld } from './world.ts';

/** Copies, beyond which those that were written longest ago go. */
const mostStrangers = 2_000;

export interface MetadataParts {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
  /** The text of a file of keys. */
  readonly read: (file: string) => string;
  readonly signal: AbortSignal;
  /** `alone` where left out. */
  readonly role?: MetadataRole;
}

type Configured = Pick<Configuration, 'metadata' | 'serviceProviders' | 'clockSkew' | 'store'> &
  Partial<Pick<Configuration, 'algorithms'>>;

/** What all sources of a house share. */
export function createMetadataWorld(
  config: Configured,
  { audit, clock, random, signal, role = 'alone' }: MetadataParts,
): MetadataWorld {
  const folder = join(config.store.folder ?? dirname(config.store.file), 'metadata');
  return {
    clock,
    random,
    clockSkew: config.clockSkew,
    forbidden: (config.algorithms?.forbidden ?? []).map((name) => algorithmUri(name) ?? name),
    report: createMetadataReport({ audit, random }),
    copies: createMetadataCopies({ folder, most: Infinity, clock, random }),
    strangers: createMetadataCopies({ folder: join(folder, 'asked'), most: mostStrangers, clock, random }),
    named: new Set(
      config.serviceProviders.flatMap((each) =>
        each.kind === 'metadata' && each.file === undefined && each.entityId !== undefined ? [each.entityId] : [],
      ),
    ),
    role,
    signal,
  };
}

/** In the order of the configuration; none is open yet. @throws Error where a file of keys holds none */
export function createMetadataSources(
  config: Configured,
  world: MetadataWorld,
  read: MetadataParts['read'],
): readonly MetadataSource[] {
  return config.metadata.map((source) => {
    const keys = source.keyFiles.flatMap((file) => {
      const found = readPublicKeys(read(file));
      if (found === undefined) throw new Error(`${file} holds no usable key`);
      return found;
    });
    switch (source.kind) {
      case 'file':
      case 'folder':
        return createMetadataFromDisk(source, keys, quietly(world));
      case 'url':
        return createMetadataFromUrl(source, keys, world);
      case 'query':
        return createMetadataFromQuery(source, keys, world);
    }
  });
}

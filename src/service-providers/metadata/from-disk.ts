/** Sources of metadata on this machine: a file, or a folder of files. */
import type { KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetadataSourceConfig } from '../../config/metadata-schema.ts';
import { ageOf } from './age.ts';
import { findIn, type HeldMetadata } from './held.ts';
import { asMistake, MetadataFile } from './file.ts';
import { rulesOf, type MetadataSource } from './source.ts';
import type { MetadataWorld } from './world.ts';
import { MetadataTimetable } from './timetable.ts';

type FromDisk = Extract<MetadataSourceConfig, { kind: 'file' | 'folder' }>;

const mostFiles = 10_000;

export function createMetadataFromDisk(config: FromDisk, keys: readonly KeyObject[], world: MetadataWorld): MetadataSource {
  const name = config.kind === 'file' ? config.file : config.folder;
  const timetable = new MetadataTimetable(config.refresh, world);
  const options = { limit: config.megabytes * 1_000_000, rules: () => rulesOf(config, keys, world) };
  const files = new Map<string, MetadataFile>();
  if (config.kind === 'file') files.set(name, new MetadataFile(name, options, world));
  const held = (): readonly HeldMetadata[] => [...files.values()].map((file) => file.held);
  let isUnreadable = false;

  async function list(folder: string): Promise<readonly string[] | undefined> {
    try {
      const names = (await readdir(folder)).filter((file) => file.endsWith('.xml') && !file.startsWith('.'));
      isUnreadable = false;
      return names.sort().slice(0, mostFiles);
    } catch (cause) {
      if (!isUnreadable) world.report.failed(folder, asMistake(cause));
      isUnreadable = true;
      return undefined;
    }
  }

  async function refresh(): Promise<void> {
    if (config.kind === 'folder') {
      const names = await list(config.folder);
      const found = names && new Set(names.map((file) => join(config.folder, file)));
      for (const [file, { held: gone }] of files) {
        if (found?.has(file) !== false) continue;
        files.delete(file);
        await gone.replace(undefined);
      }
      for (const file of found ?? []) if (!files.has(file)) files.set(file, new MetadataFile(file, options, world));
    }
    for (const file of files.values()) await file.refresh();
    timetable.succeed();
  }

  return {
    name,
    admitsAll: config.admit === 'all',
    find: async (entityID) => Promise.resolve(findIn(held(), entityID)),
    peek: (entityID) => {
      for (const each of held()) {
        const found = each.peek(entityID);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    kindOf: (entityID) => {
      const kinds = held().map((each) => each.kindOf(entityID));
      return kinds.find((kind) => kind === 'service provider') ?? kinds.find((kind) => kind !== undefined);
    },
    stateOf: (entityID) =>
      held()
        .find((each) => each.kindOf(entityID) !== undefined)
        ?.stateOf(entityID),
    get age() {
      return ageOf(held());
    },
    open: refresh,
    refresh: async () => {
      if (world.clock.now() >= timetable.dueAt) await refresh();
    },
    get dueAt() {
      return timetable.dueAt;
    },
  };
}

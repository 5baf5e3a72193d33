/** Whom an administrator means by a part of a service provider's entity ID or name. */
import { mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../config/read-configuration.ts';
import { openRegistry } from '../service-providers/open-registry.ts';
import type { Io } from './command.ts';
import { plain } from './plain.ts';

const mostShown = 10;

/** Answers its entity ID; the word itself where nobody configured has it, who may have been there once. @throws Error where several have it */
export async function nameServiceProvider(word: string, configuration: Configuration, io: Io): Promise<string> {
  const known = await listKnown(configuration, io);
  if (known.some(({ entityID }) => entityID === word)) return word;
  const part = word.toLowerCase();
  const found = new Set(
    known
      .filter(({ entityID, name }) => [entityID, name].some((text) => text.toLowerCase().includes(part)))
      .map(({ entityID }) => entityID),
  );
  const [only] = found;
  if (only === undefined) {
    io.stderr(`No service provider has ${plain(word)} in its entity ID or name; it is taken for an entity ID of former times.\n`);
    return word;
  }
  if (found.size === 1) return only;
  const shown = [...found].slice(0, mostShown).map(plain).join(', ');
  throw new Error(`Several service providers have ${plain(word)} in their entity ID or name: ${shown}.`);
}

/** Its copies of metadata from the web are the running house's own. */
async function listKnown(configuration: Configuration, { clock, random }: Io) {
  const folder = await mkdtemp(join(tmpdir(), 'passerelle-'));
  const audit = { record: () => undefined, note: () => undefined, flush: () => Promise.resolve() };
  const elsewhere = { ...configuration, store: { ...configuration.store, folder } };
  const read = (path: string): string => readFileSync(path, 'utf8');
  try {
    const { registry, close } = await openRegistry(elsewhere, { audit, clock, random, read });
    close();
    return registry.list;
  } finally {
    await rm(folder, { recursive: true });
  }
}

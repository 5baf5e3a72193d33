/** The corpus: for each target a folder of inputs that once reached something new, named by their hash. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('corpus/', import.meta.url));

/** In the order of their names. */
export function readCorpus(target: string): readonly Buffer[] {
  const folder = join(root, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name)));
}

const nameOf = (input: Buffer): string => createHash('sha256').update(input).digest('hex').slice(0, 16);

/** The file that it is in afterwards. */
export function keep(target: string, input: Buffer): string {
  const folder = join(root, target);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, nameOf(input));
  writeFileSync(file, input);
  return file;
}

/** Removes all but those; answers how many are left. */
export function prune(target: string, needed: readonly Buffer[]): number {
  const folder = join(root, target);
  const names = new Set(needed.map(nameOf));
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const surplus = present.filter((name) => !names.has(name));
  for (const name of surplus) rmSync(join(folder, name));
  return present.length - surplus.length;
}

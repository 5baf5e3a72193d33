/** Older files beside a file: `audit.jsonl.1` is the one before it, `.2` the one before that. */
import { rename, rm, stat } from 'node:fs/promises';

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const numbered = (path: string, number: number): string => `${path}.${number}`;

/** Those that are there, the newest first, up to the first number that is missing. */
export async function olderFiles(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  while (await exists(numbered(path, found.length + 1))) found.push(numbered(path, found.length + 1));
  return found;
}

/**
 * Makes the file the first of the older ones; what goes beyond `keep` is deleted. Whatever was begun and broke off can be done again.
 * @returns how many older ones there are then. @throws faults of the file system
 */
export async function rotateFile(path: string, keep: number): Promise<number> {
  const older = await olderFiles(path);
  for (const extra of older.slice(keep - 1)) await rm(extra, { force: true });
  const kept = older.slice(0, keep - 1);
  for (let number = kept.length; number >= 1; number -= 1) await rename(numbered(path, number), numbered(path, number + 1));
  try {
    await rename(path, numbered(path, 1));
    return kept.length + 1;
  } catch (error) {
    if (!isMissing(error)) throw error;
    return kept.length;
  }
}

/** One change of a folder of keys at a time: of two at once, one would publish a key too many, or retire what the other lets sign. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './key-files.ts';
import { KeyMistake } from './key-mistake.ts';
import { makeFolder, writeNew } from './new-file.ts';

/** @throws KeyMistake where somebody else is at it, and whatever `work` throws */
export async function alone<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const lock = join(folder, '.lock');
  await makeFolder(folder);
  try {
    await writeNew(lock, '', 0o600);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
    throw new KeyMistake(
      `somebody else is changing the keys in ${folder}. If nobody is, one was stopped half way: delete ${lock}`,
    );
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

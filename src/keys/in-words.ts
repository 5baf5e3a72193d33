/** What the system says of a file of keys, in words for the operator. */
import { KeyMistake } from './key-mistake.ts';

const causes: Readonly<Record<string, string>> = {
  EACCES: 'this user may not. Run this as the user that Passerelle runs as',
  EPERM: 'this user may not. Run this as the user that Passerelle runs as',
  EROFS: 'it lies where nothing is written',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is no folder',
};

/** @param path that is meant where the system names none. @throws KeyMistake where the system refused, and whatever else `work` throws */
export async function inWords<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyMistake || !(error instanceof Error) || !('code' in error)) throw error;
    const named = 'path' in error ? String(error.path) : path;
    const code = String(error.code);
    throw new KeyMistake(`${named} cannot be read or written: ${causes[code] ?? code}.`);
  }
}

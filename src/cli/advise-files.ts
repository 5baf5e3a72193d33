/** Writes the files of a report into a folder: each whole or not at all, and for their owner alone. */
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { plain } from './plain.ts';

/** UTF-16 code units that are written at once. */
const gathered = 256 * 1_024;

export interface WrittenFile {
  readonly name: string;
  /** Pieces of its text, made one after the other as they are written. */
  readonly pieces: Iterable<string>;
}

export interface ReportFolder {
  /** Replaces what bears these names there once all are written. @throws Error that says itself; the signal's reason */
  write(files: readonly WrittenFile[]): Promise<void>;
}

interface Place {
  /** Absolute. */
  readonly path: string;
  /** As it was typed. */
  readonly shownAs: string;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

async function kindOf(path: string): Promise<'missing' | 'file' | 'folder' | 'link' | 'other'> {
  try {
    const found = await lstat(path);
    if (found.isSymbolicLink()) return 'link';
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

async function makeFolder({ path, shownAs }: Place): Promise<void> {
  const kind = await kindOf(path);
  if (kind === 'link') throw new Error(`${plain(shownAs)} is a link, which is not followed: name the folder itself.`);
  if (kind === 'missing') await mkdir(path, { mode: 0o700 });
  else if (kind !== 'folder') throw new Error(`${plain(shownAs)} is no folder.`);
}

/**
 * Makes the folder where it is missing (not those above it), and sees that all names can be written there before there is anything to
 * write.
 * @param suffix of the files that are written beside them, nobody else's
 * @throws Error that says itself
 */
export async function openReportFolder(
  place: Place,
  names: readonly string[],
  { suffix, signal }: { readonly suffix: string; readonly signal: AbortSignal },
): Promise<ReportFolder> {
  const { path, shownAs } = place;
  const beside = (name: string): string => join(path, `.${name}.${suffix}`);
  const explained = (error: unknown, what: string): unknown => {
    const code = codeOf(error);
    return code === '' ? error : new Error(`${plain(what)} cannot be written (${code}).`, { cause: error });
  };
  try {
    await makeFolder(place);
    for (const name of names) {
      const kind = await kindOf(join(path, name));
      const shown = plain(join(shownAs, name));
      if (kind === 'link') throw new Error(`${shown} is a link, which is not followed: take it away.`);
      if (kind === 'folder' || kind === 'other') throw new Error(`${shown} is no file: take it away.`);
      await (await open(beside(name), 'wx', 0o600)).close();
      await rm(beside(name));
    }
  } catch (error) {
    throw explained(error, shownAs);
  }
  return {
    async write(files) {
      const begun: string[] = [];
      try {
        for (const { name, pieces } of files) {
          // 'wx' follows no link, and takes nothing that somebody laid there.
          const handle = await open(beside(name), 'wx', 0o600);
          begun.push(beside(name));
          try {
            for (const text of gather(pieces)) {
              signal.throwIfAborted();
              await handle.writeFile(text);
            }
            await handle.sync();
          } finally {
            await handle.close();
          }
        }
        for (const { name } of files) await rename(beside(name), join(path, name));
        begun.length = 0;
      } catch (error) {
        throw explained(error, shownAs);
      } finally {
        for (const each of begun) await rm(each, { force: true });
      }
    },
  };
}

function* gather(pieces: Iterable<string>): Generator<string> {
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < gathered) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

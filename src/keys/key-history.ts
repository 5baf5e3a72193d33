/** Which key took over from which, and when: one a line, `TIME NEXT PREVIOUS`, with `forced` where somebody did not know it; the latest last. */
import { readFile, rename, rm } from 'node:fs/promises';
import type { Random } from '../clock.ts';
import { hasCode, namePattern } from './key-files.ts';
import { writeNew } from './new-file.ts';

export interface Takeover {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The name of the key that signs from then on, and of the one that signed until then. */
  readonly next: string;
  readonly previous: string;
  /** In spite of those who did not know it. */
  readonly forced?: true | undefined;
}

export interface KeyHistory {
  /** The latest last; none where the file is not there. Lines that say nothing are passed over. */
  read(): Promise<readonly Takeover[]>;
  add(takeover: Takeover): Promise<void>;
}

/** More than anybody looks back. */
const mostKept = 64;

function parse(line: string): readonly Takeover[] {
  const [time = '', next = '', previous = '', forced] = line.split(' ');
  const at = Date.parse(time);
  return Number.isNaN(at) || !namePattern.test(next) || !namePattern.test(previous)
    ? []
    : [{ at, next, previous, ...(forced === 'forced' && { forced: true }) }];
}

/** When it signed last, as long as it does not sign now: milliseconds since the epoch; undefined where it never did. */
export const signedUntil = (history: readonly Takeover[], name: string): number | undefined =>
  history.findLast(({ previous }) => previous === name)?.at;

/** Whether everybody verified by it before: it signed, and was let to by leave of all who had to know it. */
export const isProven = (history: readonly Takeover[], name: string): boolean =>
  signedUntil(history, name) !== undefined && history.findLast(({ next }) => next === name)?.forced !== true;

export function createKeyHistory(file: string, random: Random): KeyHistory {
  async function read(): Promise<readonly Takeover[]> {
    try {
      return (await readFile(file, 'utf8')).split('\n').flatMap(parse);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  return {
    read,
    async add(takeover) {
      const kept = [...(await read()), takeover].slice(-mostKept);
      const aside = `${file}.${random(6).toString('hex')}`;
      const lines = kept.map(
        ({ at, next, previous, forced }) =>
          `${new Date(at).toISOString()} ${next} ${previous}${forced === true ? ' forced' : ''}\n`,
      );
      await writeNew(aside, lines.join(''), 0o644);
      try {
        await rename(aside, file);
      } catch (error) {
        await rm(aside, { force: true });
        throw error;
      }
    },
  };
}

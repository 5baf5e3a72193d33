/** The lines of one chain, placed as they come: what is missing between them, and what does not fit. */
import type { ChainLine } from './chain-line.ts';

/** A line as it is found somewhere. */
export interface Found {
  readonly seq: number;
  readonly hash: string;
  readonly previous: string | null;
  readonly time: string;
  readonly where: string;
}

/** Lines that are not there; and what their neighbours say of the hashes at its edges. */
export interface Gap {
  from: number;
  to: number;
  after: Pick<Found, 'hash' | 'where'>;
  before: Pick<Found, 'previous' | 'where'>;
}

export type Fit =
  /** It follows the line before. */
  | 'next'
  /** It names another line as the one before than the one that stands there, or is named otherwise by the one after. */
  | 'unlinked'
  /** It belongs further up. */
  | 'late'
  /** The same line a second time. */
  | 'again'
  /** Another line at a place that is taken. */
  | 'second';

export interface Placed {
  readonly first: Found | undefined;
  readonly last: Found | undefined;
  readonly lines: number;
  readonly gaps: readonly Gap[];
  /** What it is to those before it. Hashes are taken as they are stated. */
  place(line: Found): Fit;
  /** The hash of a line that came lately; undefined where it is forgotten or was never there. */
  hashAt(seq: number): string | undefined;
}

/** Lines whose hashes are kept in mind. */
const mostRecent = 512;

export const foundAt = ({ seq, hash, previous, time }: ChainLine, where: string): Found => ({ seq, hash, previous, time, where });

export function createPlaced(): Placed {
  const gaps: Gap[] = [];
  const recent = new Map<number, string>();
  let first: Found | undefined;
  let last: Found | undefined;
  let lines = 0;

  function remember({ seq, hash }: Found): void {
    recent.set(seq, hash);
    const [oldest] = recent.keys();
    if (recent.size > mostRecent && oldest !== undefined) recent.delete(oldest);
  }

  /** Into a gap, or before everything. */
  function fill(line: Found): Fit {
    const { seq } = line;
    if (first !== undefined && seq < first.seq) {
      if (seq < first.seq - 1) gaps.push({ from: seq + 1, to: first.seq - 1, after: line, before: first });
      const fits = seq < first.seq - 1 || first.previous === line.hash;
      first = line;
      return fits ? 'late' : 'unlinked';
    }
    const gap = gaps.find(({ from, to }) => seq >= from && seq <= to);
    if (gap === undefined) return recent.get(seq) === line.hash ? 'again' : 'second';
    const fits = (seq !== gap.from || line.previous === gap.after.hash) && (seq !== gap.to || gap.before.previous === line.hash);
    gaps.splice(
      gaps.indexOf(gap),
      1,
      ...(seq > gap.from ? [{ ...gap, to: seq - 1, before: line }] : []),
      ...(seq < gap.to ? [{ ...gap, from: seq + 1, after: line }] : []),
    );
    return fits ? 'late' : 'unlinked';
  }

  return {
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    get lines() {
      return lines;
    },
    gaps,
    place(line) {
      let fit: Fit = 'next';
      if (last !== undefined && line.seq <= last.seq) fit = fill(line);
      else {
        if (last !== undefined && line.seq > last.seq + 1)
          gaps.push({ from: last.seq + 1, to: line.seq - 1, after: last, before: line });
        else if (last !== undefined && line.previous !== last.hash) fit = 'unlinked';
        first ??= line;
        last = line;
      }
      if (fit === 'again' || fit === 'second') return fit;
      lines += 1;
      remember(line);
      return fit;
    },
    hashAt: (seq) => recent.get(seq),
  };
}

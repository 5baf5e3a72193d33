/** What an outlet is: a place where the lines of chains go. */
import type { ChainLine } from './chain-line.ts';

export interface Outlet {
  /** Takes a line, or drops it where too much is waiting. Never throws and never waits. */
  readonly take: (line: ChainLine) => void;
  /** Resolves once all that was taken is where it goes, or given up for now. */
  readonly flush: () => Promise<void>;
  /** As `flush` does; then lets go of what it holds. */
  readonly close: () => Promise<void>;
}

/** What an outlet tells of itself. */
export interface OutletTold {
  /** It takes nothing any more; told once until it works again. */
  readonly broken: (cause: string) => void;
  readonly mended: () => void;
  /** These lines did not get there, and never will; told once others do. */
  readonly lost: (losses: Losses) => void;
}

/** How an outlet does. */
export interface OutletState {
  readonly outlet: 'store' | 'file' | 'syslog' | 'stdout';
  /** Whether it takes lines, as far as it is known. */
  readonly up: boolean;
  /** Lines that did not get there since the process began, and that this is known of. */
  readonly lost: number;
}

interface Range {
  readonly chain: string;
  readonly from: number;
  readonly to: number;
}

export interface Losses {
  readonly lines: number;
  /** In which chains; not all where there are very many. */
  readonly chains: readonly Range[];
}

const mostRanges = 24;

/** Counts lines that are lost, by the ranges of their chains. */
export function createLossCount(): { add(line: Pick<ChainLine, 'chain' | 'seq'>): void; take(): Losses | undefined } {
  let lines = 0;
  let ranges: Range[] = [];
  return {
    add({ chain, seq }) {
      lines += 1;
      const index = ranges.findIndex((range) => range.chain === chain && range.to === seq - 1);
      const range = ranges[index];
      if (range !== undefined) ranges[index] = { ...range, to: seq };
      else if (ranges.length < mostRanges) ranges.push({ chain, from: seq, to: seq });
    },
    take() {
      if (lines === 0) return undefined;
      const losses = { lines, chains: ranges };
      lines = 0;
      ranges = [];
      return losses;
    },
  };
}

/** What is told of a fault: its code, such as ENOSPC, where it has one. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}

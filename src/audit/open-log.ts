/** A log on a file descriptor: lines of JSON as they are, or short ones for people where that is a terminal. */
import type { Clock } from '../clock.ts';
import { createLineWriter, type LineWriter } from './line-writer.ts';
import { terminalLine } from './terminal-line.ts';

/** Where events go; standard output is one. */
export interface LogDestination {
  readonly fd: number;
  readonly isTTY?: boolean | undefined;
}

/** Characters that wait at most where the reader is slow; what comes beyond is dropped and counted, never kept in memory. */
const waitingLimit = 4 * 1024 * 1024;

/** What a process that died left half written is no JSON. */
function readable(line: string): string {
  try {
    return terminalLine(line);
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}

export function openLog({ fd, isTTY }: LogDestination, clock: Clock): LineWriter {
  const shape = isTTY === true ? readable : (line: string) => line;
  const time = () => new Date(clock.now()).toISOString();
  const lines = createLineWriter({
    fd,
    limit: waitingLimit,
    clock,
    lost: (events) =>
      shape(`${JSON.stringify({ level: 'error', time: time(), event: 'note', message: `${events} events were lost` })}\n`),
  });
  return {
    write: (line) => {
      lines.write(shape(line));
    },
    flush: () => lines.flush(),
    get lost() {
      return lines.lost ?? 0;
    },
  };
}

/** Writes lines to a file descriptor in order, without waiting and within a bound of memory. */
import { write } from 'node:fs';
import type { Clock } from '../clock.ts';

export interface LineWriter {
  /** Takes a line, or drops it where too much is waiting. Never throws. */
  write(line: string): void;
  /** Resolves once all that was taken is written, or given up because the descriptor takes no more, or nothing for a while. */
  flush(): Promise<void>;
  /** Lines that were dropped since it was opened, where it counts them. */
  readonly lost?: number;
}

/** Milliseconds until a pipe that is full is tried again. */
const patience = 20;
/** Milliseconds that the first line waits for others: each write wakes another thread, which costs more than the line. */
const gathering = 10;

/**
 * @param limit UTF-16 code units that may wait
 * @param lost makes the line that tells how many were lost, once lines are taken again
 */
export function createLineWriter(parts: {
  fd: number;
  limit: number;
  clock: Clock;
  lost: (lines: number) => string;
  /** Milliseconds that whoever ends waits for a reader who takes nothing. */
  stillness?: number;
}): LineWriter {
  const { fd, limit, clock, lost, stillness = 2_000 } = parts;
  let waiting: string[] = [];
  let size = 0;
  /** Those that were not told of yet, and those that were. */
  let dropped = 0;
  let told = 0;
  let written: Promise<void> | undefined;
  let bytesWritten = 0;

  function writeSome(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      write(fd, bytes, (error, count) => {
        if (error === null) resolve(count);
        else if (error.code === 'EAGAIN') clock.until(clock.now() + patience).then(() => resolve(0), reject);
        else reject(error);
      });
    });
  }

  async function writeAll(): Promise<void> {
    await clock.until(clock.now() + gathering);
    while (waiting.length > 0) {
      const lines = waiting;
      waiting = [];
      size = 0;
      if (dropped > 0) lines.push(lost(dropped));
      const before = dropped;
      try {
        for (let bytes = Buffer.from(lines.join('')); bytes.length > 0;) {
          const count = await writeSome(bytes);
          bytesWritten += count;
          bytes = bytes.subarray(count);
        }
        dropped -= before;
        told += before;
      } catch {
        // A log that cannot be written must not end the service; the next line tries again.
        dropped += lines.length - (before > 0 ? 1 : 0);
      }
    }
    written = undefined;
  }

  return {
    write(line) {
      if (size + line.length > limit) {
        dropped += 1;
        return;
      }
      waiting.push(line);
      size += line.length;
      written ??= writeAll();
    },
    async flush() {
      let before = -1;
      while (written !== undefined && bytesWritten > before) {
        before = bytesWritten;
        const { promise, resolve } = Promise.withResolvers<undefined>();
        const late = setTimeout(resolve, stillness, undefined);
        await Promise.race([written, promise]);
        clearTimeout(late);
      }
    },
    get lost() {
      return told + dropped;
    },
  };
}

/** So much at once and no more: what comes beyond waits, and what would wait too long in line is turned away. */

/** The line is full. */
export class TooBusy extends Error {
  override readonly name = 'TooBusy';
}

/** Runs what it is given, `most` at a time, with `waiting` more in line. The function throws TooBusy beyond that. */
export function createConcurrency(most: number, waiting: number): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const line: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= most) {
      if (line.length >= waiting) throw new TooBusy('too much is asked at once');
      await new Promise<void>((resolve) => line.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

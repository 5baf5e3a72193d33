/** A wait that need not be waited to its end. */
import type { Clock } from '../clock.ts';

const step = 250;

/** Resolves after so many milliseconds, or soon after `isOver`; in steps, so that nothing is kept from ending. */
export async function rest(clock: Clock, milliseconds: number, isOver: () => boolean): Promise<void> {
  const until = clock.now() + milliseconds;
  while (clock.now() < until && !isOver()) await clock.until(Math.min(until, clock.now() + step));
}

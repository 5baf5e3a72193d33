/** A time limit for others, in which our own standstill does not count: what arrived meanwhile is read first. */

/** Milliseconds by which any timer may be behind. */
const SLACK = 50;
const MOST_EXTENSIONS = 3;

/** Calls `expired` after so many milliseconds. Answers what calls it off. */
export function timeLimit(milliseconds: number, expired: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  let extensions = 0;

  const arm = (wait: number): void => {
    const due = performance.now() + wait;
    timer = setTimeout(() => {
      const overslept = performance.now() - due;
      if (overslept > SLACK && extensions < MOST_EXTENSIONS) {
        extensions += 1;
        arm(Math.min(overslept, milliseconds));
      } else {
        // After timers the event loop turns to what has arrived, and then to this.
        immediate = setImmediate(expired);
      }
    }, wait);
  };

  arm(milliseconds);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}

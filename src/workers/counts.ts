/** What workers count and measure, sent in small batches to where it is added up: one port tells it of all. */
import type { Measured } from '../audit/gauges.ts';
import { createMetrics, type Metrics } from '../audit/metrics.ts';
import { createTally, type Tallied } from '../audit/tally.ts';

/** What came since the last batch. */
export interface Batch {
  readonly tallied?: Tallied | undefined;
  readonly measured: readonly Measured[];
}

export interface Counting {
  readonly metrics: Metrics;
  /** Sends what there is, at once. */
  flush(): void;
  /** Sends what there is, and then no more by itself. */
  close(): void;
}

/** Milliseconds: so much a worker that is killed takes along. */
const batchEvery = 250;

/** @param self what this process is called */
export function createCounting(self: string, tell: (batch: Batch) => void): Counting {
  const tally = createTally({ zeros: false });
  let measured = new Map<Measured[0], Measured>();

  function flush(): void {
    const tallied = tally.drain();
    if (tallied === undefined && measured.size === 0) return;
    const batch = { tallied, measured: [...measured.values()] };
    measured = new Map();
    tell(batch);
  }

  const timer = setInterval(flush, batchEvery);
  timer.unref();
  return {
    metrics: createMetrics({
      tally,
      self,
      measured(more) {
        for (const one of more) measured.set(one[0], one);
      },
    }),
    flush,
    close() {
      clearInterval(timer);
      flush();
    },
  };
}

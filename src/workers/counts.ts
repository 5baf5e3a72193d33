/** What workers count, sent to where it is added up: so one port tells the counts of all, and nothing is lost with a worker. */
import type { Metrics } from '../audit/metrics.ts';

/** One call of `Metrics`: its name and what it was called with. */
export type Count = { readonly [Name in keyof Metrics]: readonly [Name, ...Parameters<Metrics[Name]>] }[keyof Metrics];

export const createCounting = (tell: (count: Count) => void): Metrics => ({
  attempt: (...counted) => {
    tell(['attempt', ...counted]);
  },
  sprayDetected: (...counted) => {
    tell(['sprayDetected', ...counted]);
  },
});

export function addCount(metrics: Metrics, count: Count): void {
  switch (count[0]) {
    case 'attempt':
      metrics.attempt(count[1], count[2]);
      break;
    case 'sprayDetected':
      metrics.sprayDetected(count[1]);
      break;
  }
}

/** Opens the metrics: counts where somebody may read them, and the listener that tells them. */
import { expose, mediaType } from '../audit/exposition.ts';
import { createGauges } from '../audit/gauges.ts';
import { createMetrics, type Metrics, noMetrics } from '../audit/metrics.ts';
import { createTally, type Tallied } from '../audit/tally.ts';
import type { Measured } from '../audit/gauges.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { type Listener, listen } from './listen.ts';
import { createMetricsListener } from './metrics-listener.ts';

export interface OpenMetrics {
  /** Of this process. */
  readonly metrics: Metrics;
  /** Adds what another process counted and measured. @param from what it is called */
  readonly add: (from: string, tallied: Tallied | undefined, measured: readonly Measured[]) => void;
  /** Another process is gone: what it counted stays, what was measured of it does not, and the whole is not ready without it. */
  readonly forget: (from: string) => void;
  /** Undefined where nobody may read them. */
  readonly listener: Listener | undefined;
}

/** Connections of whoever scrapes: a few. */
const mostConnections = 50;

/** Without a place to read them nothing is counted. @param self what this process is called among its like */
export async function openMetrics(where: Configuration['metrics'], self: string): Promise<OpenMetrics> {
  if (where === undefined) {
    return { metrics: noMetrics, add: () => undefined, forget: () => undefined, listener: undefined };
  }
  const tally = createTally({ zeros: true });
  const gauges = createGauges();
  const shown = { contentType: mediaType, text: () => expose(tally, gauges) };
  const listener = await listen(
    createMetricsListener(shown, () => performance.now()),
    where,
    undefined,
    { mostConnections },
  );
  return {
    metrics: createMetrics({
      tally,
      self,
      measured(measured) {
        for (const one of measured) gauges.set(self, one);
      },
    }),
    add(from, tallied, measured) {
      if (tallied !== undefined) tally.merge(tallied);
      for (const one of measured) gauges.set(from, one);
    },
    forget: (from) => {
      gauges.forget(from);
      // Until another one takes its place.
      gauges.set(from, ['passerelle_ready', [[[], 0]]]);
    },
    listener,
  };
}

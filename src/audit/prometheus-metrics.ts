/** The metrics in Prometheus's text format. */
import { Counter, Registry } from 'prom-client';
import type { Metrics } from './metrics.ts';

export interface PrometheusMetrics extends Metrics {
  /** Media type of `text`. */
  readonly contentType: string;
  text(): Promise<string>;
}

export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  const attempts = new Counter({
    name: 'passerelle_attempts_total',
    help: 'Attempts to sign in, by how they ended and whether they came from a place that is familiar to the person.',
    labelNames: ['result', 'familiar'],
    registers,
  });
  const sprays = new Counter({
    name: 'passerelle_spray_detected_total',
    help: 'How often guessing at many people was noticed, by one address or by one password.',
    labelNames: ['kind'],
    registers,
  });
  // From the start, so that the first one is seen to rise.
  for (const kind of ['address', 'password']) sprays.inc({ kind }, 0);
  return {
    attempt: (result, familiar) => {
      attempts.inc({ result, familiar: String(familiar) });
    },
    sprayDetected: (kind) => {
      sprays.inc({ kind });
    },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

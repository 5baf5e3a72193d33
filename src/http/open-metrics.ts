/** Opens the metrics: counts where somebody may read them, and the listener that tells them. */
import { type Metrics, noMetrics } from '../audit/metrics.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { type Listener, listen } from './listen.ts';
import { createMetricsListener } from './metrics-listener.ts';

/** Without a place to read them nothing is counted, nor is the package loaded, since it takes time and memory. */
export async function openMetrics(
  where: Configuration['metrics'],
): Promise<{ readonly metrics: Metrics; readonly listener: Listener | undefined }> {
  if (where === undefined) return { metrics: noMetrics, listener: undefined };
  const { createPrometheusMetrics } = await import('../audit/prometheus-metrics.ts');
  const metrics = createPrometheusMetrics();
  return { metrics, listener: await listen(createMetricsListener(metrics), where, undefined) };
}

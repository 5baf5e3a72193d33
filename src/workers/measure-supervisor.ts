/** Measures the process that supervises the others: itself, and where all of them keep the audit trail. */
import { measureAudit } from '../audit/measure-audit.ts';
import { measureProcess, type Runtime } from '../audit/measure-process.ts';
import { type Metrics, noMetrics } from '../audit/metrics.ts';
import type { OutletState } from '../audit/outlets.ts';

/** Milliseconds. */
const often = 5_000;

/**
 * Does nothing where nothing is counted.
 * @returns what ends it
 */
export function measureSupervisor(
  metrics: Metrics,
  parts: { runtime: Runtime; outlets: () => readonly OutletState[] },
): () => void {
  if (metrics === noMetrics) return () => undefined;
  const own = measureProcess({ metrics, runtime: parts.runtime });
  const measureOutlets = measureAudit(metrics, parts.outlets);
  function look(): void {
    own.measure();
    measureOutlets();
  }
  look();
  const timer = setInterval(look, often);
  timer.unref();
  return () => {
    clearInterval(timer);
    own.close();
  };
}

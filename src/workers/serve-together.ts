/** Serves by several processes, of which this one supervises the others and serves nothing but their counts. */
import { once } from 'node:events';
import type { Runtime } from '../audit/measure-process.ts';
import type { OpenedAudit } from '../audit/open-audit.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openMetrics } from '../http/open-metrics.ts';
import type { Running } from '../serve/operate.ts';
import { startWorker } from './cluster.ts';
import { measureSupervisor } from './measure-supervisor.ts';
import { supervise } from './supervise.ts';

/**
 * Resolves once `signal` is aborted and all of them are gone; with false where one could not start or did not end well.
 * @param started called with the port once all of them listen; what it gives back, before they are stopped
 */
export async function serveTogether(
  configuration: Configuration,
  parts: {
    /** How many. */
    workers: number;
    /** Where the lines of all logs go. */
    opened: OpenedAudit;
    clock: Clock;
    runtime: Runtime;
    signal: AbortSignal;
    started: (port: number, running: Running) => Promise<() => Promise<void>>;
  },
): Promise<boolean> {
  const { workers, opened, clock, runtime, signal, started } = parts;
  const { audit } = opened;
  const note = audit.note.bind(audit);
  const { metrics, add, forget, listener } = await openMetrics(configuration.metrics, 'supervisor');
  const stopMeasuring = measureSupervisor(metrics, { runtime, outlets: opened.outlets });
  try {
    const supervised = await supervise({
      ...{ workers, configuration, clock, signal, note },
      start: startWorker,
      count: (worker, { tallied, measured }) => {
        add(String(worker), tallied, measured);
      },
      forget: (worker) => {
        forget(String(worker));
      },
      line: (line) => {
        opened.line(line);
      },
    });
    if (supervised === undefined) return signal.aborted;
    const stopped = await started(supervised.port, {
      async takeOver(next) {
        await supervised.takeOver(next);
        opened.setLevel(next.log.level);
      },
      record(event) {
        // One of them has the way into the store.
        if (!supervised.record(event)) audit.record(event);
      },
      processes: () => supervised.processes,
    });
    if (!signal.aborted) await once(signal, 'abort');
    note('info', 'stopping');
    await stopped();
    return await supervised.stop();
  } finally {
    stopMeasuring();
    await listener?.close(0);
  }
}

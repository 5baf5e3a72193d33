/** Serves by several processes, of which this one supervises the others and serves nothing but their counts. */
import { once } from 'node:events';
import type { Audit } from '../audit/audit.ts';
import type { LineWriter } from '../audit/line-writer.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { openMetrics } from '../http/open-metrics.ts';
import { startWorker } from './cluster.ts';
import { addCount } from './counts.ts';
import { supervise } from './supervise.ts';

/**
 * Resolves once `signal` is aborted and all of them are gone; with false where one could not start or did not end well.
 * @param started called with the port once all of them listen
 */
export async function serveTogether(
  configuration: Configuration,
  parts: {
    /** How many. */
    workers: number;
    /** Where the lines of all logs go. */
    log: LineWriter;
    audit: Audit;
    clock: Clock;
    signal: AbortSignal;
    started: (port: number) => void;
  },
): Promise<boolean> {
  const { workers, log, audit, clock, signal, started } = parts;
  const { metrics, listener } = await openMetrics(configuration.metrics);
  try {
    const supervised = await supervise({
      ...{ workers, clock, signal },
      start: startWorker,
      count: (count) => {
        addCount(metrics, count);
      },
      line: (line) => {
        log.write(line);
      },
      note: audit.note.bind(audit),
    });
    if (supervised === undefined) return signal.aborted;
    started(supervised.port);
    if (!signal.aborted) await once(signal, 'abort');
    audit.note('info', 'stopping');
    return await supervised.stop();
  } finally {
    await listener?.close(0);
    await log.flush();
  }
}

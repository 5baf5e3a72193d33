/** Serves as one of several processes, as the one that supervises them says. */
import { once } from 'node:events';
import type { LineWriter } from '../audit/line-writer.ts';
import type { Runtime } from '../audit/measure-process.ts';
import { noMetrics } from '../audit/metrics.ts';
import { openAudit } from '../audit/open-audit.ts';
import type { Clock, Random } from '../clock.ts';
import { serve } from '../serve.ts';
import { quietUntil } from '../serve/quiet-until.ts';
import type { Membership } from './cluster.ts';
import { createCounting } from './counts.ts';
import { obey } from './obey.ts';

/**
 * Resolves once `signal` is aborted and everything in flight is finished.
 * @throws whatever `serve` throws, and the reason of `signal` where it is aborted before
 */
export async function serveAsWorker(world: {
  membership: Membership;
  log: LineWriter;
  clock: Clock;
  random: Random;
  setVariable: (name: string, value: string) => void;
  runtime: Runtime;
  signal: AbortSignal;
}): Promise<void> {
  const { membership, log, clock, random, setVariable, runtime, signal } = world;
  const name = String(membership.number);
  const isFirst = membership.number === 0;
  const orders = obey(membership);
  const configuration = await orders.configuration;
  const opened = await openAudit(configuration, { role: 'worker', process: `worker ${name}`, log, clock, random });
  // What all of them would say at their start is said by the first.
  const audit = isFirst ? opened.audit : quietUntil(orders.mayListen, opened.audit);
  const counting =
    configuration.metrics === undefined
      ? undefined
      : createCounting(name, (batch) => {
          membership.tell({ kind: 'counted', batch });
        });
  try {
    const serving = await serve(configuration, {
      ...{ audit, journal: opened.journal, outlets: opened.outlets, clock, random, setVariable, runtime },
      setLevel: opened.setLevel,
      witness: opened.witness,
      worker: {
        hasChores: isFirst,
        metrics: counting?.metrics ?? noMetrics,
        allListen: orders.allListen,
        async mayListen() {
          membership.tell({ kind: 'opened' });
          signal.throwIfAborted();
          await Promise.race([orders.mayListen, once(signal, 'abort')]);
          signal.throwIfAborted();
        },
      },
    });
    membership.tell({ kind: 'listening', port: serving.port });
    orders.serve({ prepare: serving.prepare.bind(serving), record: serving.audit.record.bind(serving.audit) });
    if (!signal.aborted) await once(signal, 'abort');
    opened.stop();
    await serving.close();
  } finally {
    counting?.close();
    await opened.close();
    membership.leave();
  }
}

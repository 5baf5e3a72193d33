/** Serves as one of several processes, as the one that supervises them says. */
import { once } from 'node:events';
import type { Audit } from '../audit/audit.ts';
import { noMetrics } from '../audit/metrics.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { serve } from '../serve.ts';
import type { Membership } from './cluster.ts';
import { createCounting } from './counts.ts';

/** What all of them would say at their start is said by the first. */
function quietUntil(started: Promise<unknown>, audit: Audit): Audit {
  let isQuiet = true;
  void started.then(() => {
    isQuiet = false;
  });
  return {
    record: audit.record.bind(audit),
    flush: audit.flush.bind(audit),
    note(...words) {
      if (!isQuiet) audit.note(...words);
    },
  };
}

/**
 * Resolves once `signal` is aborted and everything in flight is finished.
 * @throws whatever `serve` throws, and the reason of `signal` where it is aborted before
 */
export async function serveAsWorker(
  configuration: Configuration,
  world: {
    membership: Membership;
    audit: Audit;
    clock: Clock;
    random: Random;
    setVariable: (name: string, value: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { membership, clock, random, setVariable, signal } = world;
  const isFirst = membership.number === 0;
  const listening = membership.ordered('listen');
  const audit = isFirst ? world.audit : quietUntil(listening, world.audit);
  try {
    const serving = await serve(configuration, {
      ...{ audit, clock, random, setVariable },
      worker: {
        hasChores: isFirst,
        metrics:
          configuration.metrics === undefined
            ? noMetrics
            : createCounting((count) => {
                membership.tell({ kind: 'counted', count });
              }),
        allListen: membership.ordered('admit'),
        async mayListen() {
          membership.tell({ kind: 'opened' });
          signal.throwIfAborted();
          await Promise.race([listening, once(signal, 'abort')]);
          signal.throwIfAborted();
        },
      },
    });
    membership.tell({ kind: 'listening', port: serving.port });
    if (!signal.aborted) await once(signal, 'abort');
    await serving.close();
  } finally {
    membership.leave();
  }
}

/** Does as the process that supervises this one orders. */
import type { AuditEvent } from '../audit/audit.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Prepared } from '../serve/prepared.ts';
import type { Membership } from './cluster.ts';
import type { Order } from './messages.ts';

export interface Obedience {
  /** Resolves once it is told. */
  readonly configuration: Promise<Configuration>;
  readonly mayListen: Promise<void>;
  readonly allListen: Promise<void>;
  /** From now on it prepares and records; what it was ordered before has waited. */
  serve(parts: {
    prepare: (configuration: Configuration, signal: AbortSignal) => Promise<Prepared>;
    record: (event: AuditEvent) => void;
  }): void;
}

interface Round {
  readonly round: number;
  readonly prepared: Promise<Prepared | undefined>;
  readonly giveUp: AbortController;
}

export function obey({ take, tell }: Pick<Membership, 'take' | 'tell'>): Obedience {
  const configuration = Promise.withResolvers<Configuration>();
  const mayListen = Promise.withResolvers<undefined>();
  const allListen = Promise.withResolvers<undefined>();
  const serving = Promise.withResolvers<Parameters<Obedience['serve']>[0]>();
  let running: Round | undefined;
  /** One round after the other. */
  let before: Promise<unknown> = Promise.resolve();

  function prepare(round: number, next: Configuration): void {
    const giveUp = new AbortController();
    const prepared = Promise.all([serving.promise, before]).then(async ([parts]) => {
      try {
        const opened = await parts.prepare(next, giveUp.signal);
        tell({ kind: 'prepared', round });
        return opened;
      } catch (error) {
        tell({ kind: 'refused', round, why: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
    });
    running = { round, prepared, giveUp };
    before = prepared;
  }

  async function decide(kind: 'commit' | 'abandon', round: number): Promise<void> {
    if (running?.round !== round) return;
    const { prepared, giveUp } = running;
    running = undefined;
    if (kind === 'abandon') giveUp.abort();
    const decided = prepared.then((opened) => opened?.[kind]());
    before = decided;
    await decided;
    if (kind === 'commit') tell({ kind: 'committed', round });
  }

  function obeyOne(order: Order): void {
    if (order === 'listen') mayListen.resolve(undefined);
    else if (order === 'admit') allListen.resolve(undefined);
    else if (order.kind === 'serve') configuration.resolve(order.configuration);
    else if (order.kind === 'prepare') prepare(order.round, order.configuration);
    else if (order.kind === 'record')
      void serving.promise.then(({ record }) => {
        record(order.event);
      });
    else void decide(order.kind, order.round);
  }

  take(obeyOne);
  return {
    configuration: configuration.promise,
    mayListen: mayListen.promise,
    allListen: allListen.promise,
    serve(parts) {
      serving.resolve(parts);
    },
  };
}

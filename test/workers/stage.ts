/** Workers in hand, and the process that supervises them in a time of its own. */
import type { Ended, Heard } from '../../src/workers/cluster.ts';
import type { Order } from '../../src/workers/messages.ts';
import { supervise, type Supervised } from '../../src/workers/supervise.ts';
import { plainConfiguration } from '../fixtures/plain-configuration.ts';

/** A worker in hand. */
export interface Puppet {
  readonly number: number;
  readonly heard: Heard;
  /** Beside what it is to serve by. */
  readonly orders: (Order | 'stop' | 'kill')[];
  /** The entity ID of the configuration that it was told at its start. */
  serves: string | undefined;
  end(ended?: Partial<Ended>): void;
}

/** `obedient`: they open, listen and stop as they should. */
export function stage(workers: number, obedient = true) {
  const puppets: Puppet[] = [];
  const notes: unknown[] = [];
  const stopping = new AbortController();
  let now = 0;
  const waits: { readonly instant: number; readonly done: () => void }[] = [];
  const clock = {
    now: () => now,
    until: (instant: number) =>
      new Promise<void>((done) => {
        if (instant <= now) done();
        else waits.push({ instant, done });
      }),
  };
  /** Lets promises settle. */
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
  };
  const supervised: Promise<Supervised | undefined> = supervise({
    workers,
    clock,
    signal: stopping.signal,
    configuration: plainConfiguration({ entityId: 'first' }),
    count: () => undefined,
    forget: () => undefined,
    line: () => undefined,
    note: (level, message, detail) => notes.push({ level, message, ...detail }),
    start(number, heard) {
      const { promise, resolve } = Promise.withResolvers<Ended>();
      const puppet: Puppet = {
        number,
        heard,
        orders: [],
        serves: undefined,
        end: (ended = {}) => {
          resolve({ code: 0, signal: null, ...ended });
        },
      };
      puppets.push(puppet);
      if (obedient) heard.news({ kind: 'opened' });
      return {
        pid: 1_000 + puppets.length,
        ended: promise,
        tell(order) {
          if (typeof order === 'object' && order.kind === 'serve') puppet.serves = order.configuration.entityId;
          else puppet.orders.push(order);
          if (obedient && order === 'listen') heard.news({ kind: 'listening', port: 8_080 });
        },
        stop() {
          puppet.orders.push('stop');
          if (obedient) puppet.end();
        },
        kill() {
          puppet.orders.push('kill');
          puppet.end({ code: null, signal: 'SIGKILL' });
        },
      };
    },
  });
  return {
    puppets,
    notes,
    stopping,
    supervised,
    settle,
    /** Moves the clock on, in milliseconds. */
    pass: async (milliseconds: number): Promise<void> => {
      for (const until = now + milliseconds; now < until;) {
        now += Math.min(50, until - now);
        for (const wait of waits.splice(0)) {
          if (wait.instant <= now) wait.done();
          else waits.push(wait);
        }
        await settle();
      }
    },
  };
}

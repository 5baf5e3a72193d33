/** Keeps so many workers alive: starts them in good order, replaces those that die, and stops them all together. */
import type { Audit, AuditEvent } from '../audit/audit.ts';
import type { Clock } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { ReloadRefused } from '../serve/prepared.ts';
import type { StartWorker } from './cluster.ts';
import type { Batch } from './counts.ts';
import type { Verdict } from './messages.ts';
import { rest } from './rest.ts';
import { takeOverTogether, type Member } from './take-over-together.ts';

export interface Supervised {
  /** Asks all of them to finish; resolves once they are gone, with whether each ended well. */
  stop(): Promise<boolean>;
  /** The port on which all of them listen. */
  readonly port: number;
  /** Ids of the processes. */
  readonly processes: readonly number[];
  /** Has all of them serve by another configuration, or none; so does whoever starts later. One at a time. @throws ReloadRefused */
  takeOver(configuration: Configuration): Promise<void>;
  /** Has one of them record an event of all; false where none is there to do so. */
  record(event: AuditEvent): boolean;
}

/** Milliseconds. Whoever lived that long did not die of how it was started. */
const settled = 60_000;
/** Before one that dies again and again is started anew: doubled each time. */
const backoff = { least: 250, most: 30_000 };

interface Worker extends Member {
  readonly opened: Promise<void>;
  /** The port. */
  readonly listening: Promise<number>;
}

/**
 * Resolves once all of them listen; undefined where one of them cannot start, which it has told by then, or `signal` was aborted.
 * The first is ready before the others begin, since it does what is done once: makes keys, brings the store to its newest form,
 * fetches metadata. Later starts of a worker wait for nobody.
 */
export async function supervise(parts: {
  /** How many. */
  workers: number;
  configuration: Configuration;
  start: StartWorker;
  count: (worker: number, batch: Batch) => void;
  /** What was measured of it is worth nothing any more. */
  forget: (worker: number) => void;
  /** A line of a worker's log. */
  line: (line: string) => void;
  note: Audit['note'];
  clock: Clock;
  signal: AbortSignal;
}): Promise<Supervised | undefined> {
  const { workers, count, forget, line, note, clock, signal } = parts;
  const living = new Map<number, Worker>();
  const watches: Promise<void>[] = [];
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  let inForce = parts.configuration;
  let round = 0;
  /** Of the configuration; whoever starts waits until it is decided which one is in force. */
  let takingOver: Promise<void> = Promise.resolve();

  function start(number: number): Worker {
    const opened = Promise.withResolvers<undefined>();
    const listening = Promise.withResolvers<number>();
    const listeners = new Set<(told: Verdict | 'ended') => void>();
    const worker: Worker = {
      number,
      opened: opened.promise,
      listening: listening.promise,
      hear(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      child: parts.start(number, {
        line,
        news(news) {
          if (news.kind === 'opened') opened.resolve(undefined);
          else if (news.kind === 'listening') listening.resolve(news.port);
          else if (news.kind === 'counted') count(number, news.batch);
          else for (const listener of listeners) listener(news);
        },
      }),
    };
    living.set(number, worker);
    worker.child.tell({ kind: 'serve', configuration: inForce });
    void worker.child.ended.then(() => {
      living.delete(number);
      for (const listener of listeners) listener('ended');
      forget(number);
    });
    return worker;
  }

  /** Whether it came, rather than that the worker died on the way to it. */
  async function reaches(worker: Worker, goal: Promise<unknown>): Promise<boolean> {
    return Promise.race([goal.then(() => true), worker.child.ended.then(() => false)]);
  }

  /** Lets one that comes later listen and be ready as soon as it can. */
  async function admit(number: number, worker: Worker): Promise<void> {
    if (!(await reaches(worker, worker.opened))) return;
    worker.child.tell('listen');
    if (!(await reaches(worker, worker.listening))) return;
    worker.child.tell('admit');
    note('info', 'a worker took the place of the one that ended', { worker: number, pid: worker.child.pid });
  }

  /** Replaces one of them whenever it dies, until all are to stop. */
  async function watch(number: number, first: Worker): Promise<void> {
    let worker = first;
    let begun = clock.now();
    let failures = 0;
    for (;;) {
      const ended = await worker.child.ended;
      if (isStopping()) return;
      failures = clock.now() - begun >= settled ? 0 : failures + 1;
      const wait = failures === 0 ? 0 : Math.min(backoff.most, backoff.least * 2 ** (failures - 1));
      const { pid } = worker.child;
      note('error', 'a worker ended and is started again', { worker: number, pid, ...ended, afterMilliseconds: wait });
      await rest(clock, wait, isStopping);
      await takingOver;
      if (isStopping()) return;
      begun = clock.now();
      worker = start(number);
      void admit(number, worker);
    }
  }

  async function stop(): Promise<boolean> {
    stopping.abort();
    const last = [...living.values()];
    for (const { child } of last) child.stop();
    const ends = await Promise.all(last.map(async ({ child }) => child.ended));
    await Promise.all(watches);
    return ends.every(({ code }) => code === 0);
  }

  async function takeOver(configuration: Configuration): Promise<void> {
    if (isStopping()) throw new ReloadRefused('Passerelle is about to stop.');
    const over = Promise.withResolvers<undefined>();
    takingOver = over.promise;
    try {
      await takeOverTogether(configuration, {
        members: () => [...living.values()],
        begin: () => (round += 1),
        decide() {
          inForce = configuration;
        },
        ...{ note, clock, signal: stopping.signal },
      });
    } finally {
      over.resolve(undefined);
    }
  }

  const abandon = (): void => {
    void stop();
  };
  signal.addEventListener('abort', abandon, { once: true });
  const all: Worker[] = [];
  for (const numbers of [[0], Array.from({ length: workers - 1 }, (_, index) => index + 1)]) {
    const begun = numbers.map((number) => start(number));
    all.push(...begun);
    const opened = await Promise.all(begun.map((worker) => reaches(worker, worker.opened)));
    if (opened.includes(false) || isStopping()) {
      await stop();
      return undefined;
    }
  }
  // One after the other, so that a port that cannot be had is told of once.
  let port = 0;
  for (const worker of all) {
    worker.child.tell('listen');
    if (!(await reaches(worker, worker.listening)) || isStopping()) {
      await stop();
      return undefined;
    }
    port = await worker.listening;
  }
  signal.removeEventListener('abort', abandon);
  for (const worker of all) worker.child.tell('admit');
  all.forEach((worker, number) => watches.push(watch(number, worker)));
  return {
    port,
    stop,
    get processes() {
      return [...living.values()].flatMap(({ child }) => child.pid ?? []);
    },
    takeOver,
    record(event) {
      const [first] = [...living.values()].toSorted((a, b) => a.number - b.number);
      first?.child.tell({ kind: 'record', event });
      return first !== undefined;
    },
  };
}

/** Processes of one machine that share its ports: all that the house knows of node:cluster. */
import cluster, { type Worker } from 'node:cluster';
import { createLines } from './lines.ts';
import type { News, Order } from './messages.ts';

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A worker as the process that supervises it sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  tell(order: Order): void;
  /** Asks it to finish what is in flight and end. */
  stop(): void;
  /** Ends it at once. */
  kill(): void;
  /** Once it is gone and the last line of its log was read. */
  readonly ended: Promise<Ended>;
}

/** What a worker says, as it says it. */
export interface Heard {
  news(news: News): void;
  /** A line of its log, with its end. */
  line(line: string): void;
}

/** Starts a process of the same command. `number` counts from 0; whoever takes the place of a dead one has its number. */
export type StartWorker = (number: number, heard: Heard) => WorkerProcess;

/** A worker as it sees itself. */
export interface Membership {
  readonly number: number;
  tell(news: News): void;
  /** Calls it for each order, those before included, in their order. */
  take(taker: (order: Order) => void): void;
  /** Nothing holds the process any more. */
  leave(): void;
}

const numberVariable = 'PASSERELLE_WORKER';
/** A handle of the channel's own that is gone already is no matter: the process is, too. */
const ignore = (): void => undefined;

function watch(worker: Worker, heard: Heard): Promise<Ended> {
  worker.on('message', (news: News) => {
    heard.news(news);
  });
  worker.on('error', ignore);
  const lines = createLines((line) => {
    heard.line(line);
  });
  worker.process.stdout?.on('data', (bytes: Buffer) => {
    lines.add(bytes);
  });
  return new Promise((resolve) => {
    // Unlike `exit` it comes after the last of what was written.
    worker.process.once('close', (code, signal) => {
      lines.end();
      resolve({ code, signal });
    });
    worker.process.once('error', () => {
      resolve({ code: null, signal: null });
    });
  });
}

/** Log lines come here, since those of several processes on one pipe may mix; errors go where ours do. */
export const startWorker: StartWorker = (number, heard) => {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  // A configuration stays what it is, values that are undefined included.
  cluster.setupPrimary({ stdio: ['ignore', 'pipe', 'inherit', 'ipc'], serialization: 'advanced' });
  const worker = cluster.fork({ [numberVariable]: String(number) });
  return {
    pid: worker.process.pid,
    tell(order) {
      worker.send(order, ignore);
    },
    stop() {
      worker.process.kill('SIGTERM');
    },
    kill() {
      worker.process.kill('SIGKILL');
    },
    ended: watch(worker, heard),
  };
};

/** Undefined where this process is no worker. */
export function membershipOf(environment: Readonly<Record<string, string | undefined>>): Membership | undefined {
  const { worker } = cluster;
  if (!cluster.isWorker || worker === undefined) return undefined;
  const given: Order[] = [];
  let taker: ((order: Order) => void) | undefined;
  worker.on('message', (order: Order) => {
    if (taker === undefined) given.push(order);
    else taker(order);
  });
  worker.on('error', ignore);
  return {
    number: Number(environment[numberVariable]),
    tell(news) {
      worker.send(news, ignore);
    },
    take(next) {
      taker = next;
      for (const order of given.splice(0)) next(order);
    },
    leave() {
      worker.disconnect();
    },
  };
}

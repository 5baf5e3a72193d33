/** What reading a session costs, and how long others wait while expired ones are swept, in a process of its own. */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { store as schema } from '../src/config/store-schema.ts';
import { openStore } from '../src/store/open-store.ts';
import { percentile } from './statistics.ts';

export interface StoreLoad {
  /** Milliseconds, p50, one after the other. */
  readonly read: number;
  /** Of the processor, this process’s. */
  readonly readCpu: number;
  /** Milliseconds to sweep all that has expired, and how much that was. */
  readonly swept: number;
  readonly taken: number;
  /** Milliseconds that the event loop was held up at most meanwhile, without those in which others had the processor. */
  readonly blocked: number;
}

export interface StoreWork {
  /** The settings of the section. */
  readonly settings: object;
  /** A session that lives. */
  readonly key: string;
  readonly reads: number;
}

/** As src/serve.ts does. */
const sweepBatch = 500;
/** Milliseconds between two looks at how late it is. */
const tick = 1;

/** Milliseconds that this thread could have run and waited for a processor (the kernel’s sched-stats). */
const waited = (): number => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;

/** Answers what tells the longest that the event loop was held up since. */
function watch(): () => number {
  let [longest, last, lastWaited] = [0, performance.now(), waited()];
  const timer = setInterval(() => {
    const [now, nowWaited] = [performance.now(), waited()];
    longest = Math.max(longest, now - last - tick - (nowWaited - lastWaited));
    [last, lastWaited] = [now, nowWaited];
  }, tick);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

async function measure({ settings, key, reads }: StoreWork): Promise<StoreLoad> {
  const clock = { now: Date.now, until: () => Promise.resolve() };
  const store = await openStore(schema.parse(settings), { clock });
  try {
    const times: number[] = [];
    const warmUp = Math.min(reads, 1_000);
    let before = process.cpuUsage();
    for (let count = -warmUp; count < reads; count += 1) {
      if (count === 0) before = process.cpuUsage();
      const began = performance.now();
      if ((await store.get('session', key)) === undefined) throw new Error('the session that is read is gone');
      if (count >= 0) times.push(performance.now() - began);
    }
    const { user, system } = process.cpuUsage(before);

    let swept = 0;
    const began = performance.now();
    const longest = watch();
    for (;;) {
      const count = await store.sweep(sweepBatch);
      swept += count;
      if (count < sweepBatch) break;
      await setImmediate();
    }
    const blocked = longest();
    const taken = performance.now() - began;
    return {
      read: percentile(times, 0.5),
      readCpu: (user + system) / 1_000 / reads,
      swept,
      taken,
      blocked,
    };
  } finally {
    await store.close();
  }
}

process.once('message', (work: StoreWork) => {
  measure(work).then(
    (measured) => process.send?.(measured, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});

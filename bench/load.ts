/** Users at work, each doing one thing after the other: a process of its own, whose CPU is not counted. */
import { type Browser, createBrowser } from './browser.ts';
import type { Account } from './people.ts';
import { cpuOf } from './process-usage.ts';
import { percentile } from './statistics.ts';

export type Deed = 'signIn' | 'answer' | 'page';

export interface Load {
  readonly deed: Deed;
  readonly url: string;
  /** Process whose CPU is read at the beginning and the end of what is measured. */
  readonly pid: number;
  readonly accounts: readonly Account[];
  /** Milliseconds; what is done in the first is not counted. */
  readonly warmUp: number;
  readonly measured: number;
}

export interface Loaded {
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Milliseconds of the server's CPU for each. */
  readonly cpu: number;
  /** The last Response, base64, to be verified; a field of the form where the deed was a page. */
  readonly last: string;
}

async function bear({ deed, url, pid, accounts, warmUp, measured }: Load): Promise<Loaded> {
  const browsers = accounts.map((account) => createBrowser(url, account));
  if (deed === 'answer') for (const browser of browsers) await browser.signIn();
  let times: number[] = [];
  let last = '';

  async function work(browser: Browser, until: number): Promise<void> {
    for (let begun = performance.now(); begun < until;) {
      last = await browser[deed]();
      const now = performance.now();
      times.push(now - begun);
      begun = now;
    }
  }
  const all = (duration: number): Promise<unknown> => {
    const until = performance.now() + duration;
    return Promise.all(browsers.map((browser) => work(browser, until)));
  };

  await all(warmUp);
  times = [];
  const cpuBefore = cpuOf(pid);
  const started = performance.now();
  await all(measured);
  const seconds = (performance.now() - started) / 1_000;
  const cpu = cpuOf(pid) - cpuBefore;
  for (const browser of browsers) browser.close();
  return {
    count: times.length,
    perSecond: times.length / seconds,
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    cpu: cpu / times.length,
    last,
  };
}

process.once('message', (load: Load) => {
  bear(load).then(
    (loaded) => process.send?.(loaded, () => process.disconnect()),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});

/** `npm run fuzz -- [--seconds 120] [--target NAME] [--seed N] [--keep]`: fuzzes each parser that takes bytes from outside. */
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { keep, readCorpus } from './corpus.ts';
import type { Fault, FuzzReport } from './fuzz.ts';
import { targets } from './targets.ts';
import type { Task } from './worker.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    target: { type: 'string', multiple: true },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = targets.filter(({ name }) => values.target?.includes(name) ?? true);
const milliseconds = (Number(values.seconds) * 1000) / chosen.length;
const seed = Number(values.seed);
/** Longer than that for one input, and it is taken to never end. */
const patience = 20_000;
const mostGrowth = 16 * 1_048_576;

/** Resolves with the input that does not end, once one does not. */
async function watch(current: SharedArrayBuffer, signal: AbortSignal): Promise<Fault | undefined> {
  const counters = new Int32Array(current, 0, 2);
  let before = -1;
  for (;;) {
    try {
      await setTimeout(patience, undefined, { signal });
    } catch {
      return undefined;
    }
    const now = Atomics.load(counters, 0);
    if (now === before && now > 0) {
      return { input: Buffer.from(new Uint8Array(current, 8).slice(0, counters[1])), cause: 'it never ends' };
    }
    before = now;
  }
}

async function fuzzInThread(target: string): Promise<FuzzReport> {
  const current = new SharedArrayBuffer(8 + 1_048_576);
  const task: Task = { target, seed, milliseconds, current };
  const worker = new Worker(new URL('worker.ts', import.meta.url), { workerData: task });
  const over = new AbortController();
  const report = new Promise<FuzzReport>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  const stuck = watch(current, over.signal);
  const first = await Promise.race([report, stuck]);
  over.abort();
  await worker.terminate();
  if (first === undefined) return report;
  if ('runs' in first) return first;
  return { runs: new Int32Array(current, 0, 1)[0] ?? 0, covered: 0, found: [], faults: [first], growth: 0 };
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
let passed = 0;
let failed = 0;
print(`seed ${String(seed)}, ${String(Math.round(milliseconds / 1000))} s for each of ${String(chosen.length)} parsers`);
for (const { name } of chosen) {
  const { runs, covered, found, faults, growth } = await fuzzInThread(name);
  const megabytes = (growth / 1_048_576).toFixed(1);
  const sound = faults.length === 0 && growth < mostGrowth;
  const corpus = readCorpus(name).length;
  print(
    `${sound ? '✔' : '✖'} ${name}: ${String(runs)} inputs, ${String(covered)} characters of code, ${String(corpus)} known and ${String(found.length)} new finds, heap ${megabytes} MB`,
  );
  for (const { input, cause } of faults) {
    print(`  ${keep(name, Buffer.from(input))}: ${cause.split('\n').slice(0, 4).join(' | ')}`);
  }
  if (values.keep) for (const input of found) keep(name, Buffer.from(input));
  if (sound) passed += 1;
  else failed += 1;
}
print(`\n${String(passed)} passed, ${String(failed)} failed`);
process.exitCode = failed === 0 ? 0 : 1;

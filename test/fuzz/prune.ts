/** `node test/fuzz/prune.ts`: leaves of each corpus only the inputs that reach something which smaller ones do not. */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { prune, readCorpus } from './corpus.ts';
import { watchCoverage } from './coverage.ts';
import { faultOf } from './fuzz.ts';
import { targets } from './targets.ts';

async function pruneTarget(name: string): Promise<void> {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`no target ${name}`);
  const coverage = await watchCoverage((url) => url.includes('/src/') && !url.includes('/node_modules/'));
  const needed: Buffer[] = [];
  const corpus = readCorpus(name).toSorted((a, b) => a.length - b.length);
  for (const seed of target.seeds) await faultOf(target, Buffer.from(seed));
  await coverage.fresh();
  for (const input of corpus) {
    await faultOf(target, input);
    if ((await coverage.fresh()) > 0) needed.push(input);
  }
  await coverage.close();
  process.stdout.write(`${name}: ${String(prune(name, needed))} of ${String(corpus.length)}\n`);
}

// V8 tells of each block once in a thread’s life: each target needs a thread of its own.
if (!isMainThread) await pruneTarget(String(workerData));
else for (const { name } of targets) await once(new Worker(new URL(import.meta.url), { workerData: name }), 'exit');

/** Fuzzes one target in a thread of its own, so that an input that never ends can be told of. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { readCorpus } from './corpus.ts';
import { fuzz } from './fuzz.ts';
import { targets } from './targets.ts';

export interface Task {
  readonly target: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** A count of the inputs tried, the length of the one being tried, and then the input itself. */
  readonly current: SharedArrayBuffer;
}

const { target: name, seed, milliseconds, current } = workerData as Task;
const target = targets.find((each) => each.name === name);
if (target === undefined) throw new Error(`no target ${name}`);
const counters = new Int32Array(current, 0, 2);
const bytes = new Uint8Array(current, 8);
const start = performance.now();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const report = await fuzz(target, {
  corpus: readCorpus(name),
  seed,
  progress: () => (performance.now() - start) / milliseconds,
  isOurs: (url) => url.includes('/src/') && !url.includes('/node_modules/'),
  collect,
  about(input) {
    bytes.set(input.subarray(0, bytes.length));
    counters[1] = Math.min(input.length, bytes.length);
    Atomics.add(counters, 0, 1);
  },
});
parentPort?.postMessage(report);

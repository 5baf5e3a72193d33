/** A fuzzer guided by coverage: inputs that reach code which none had reached are kept and changed further. */
import { watchCoverage } from './coverage.ts';
import { drawFrom, mutate } from './mutate.ts';

/** A parser that takes bytes from outside. */
export interface Target {
  readonly name: string;
  /** Inputs to begin with. */
  readonly seeds: readonly (Buffer | string)[];
  /** Words of the format. */
  readonly dictionary: readonly string[];
  /** Bytes of an input. */
  readonly most: number;
  /** Resolves whatever it makes of the bytes, refusals included; anything that it throws is a fault. */
  run(input: Buffer): void | Promise<void>;
}

export interface Fault {
  readonly input: Buffer;
  readonly cause: string;
}

export interface FuzzReport {
  readonly runs: number;
  /** Characters of our code that ran. */
  readonly covered: number;
  /** Inputs that reached something new. */
  readonly found: readonly Buffer[];
  readonly faults: readonly Fault[];
  /** Bytes that the heap grew between half-time and the end, garbage collected; 0 where it cannot be. */
  readonly growth: number;
}

const slowest = 1_000;
const mostFaults = 5;

/** What went wrong with an input, if anything did: an error that is no refusal, or more than a second of CPU. */
export async function faultOf(target: Target, input: Buffer): Promise<Fault | undefined> {
  const before = process.cpuUsage();
  try {
    await target.run(input);
  } catch (cause) {
    return { input, cause: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
  }
  const { user, system } = process.cpuUsage(before);
  const milliseconds = Math.round((user + system) / 1000);
  return milliseconds > slowest ? { input, cause: `it takes ${String(milliseconds)} ms` } : undefined;
}

/**
 * Fuzzes one target, from its seeds and a corpus; the same seed makes the same inputs.
 * @param parts `progress` is how far it is, from 0 to 1, where it ends; `collect` collects garbage; `about` is told each input
 *   before it is tried
 */
export async function fuzz(
  target: Target,
  parts: {
    readonly corpus: readonly Buffer[];
    readonly seed: number;
    readonly progress: (runs: number, faults: number) => number;
    readonly isOurs: (url: string) => boolean;
    readonly collect?: (() => void) | undefined;
    readonly about?: (input: Buffer) => void;
  },
): Promise<FuzzReport> {
  const { collect, about } = parts;
  const draw = drawFrom(parts.seed);
  const queue: Buffer[] = [];
  const found: Buffer[] = [];
  const faults: Fault[] = [];
  let runs = 0;
  const coverage = await watchCoverage(parts.isOurs);
  const heap = (): number => {
    collect?.();
    return collect === undefined ? 0 : process.memoryUsage().heapUsed;
  };
  const attempt = async (input: Buffer): Promise<number> => {
    runs += 1;
    about?.(input);
    const fault = await faultOf(target, input);
    if (fault !== undefined) faults.push(fault);
    return coverage.fresh();
  };
  for (const seed of [...target.seeds.map((text) => Buffer.from(text)), ...parts.corpus]) {
    await attempt(seed);
    queue.push(seed);
  }
  // Later finds are where the unknown is: they are drawn more often.
  const pick = (): Buffer => queue[Math.floor(draw() ** 0.5 * queue.length)] ?? Buffer.alloc(0);
  let half: number | undefined;
  while (parts.progress(runs, faults.length) < 1 && faults.length < mostFaults) {
    if (half === undefined && parts.progress(runs, faults.length) >= 0.5) half = heap();
    const input = mutate(pick(), pick(), target.dictionary, target.most, draw);
    if ((await attempt(input)) > 0) {
      queue.push(input);
      found.push(input);
    }
  }
  const kept = found.reduce((bytes, input) => bytes + input.length, 0);
  const growth = half === undefined ? 0 : heap() - half - kept;
  await coverage.close();
  return { runs, covered: coverage.total(), found, faults, growth };
}

/** Counts and distributions as they add up in one process, and as they come to the one that tells them. */
import {
  type CounterName,
  counters,
  type CounterRow,
  type HistogramName,
  histograms,
  type HistogramRow,
  mostSeries,
} from './metric-table.ts';

/** Values of the labels, in the order of the table. */
export type Labels = readonly string[];

/** What came since the last time: plain JSON. */
export interface Tallied {
  readonly counts: readonly (readonly [name: CounterName, labels: Labels, by: number])[];
  /** How many fell into each bucket, the last one without bound, and their sum. */
  readonly spreads: readonly (readonly [name: HistogramName, labels: Labels, buckets: readonly number[], sum: number])[];
}

export interface Count {
  readonly labels: Labels;
  value: number;
}

export interface Spread {
  readonly labels: Labels;
  /** How many fell into each, the last one without bound. */
  readonly buckets: number[];
  sum: number;
}

export interface Tally {
  add(name: CounterName, labels: Labels, by?: number): void;
  observe(name: HistogramName, labels: Labels, value: number): void;
  /** Adds what another one drained. */
  merge(tallied: Tallied): void;
  /** Gives what came since the last time and begins anew; undefined where nothing came. */
  drain(): Tallied | undefined;
  counts(name: CounterName): Iterable<Count>;
  spreads(name: HistogramName): Iterable<Spread>;
}

/** No label holds it. */
const separator = '\u0000';
const other = 'other';

/** The series of one metric, within the bounds of its row. */
function createSeries<Kept extends { readonly labels: Labels }>(
  row: CounterRow | HistogramRow,
  make: (labels: Labels) => Kept,
): { at(labels: Labels): Kept; all(): Iterable<Kept> } {
  const kept = new Map<string, Kept>();
  const { bounded } = row;
  const at = bounded === undefined ? -1 : Object.keys(row.labels).indexOf(bounded.label);
  const seen = new Set<string>();

  function within(labels: Labels): Labels {
    const isFull = kept.size >= mostSeries;
    const value = labels[at] ?? '';
    if (!isFull && (bounded === undefined || seen.has(value) || seen.size < bounded.most)) {
      if (bounded !== undefined) seen.add(value);
      return labels;
    }
    const less = bounded === undefined ? labels : labels.with(at, other);
    return !isFull || kept.has(less.join(separator)) ? less : labels.map(() => other);
  }

  return {
    at(labels) {
      const known = kept.get(labels.join(separator));
      if (known !== undefined) return known;
      const bound = within(labels);
      const key = bound.join(separator);
      const made = kept.get(key) ?? make(bound);
      kept.set(key, made);
      return made;
    },
    all: () => kept.values(),
  };
}

const newCount = (labels: Labels): Count => ({ labels, value: 0 });

/** @param zeros whether what is told from the start stands there at once */
export function createTally({ zeros }: { zeros: boolean }): Tally {
  const open = () => ({
    counts: new Map(Object.entries<CounterRow>(counters).map(([name, row]) => [name, createSeries(row, newCount)])),
    spreads: new Map(
      Object.entries<HistogramRow>(histograms).map(([name, row]) => [
        name,
        createSeries<Spread>(row, (labels) => ({ labels, buckets: Array<number>(row.buckets.length + 1).fill(0), sum: 0 })),
      ]),
    ),
  });
  let { counts, spreads } = open();
  let isEmpty = true;
  const countAt = (name: CounterName, labels: Labels): Count | undefined => counts.get(name)?.at(labels);
  const spreadAt = (name: HistogramName, labels: Labels): Spread | undefined => spreads.get(name)?.at(labels);
  if (zeros) {
    for (const [name, row] of Object.entries<CounterRow>(counters)) {
      for (const labels of row.zeros) counts.get(name)?.at(labels);
    }
  }

  function add(name: CounterName, labels: Labels, by = 1): void {
    const count = countAt(name, labels);
    if (count !== undefined) count.value += by;
    isEmpty = false;
  }

  return {
    add,
    observe(name, labels, value) {
      const spread = spreadAt(name, labels);
      if (spread === undefined) return;
      const { buckets } = histograms[name];
      let index = 0;
      while (index < buckets.length && value > (buckets[index] ?? Infinity)) index += 1;
      spread.buckets[index] = (spread.buckets[index] ?? 0) + 1;
      spread.sum += value;
      isEmpty = false;
    },
    merge(tallied) {
      for (const [name, labels, by] of tallied.counts) add(name, labels, by);
      for (const [name, labels, buckets, sum] of tallied.spreads) {
        const spread = spreadAt(name, labels);
        if (spread === undefined) continue;
        for (const [index, fell] of buckets.entries()) spread.buckets[index] = (spread.buckets[index] ?? 0) + fell;
        spread.sum += sum;
        isEmpty = false;
      }
    },
    drain() {
      if (isEmpty) return undefined;
      const drained: Tallied = {
        counts: (Object.keys(counters) as CounterName[]).flatMap((name) =>
          [...(counts.get(name)?.all() ?? [])].map(({ labels, value }) => [name, labels, value] as const),
        ),
        spreads: (Object.keys(histograms) as HistogramName[]).flatMap((name) =>
          [...(spreads.get(name)?.all() ?? [])].map(({ labels, buckets, sum }) => [name, labels, buckets, sum] as const),
        ),
      };
      ({ counts, spreads } = open());
      isEmpty = true;
      return drained;
    },
    counts: (name) => counts.get(name)?.all() ?? [],
    spreads: (name) => spreads.get(name)?.all() ?? [],
  };
}

/** What is measured now and then: the last readings of each process, which go as it goes. */
import { type GaugeName, gauges } from './metric-table.ts';
import type { Labels } from './tally.ts';

export type Reading = readonly [labels: Labels, value: number];

/** All readings of a gauge, in place of those before. */
export type Measured = readonly [name: GaugeName, readings: readonly Reading[]];

export interface Gauges {
  /** @param from the process that measured */
  set(from: string, measured: Measured): void;
  /** A process is gone. */
  forget(from: string): void;
  /** What is to be told of all processes, by the row of the table. */
  read(name: GaugeName): readonly Reading[];
}

const separator = '\u0000';

export function createGauges(): Gauges {
  const kept = new Map<GaugeName, Map<string, readonly Reading[]>>();
  return {
    set(from, [name, readings]) {
      const of = kept.get(name) ?? new Map<string, readonly Reading[]>();
      // The latest comes last.
      of.delete(from);
      kept.set(name, of.set(from, readings));
    },
    forget(from) {
      for (const of of kept.values()) of.delete(from);
    },
    read(name) {
      const of = [...(kept.get(name) ?? [])];
      const { across } = gauges[name];
      if (across === 'each') {
        return of.flatMap(([from, readings]) => readings.map(([labels, value]) => [[from, ...labels], value] as const));
      }
      if (across === 'latest') return of.at(-1)?.[1] ?? [];
      const choose = across === 'lowest' ? Math.min : Math.max;
      const chosen = new Map<string, Reading>();
      for (const [labels, value] of of.flatMap(([, readings]) => readings)) {
        const key = labels.join(separator);
        chosen.set(key, [labels, choose(value, chosen.get(key)?.[1] ?? value)]);
      }
      return [...chosen.values()];
    },
  };
}

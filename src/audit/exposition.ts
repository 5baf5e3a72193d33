/** All that was counted and measured, in Prometheus’s text format 0.0.4. */
import type { Gauges } from './gauges.ts';
import {
  type CounterName,
  counters,
  type GaugeName,
  gauges,
  type HistogramName,
  histograms,
  type MetricRow,
} from './metric-table.ts';
import type { Labels, Tally } from './tally.ts';

export const mediaType = 'text/plain; version=0.0.4; charset=utf-8';

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const quoted = (value: string): string =>
  `"${value.toWellFormed().replace(/[\\"\n]/g, (character) => escapes[character] ?? '')}"`;

function numeral(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** A line for each sample. */
function sample(name: string, names: readonly string[], labels: Labels, value: number, further = ''): string {
  const pairs = names.map((label, at) => `${label}=${quoted(labels[at] ?? '')}`);
  if (further !== '') pairs.push(further);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${numeral(value)}\n`;
}

export function expose(tally: Pick<Tally, 'counts' | 'spreads'>, measured: Pick<Gauges, 'read'>): string {
  const pieces: string[] = [];
  const begin = (name: string, { type, help, labels }: MetricRow): readonly string[] => {
    pieces.push(`# HELP ${name} ${help.replaceAll('\\', '\\\\')}\n# TYPE ${name} ${type}\n`);
    return Object.keys(labels);
  };
  for (const name of Object.keys(counters) as CounterName[]) {
    const names = begin(name, counters[name]);
    for (const { labels, value } of tally.counts(name)) pieces.push(sample(name, names, labels, value));
  }
  for (const name of Object.keys(histograms) as HistogramName[]) {
    const names = begin(name, histograms[name]);
    const bounds = [...histograms[name].buckets.map(String), '+Inf'];
    for (const { labels, buckets, sum } of tally.spreads(name)) {
      let below = 0;
      for (const [at, bound] of bounds.entries()) {
        below += buckets[at] ?? 0;
        pieces.push(sample(`${name}_bucket`, names, labels, below, `le="${bound}"`));
      }
      pieces.push(sample(`${name}_sum`, names, labels, sum), sample(`${name}_count`, names, labels, below));
    }
  }
  for (const name of Object.keys(gauges) as GaugeName[]) {
    const names = begin(name, gauges[name]);
    for (const [labels, value] of measured.read(name)) pieces.push(sample(name, names, labels, value));
  }
  return pieces.join('');
}

/**
 * What counts against one network: at most `limit` failures in any `window`. They are counted by sixtieths of it, since the limit
 * may be high, and each sixtieth counts until its end is a window old.
 */
import type { StoredRecord } from '../store/store.ts';

/** The beginning of a span, in milliseconds since the epoch, and how many attempts it holds; rising. */
export type Span = readonly [start: number, count: number];

export interface NetworkLimits {
  readonly limit: number;
  readonly window: number;
}

const spans = 60;
const widthOf = (window: number) => Math.ceil(window / spans);

/** When the last of these spans stops counting. */
export function forgottenAt(counted: readonly Span[], window: number): number {
  return (counted.at(-1)?.[0] ?? 0) + widthOf(window) + window;
}

/** Counts an attempt, of that weight, before it is judged; without `start` it was too much, and the network opens at `opensAt`. */
export function count(
  counted: readonly Span[],
  now: number,
  { limit, window }: NetworkLimits,
  weight = 1,
): { readonly counted: readonly Span[]; readonly start?: number; readonly opensAt: number } {
  const width = widthOf(window);
  const start = now - (now % width);
  const found: Span[] = [];
  for (const [begun, number] of counted) {
    // After a clock was set back, what lies in the future is taken for now, so that it ends in time.
    const from = Math.min(begun, start);
    const last = found.at(-1);
    if (last?.[0] === from) found[found.length - 1] = [from, last[1] + number];
    else if (now < from + width + window) found.push([from, number]);
  }
  let excess = found.reduce((sum, [, number]) => sum + number, weight) - limit;
  let opensAt = now;
  for (const span of found) {
    if (excess <= 0) break;
    excess -= span[1];
    opensAt = span[0] + width + window;
  }
  if (opensAt > now) return { counted: (counted.at(-1)?.[0] ?? 0) > start ? found : counted, opensAt };
  const last = found.at(-1);
  if (last?.[0] === start) found[found.length - 1] = [start, last[1] + weight];
  else found.push([start, weight]);
  return { counted: found, start, opensAt };
}

/** The attempt counted in that span was no failure. */
export function uncount(counted: readonly Span[], start: number): readonly Span[] {
  return counted
    .map(([begun, number]): Span => [begun, begun === start ? number - 1 : number])
    .filter(([, number]) => number > 0);
}

/** The spans of a stored record; none where there is none. */
export function spansOf(record: StoredRecord | undefined): readonly Span[] {
  const value = record?.value ?? [];
  if (Array.isArray(value) && value.every(isSpan)) return value;
  throw new Error('a record of attempts is not a list of spans');
}

function isSpan(value: unknown): value is Span {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}

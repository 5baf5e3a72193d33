/** A length of time in words, in whole units of the largest that fits. */
import type { Locale } from './locale.ts';

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** What it gives takes milliseconds, and rounds up: nobody comes back too early. */
export function sayDuration(language: Locale): (milliseconds: number) => string {
  return (milliseconds) => {
    const [unit, length] = units.find(([, each]) => milliseconds >= each) ?? units[2];
    const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' });
    return format.format(Math.max(1, Math.ceil(milliseconds / length)));
  };
}

/** Judges by how much another clock differs from ours. */
import type { Finding, Tell } from './check.ts';

const [least, most] = [10_000, 60_000];

/** `0.4 s` or `75 s`. */
const seconds = (milliseconds: number): string => {
  const value = Math.abs(milliseconds) / 1_000;
  return `${value < 10 ? value.toFixed(1) : String(Math.round(value))} s`;
};

/**
 * What is borne is `clockSkew`, and a minute at most, since what we sign begins a minute before its time.
 * @param ahead milliseconds that the other one is ahead of ours
 * @param clockSkew milliseconds
 */
export function judgeClock(check: Tell, ahead: number, clockSkew: number): Finding {
  const borne = Math.min(Math.max(clockSkew, least), most);
  const off = Math.abs(ahead);
  const words = `it is ${seconds(ahead)} ${ahead < 0 ? 'behind' : 'ahead of'} ours, of ${seconds(borne)} that are borne`;
  return off > borne ? check.problem(words) : off > borne / 4 ? check.warning(words) : check.ok(words);
}

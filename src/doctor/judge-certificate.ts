/** Judges a server's certificate by what is left of it. */
import type { Finding, Tell } from './check.ts';

const day = 24 * 3_600_000;
/** Days: what renews by itself does so well before. */
const soon = 14;

export const dateOf = (time: number): string =>
  Number.isNaN(time) ? 'an unknown day' : new Date(time).toISOString().slice(0, 10);

/** Whole days; negative once it is over. */
export const daysUntil = (time: number, now: number): number => Math.floor((time - now) / day);

/**
 * @param shown `notAfter` in milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function judgeCertificate(
  check: Tell,
  shown: { readonly trouble: string | undefined; readonly issuer: string; readonly notAfter: number },
  now: number,
): Finding {
  const { trouble, issuer, notAfter } = shown;
  if (trouble !== undefined) return check.problem(trouble);
  const days = daysUntil(notAfter, now);
  const words = `issued by ${issuer}, until ${dateOf(notAfter)}: ${String(days)} days left`;
  return days < soon ? check.warning(words) : check.ok(words);
}

/** What stood against the last attempt, in what a page is given of it. */
import type { Refusal } from '../refusal.ts';
import type { Problem, Until } from './page-contents.ts';

/** When it can be tried again; undefined where nobody knows, or a stranger must not. `now` in milliseconds since the epoch. */
export function untilOf({ row, detail }: Refusal, now: number): { readonly until?: Until } {
  if (row.words === 'not-accepted' || typeof detail.until !== 'string') return {};
  const at = Date.parse(detail.until);
  return at > now ? { until: { at, ahead: at - now } } : {};
}

export function problemOf(refusal: Refusal, reference: string, now: number): Problem {
  const { minutes } = refusal.detail;
  return {
    words: refusal.row.words,
    reference,
    ...(typeof minutes === 'number' && { minutes }),
    ...untilOf(refusal, now),
  };
}

/** Refusals of what the store does not serve for. */
import { again, type Row } from './row.ts';

export const storeRows = {
  'store-unavailable': again(
    'store-unavailable',
    'The store does not serve; the event says why. Nothing was judged. With PostgreSQL, see that the database runs, is reached and takes writes; with SQLite, look at the disk.',
    503,
  ),
} as const satisfies Record<string, Row>;

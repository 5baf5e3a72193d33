/** The last lines of the log that a store holds: how far the chains of other processes go. */
import type { Journal, JournalQuery } from '../store/journal.ts';

/** The oldest first; none where the store does not answer now. */
export async function lastLines(journal: Pick<Journal, 'search'>): Promise<readonly string[]> {
  const newest = (query: Pick<JournalQuery, 'events' | 'limit'>) => journal.search({ ...query, order: 'newest first' });
  try {
    // Where much goes on, the beginnings and ends of chains lie further back than the rest.
    const [ends, all] = await Promise.all([
      newest({ events: ['audit.begun', 'audit.ended'], limit: 50 }),
      newest({ limit: 200 }),
    ]);
    return [...all.filter(({ event }) => event !== 'trail'), ...ends].toReversed().map(({ text }) => text);
  } catch {
    return [];
  }
}

/** Reads the journal page by page, so that any length of it takes the same memory. */
import type { Journal, JournalEntry, JournalPlace, JournalQuery } from '../store/journal.ts';
import type { Io } from './command.ts';

export type Placed = JournalEntry & { readonly place: JournalPlace };

export interface Sought {
  readonly query: Omit<JournalQuery, 'after' | 'limit' | 'order'>;
  /** What the journal cannot be asked for. */
  readonly matches: (text: string) => boolean;
}

const pageSize = 500;

/**
 * What was appended twice, because nobody could know whether it had been the first time, comes once.
 * @throws Error once the signal is aborted, and what the journal throws
 */
export async function* journalPages(
  journal: Journal,
  { query, matches }: Sought,
  { order, io }: { order: JournalQuery['order']; io: Pick<Io, 'doing' | 'signal'> },
): AsyncGenerator<Placed> {
  let after: JournalPlace | undefined;
  let instant = { at: -1, texts: new Set<string>() };
  for (;;) {
    const page = await journal.search({ ...query, order, after, limit: pageSize });
    for (const entry of page) {
      if (entry.at !== instant.at) instant = { at: entry.at, texts: new Set() };
      if (instant.texts.has(entry.text)) continue;
      instant.texts.add(entry.text);
      if (matches(entry.text)) yield entry;
    }
    after = page.at(-1)?.place;
    if (after === undefined || page.length < pageSize) return;
    if (io.signal.aborted) throw new Error('Ended before all was read.');
    io.doing(`reading events of ${new Date(after.at).toISOString().slice(0, 16)}Z`);
  }
}

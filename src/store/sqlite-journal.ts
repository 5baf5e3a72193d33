/** The journal of the SQLite store. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../clock.ts';
import { boundedEntries, type By, foundOf, merged, type Order, planOf } from './journal-plan.ts';
import type { JournalEntry, JournalQuery } from './journal.ts';
import { journalQueries, searchFor } from './sqlite-journal-queries.ts';

export interface SqliteJournal {
  /** @throws RangeError for what is beyond the bounds */
  bounded(entries: readonly JournalEntry[]): readonly JournalEntry[];
  /** Within a transaction; one that throws leaves nothing of its own. */
  append(entries: readonly JournalEntry[]): void;
  search(query: JournalQuery): ReturnType<typeof merged>;
  /** Answers how many expired entries are gone. */
  sweep(limit: number): number;
}

export function createSqliteJournal(database: DatabaseSync, clock: Clock): SqliteJournal {
  const insert = database.prepare(journalQueries.append);
  const sweep = database.prepare(journalQueries.sweep);
  const [begin, commit] = [database.prepare('savepoint journal'), database.prepare('release journal')];
  const searches = new Map<string, StatementSync>();

  function statementFor(by: By, order: Order): StatementSync {
    const text = searchFor(by, order);
    const statement = searches.get(text) ?? database.prepare(text);
    searches.set(text, statement);
    return statement;
  }

  return {
    bounded: boundedEntries,
    append(entries) {
      begin.run();
      try {
        for (const { at, event, reference = null, person = null, serviceProvider = null, text, expiresAt } of entries)
          insert.run({ at, event, reference, person, serviceProvider, text, expiresAt });
      } catch (error) {
        // After some errors, such as of the disk, SQLite has ended the transaction itself.
        if (database.isTransaction) database.exec('rollback to journal; release journal');
        throw error;
      }
      commit.run();
    },
    search(query) {
      const { by, order, runs } = planOf(query);
      const now = clock.now();
      const found = runs.map((values) =>
        statementFor(by, order)
          .all({ ...values, now })
          .map(foundOf),
      );
      return merged(found, query);
    },
    sweep: (limit) => Number(sweep.run({ now: clock.now(), limit }).changes),
  };
}

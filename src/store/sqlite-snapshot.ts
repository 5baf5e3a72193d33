/** Reads everything of a SQLite file as it is at one instant, a page at a time, on a connection of its own. */
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { queries } from './sqlite-queries.ts';
import { StoreUnavailable } from './store-unavailable.ts';
import type { RawRecord } from './store.ts';

/** What is read in one go, so that nobody waits for long. */
const pageSize = 500;

interface Source {
  /** For a store in memory, which no other connection reaches. */
  readonly database: DatabaseSync;
  readonly file: string;
  readonly now: number;
}

/** @throws StoreUnavailable, as it is iterated */
export async function* sqliteSnapshot(
  { database, file, now }: Source,
  kinds: readonly string[] | undefined,
): AsyncGenerator<readonly RawRecord[]> {
  if (file === ':memory:') {
    yield* [...pages(database, now, kinds)];
    return;
  }
  let reader: DatabaseSync | undefined;
  try {
    reader = new DatabaseSync(file, { readOnly: true });
    reader.exec('begin');
    for (const page of pages(reader, now, kinds)) {
      yield page;
      await setImmediate();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR')) throw error;
    throw new StoreUnavailable(`the store does not serve: ${error.message}`, error);
  } finally {
    reader?.close();
  }
}

function* pages(database: DatabaseSync, now: number, kinds?: readonly string[]): Generator<readonly RawRecord[]> {
  const page = database.prepare(queries.page);
  for (const kind of kinds ??
    database
      .prepare(queries.kinds)
      .all()
      .map((row) => String(row.kind))) {
    let key = '';
    for (;;) {
      const rows = page.all({ kind, key, now, limit: pageSize });
      if (rows.length > 0) {
        yield rows.map((row) => ({ kind, key: String(row.key), json: String(row.value), expiresAt: Number(row.expires_at) }));
      }
      if (rows.length < pageSize) break;
      key = String(rows.at(-1)?.key);
    }
  }
}

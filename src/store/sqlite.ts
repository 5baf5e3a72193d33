/** The embedded store: one SQLite file, shared by any number of processes of one machine. */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { boundedExpiry, boundedJson, boundedKey, boundedLimit, boundedPrefix } from './bounds.ts';
import { lastingKinds } from './lasting-kinds.ts';
import { createSqliteChanges } from './sqlite-changes.ts';
import { createSqliteDisk } from './sqlite-disk.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { createSqliteJournal } from './sqlite-journal.ts';
import { queries } from './sqlite-queries.ts';
import { sqliteSnapshot } from './sqlite-snapshot.ts';
import { StoreUnavailable } from './store-unavailable.ts';
import { StoreUnusable } from './store-unusable.ts';
import { isWatched, type Kind, type Store, type StoredRecord } from './store.ts';

/** Milliseconds, and records, of one transaction of a sweep, so that it holds up nobody. */
const sweepTime = 5;
const [leastSwept, mostSwept] = [5, 200];
/** Records counted at once, in a millisecond or two. */
const countBatch = 5_000;
/** A kind that the contract does not know, for `check` alone. */
const probe = { kind: 'check', key: 'check' };

/**
 * @param file a path, or `:memory:` for a store that ends with the process
 * @param thorough whether all of it is examined first, however large it is
 * @throws StoreUnusable where the file cannot or must not be used
 */
export function createSqliteStore(parts: { file: string; clock: Clock; thorough?: boolean }): Promise<Store> {
  return Promise.resolve(parts).then(({ file, clock, thorough }) => storeOn(openSqliteFile(file, thorough), file, clock));
}

interface Write {
  /** Gives what tells the caller, once it is committed. */
  readonly run: () => () => void;
  readonly lasting: boolean;
  readonly reject: (error: unknown) => void;
}

function storeOn(database: DatabaseSync, file: string, clock: Clock): Store {
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const create = database.prepare(queries.create);
  const get = database.prepare(queries.get);
  const put = database.prepare(queries.put);
  const remove = database.prepare(queries.delete);
  const list = database.prepare(queries.list);
  const countSome = database.prepare(queries.countSome);
  const sweep = database.prepare(queries.sweep);
  const bump = database.prepare(queries.bump);
  const identity = identityOf(file);
  const changes = createSqliteChanges(database);
  const disk = createSqliteDisk(database, file);
  const journal = createSqliteJournal(database, clock);

  let closing: Promise<void> | undefined;
  let group: Write[] = [];
  /** Settled once all that was asked for so far is committed or refused; never rejects. */
  let ended = Promise.resolve();
  /** Settled once all that lasts and was committed so far is told; never rejects. */
  let told = Promise.resolve();

  /**
   * Writes of one turn of the event loop share a commit, which costs more than they do. They wait for it in memory, so that the
   * lock is never held from one turn to the next. A step writes last and by what leaves nothing where it throws.
   */
  function write<T>(
    step: () => T,
    changed?: { readonly kind: Kind; readonly key: string },
    lasting = changed !== undefined && lastingKinds.has(changed.kind),
  ): Promise<T> {
    const watched = changed !== undefined && isWatched(changed.kind) ? changed.kind : undefined;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (group.length === 0) ended = setImmediate().then(commitGroup);
    group.push({
      reject,
      lasting,
      run: () => {
        try {
          if (watched !== undefined) bump.run({ kind: watched });
          const result = step();
          return () => {
            if (changed !== undefined && watched !== undefined) changes.tell(watched, changed.key);
            resolve(result);
          };
        } catch (error) {
          // After some errors, such as of the disk, SQLite has rolled back what the others wrote.
          if (!database.isTransaction) throw error;
          return () => reject(unavailable(error));
        }
      },
    });
    return promise;
  }

  function commitGroup(): void {
    const writes = group;
    group = [];
    try {
      // The lock is taken before reading, so that no other process can write in between.
      begin.run();
      const done = writes.map((one) => ({ ...one, answer: one.run() }));
      commit.run();
      disk.written(writes.length);
      for (const { answer } of done.filter(({ lasting }) => !lasting)) answer();
      const lasting = done.filter((one) => one.lasting);
      if (lasting.length > 0) told = Promise.all([told, tellOnceSynced(lasting)]).then(() => undefined);
    } catch (error) {
      for (const { reject } of writes) reject(unavailable(error));
      if (database.isOpen && database.isTransaction) database.exec('rollback');
    }
  }

  /** By itself a commit reaches the disk at times alone (synchronous = normal). */
  async function tellOnceSynced(writes: readonly { answer: () => void; reject: (error: unknown) => void }[]): Promise<void> {
    try {
      await disk.sync();
      for (const { answer } of writes) answer();
    } catch (error) {
      for (const { reject } of writes) reject(new StoreUnavailable('the store does not serve: the disk fails', error));
    }
  }

  /** Deletes in transactions that take a moment each; what lies far apart on a slow disk takes long, and all of it is waited for. */
  function createSweep(deleteSome: (limit: number) => number): (limit: number) => Promise<number> {
    let size = 50;
    return async (limit) => {
      let deleted = 0;
      while (deleted < limit) {
        const batch = Math.min(limit - deleted, size);
        const { found, took } = await write(() => {
          const began = performance.now();
          return { found: deleteSome(batch), took: performance.now() - began };
        });
        size = Math.min(mostSwept, Math.max(leastSwept, Math.floor((size * sweepTime) / Math.max(took, 0.1))));
        disk.written(found);
        deleted += found;
        if (found < batch) break;
        await disk.idle();
      }
      return deleted;
    };
  }
  const sweepRecords = createSweep((batch) => Number(sweep.run({ now: clock.now(), limit: batch }).changes));
  const sweepJournal = createSweep((batch) => journal.sweep(batch));

  function read(kind: Kind, key: string): StoredRecord | undefined {
    const row = get.get({ kind, key, now: clock.now() });
    return row === undefined ? undefined : { value: JSON.parse(String(row.value)), expiresAt: Number(row.expires_at) };
  }

  return {
    async create(kind, key, value, expiresAt) {
      const record = {
        kind,
        key: boundedKey(key),
        value: boundedJson(value),
        expiresAt: boundedExpiry(expiresAt),
      };
      return write(() => create.run({ ...record, now: clock.now() }).changes === 1, { kind, key });
    },

    async get(kind, key) {
      boundedKey(key);
      await ended;
      return reading(() => read(kind, key)?.value);
    },

    async update(kind, key, change) {
      boundedKey(key);
      return write(
        () => {
          const before = read(kind, key);
          const after = change(before);
          if (after === undefined) remove.run({ kind, key });
          // The very record means that nothing changed: no write.
          else if (after !== before)
            put.run({ kind, key, value: boundedJson(after.value), expiresAt: boundedExpiry(after.expiresAt) });
          return after;
        },
        { kind, key },
      );
    },

    async delete(kind, key) {
      boundedKey(key);
      return write(
        () => {
          const row = remove.get({ kind, key });
          return row !== undefined && Number(row.expires_at) > clock.now();
        },
        { kind, key },
      );
    },

    async list(kind, prefix, limit) {
      const from = { kind, key: boundedPrefix(prefix), limit: boundedLimit(limit) };
      await ended;
      return reading(() => {
        const found: { key: string; value: unknown }[] = [];
        const rows = list.iterate({ ...from, now: clock.now() });
        for (const row of rows) {
          const key = String(row.key);
          if (!key.startsWith(prefix)) break;
          found.push({ key, value: JSON.parse(String(row.value)) });
        }
        return found;
      });
    },

    async count(kind) {
      await ended;
      for (let [counted, key] = [0, '']; ;) {
        const row = reading(() => countSome.get({ kind, key, limit: countBatch }));
        counted += Number(row?.number);
        key = String(row?.last);
        if (Number(row?.number) < countBatch) return counted;
        await setImmediate();
      }
    },

    journal: {
      async append(entries) {
        journal.bounded(entries);
        if (entries.length === 0) return;
        await write(
          () => {
            journal.append(entries);
          },
          undefined,
          true,
        );
        disk.written(entries.length - 1);
      },
      async search(query) {
        await ended;
        return reading(() => journal.search(query));
      },
    },

    async sweep(limit) {
      const records = await sweepRecords(boundedLimit(limit));
      return records + (await sweepJournal(limit - records));
    },

    async *snapshot(kinds) {
      await ended;
      if (!database.isOpen) throw new Error('the store is closed');
      yield* sqliteSnapshot({ database, file, now: clock.now() }, kinds);
    },

    subscribe: (kind, listener) => changes.subscribe(kind, listener),

    async check() {
      // A file deleted or replaced underneath still takes writes, and loses them at the next start.
      if (identityOf(file) !== identity) throw new StoreUnusable(`the store ${file} was deleted or replaced; start again`);
      await write(() => {
        put.run({ ...probe, value: 'true', expiresAt: 0 });
        if (remove.get(probe) === undefined) throw new StoreUnusable(`the store ${file} does not keep what is written`);
      });
    },

    async close() {
      await ended;
      await told;
      changes.close();
      closing ??= disk.close();
      await closing;
      if (database.isOpen) database.close();
    },
  };
}

/** What SQLite has against a statement of ours is of the file, the disk or whoever holds it. */
function unavailable(error: unknown): unknown {
  const isOurs = error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR';
  return isOurs ? new StoreUnavailable(`the store does not serve: ${error.message}`, error) : error;
}

function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unavailable(error);
  }
}

function identityOf(file: string): string {
  if (file === ':memory:') return file;
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}`;
}

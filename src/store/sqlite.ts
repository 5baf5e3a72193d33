/** The embedded store: one SQLite file, shared by any number of processes of one machine. */
import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import { boundedExpiry, boundedJson, boundedKey, boundedLimit, boundedPrefix } from './bounds.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { queries } from './sqlite-queries.ts';
import { StoreUnusable } from './store-unusable.ts';
import type { Kind, Store, StoredRecord } from './store.ts';

/** Records deleted in one transaction, so that a sweep holds up nobody. */
const sweepBatch = 200;
/** What nobody can make anew: on the disk before it is told. The rest may be lost with the power, as it may expire. */
const lastingKinds: ReadonlySet<Kind> = new Set(['name-id']);
/** A kind that the contract does not know, for `check` alone. */
const probe = { kind: 'check', key: 'check' };

/**
 * @param file a path, or `:memory:` for a store that ends with the process
 * @throws StoreUnusable where the file cannot or must not be used
 */
export function createSqliteStore(parts: { file: string; clock: Clock }): Promise<Store> {
  return Promise.resolve(parts).then(({ file, clock }) => storeOn(openSqliteFile(file), file, clock));
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
  const sweep = database.prepare(queries.sweep);
  // Writes out and syncs the WAL first, waiting for nobody; by itself it is synced at times alone (synchronous = normal).
  const checkpoint = database.prepare('pragma wal_checkpoint(passive)');
  const identity = identityOf(file);

  let group: Write[] = [];
  /** Settled once all that was asked for so far is committed or refused; never rejects. */
  let ended = Promise.resolve();

  /**
   * Writes of one turn of the event loop share a commit, which costs more than they do. They wait for it in memory, so that the
   * lock is never held from one turn to the next. A step writes last and by one statement, so one that throws leaves nothing.
   */
  function write<T>(step: () => T, lasting = false): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (group.length === 0) ended = setImmediate().then(commitGroup);
    group.push({
      reject,
      lasting,
      run: () => {
        try {
          const result = step();
          return () => resolve(result);
        } catch (error) {
          // After some errors, such as of the disk, SQLite has rolled back what the others wrote.
          if (!database.isTransaction) throw error;
          return () => reject(error);
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
      const answers = writes.map(({ run }) => run());
      commit.run();
      if (writes.some(({ lasting }) => lasting)) checkpoint.get();
      for (const answer of answers) answer();
    } catch (error) {
      for (const { reject } of writes) reject(error);
      if (database.isOpen && database.isTransaction) database.exec('rollback');
    }
  }

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
      return write(() => create.run({ ...record, now: clock.now() }).changes === 1, lastingKinds.has(kind));
    },

    async get(kind, key) {
      boundedKey(key);
      await ended;
      return read(kind, key)?.value;
    },

    async update(kind, key, change) {
      boundedKey(key);
      return write(() => {
        const before = read(kind, key);
        const after = change(before);
        if (after === undefined) remove.run({ kind, key });
        // The very record means that nothing changed: no write.
        else if (after !== before)
          put.run({ kind, key, value: boundedJson(after.value), expiresAt: boundedExpiry(after.expiresAt) });
        return after;
      });
    },

    async delete(kind, key) {
      boundedKey(key);
      return write(() => {
        const row = remove.get({ kind, key });
        return row !== undefined && Number(row.expires_at) > clock.now();
      });
    },

    async list(kind, prefix, limit) {
      const from = { kind, key: boundedPrefix(prefix), limit: boundedLimit(limit) };
      await ended;
      const found: { key: string; value: unknown }[] = [];
      const rows = list.iterate({ ...from, now: clock.now() });
      for (const row of rows) {
        const key = String(row.key);
        if (!key.startsWith(prefix)) break;
        found.push({ key, value: JSON.parse(String(row.value)) });
      }
      return found;
    },

    async sweep(limit) {
      let deleted = 0;
      for (let left = boundedLimit(limit); left > 0; left = limit - deleted) {
        const batch = Math.min(left, sweepBatch);
        const changes = await write(() => Number(sweep.run({ now: clock.now(), limit: batch }).changes));
        deleted += changes;
        if (changes < batch) break;
      }
      return deleted;
    },

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
      if (database.isOpen) database.close();
    },
  };
}

function identityOf(file: string): string {
  if (file === ':memory:') return file;
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}`;
}

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
/** A kind that the contract does not know, for `check` alone. */
const probe = { kind: 'check', key: 'check' };

/**
 * @param file a path, or `:memory:` for a store that ends with the process
 * @throws StoreUnusable where the file cannot or must not be used
 */
export function createSqliteStore(parts: { file: string; clock: Clock }): Promise<Store> {
  // Promises, not async functions by themselves: node:sqlite is synchronous, so each call is one atomic step of this process.
  return Promise.resolve(parts).then(({ file, clock }) => storeOn(openSqliteFile(file), file, clock));
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
  const identity = identityOf(file);

  /** The lock is taken before reading, so that no other process can write in between. */
  function atomically<T>(step: () => T): T {
    begin.run();
    try {
      const result = step();
      commit.run();
      return result;
    } finally {
      if (database.isTransaction) database.exec('rollback');
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
        now: clock.now(),
      };
      return create.run(record).changes === 1;
    },

    async get(kind, key) {
      return read(kind, boundedKey(key))?.value;
    },

    async update(kind, key, change) {
      boundedKey(key);
      return atomically(() => {
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
      const row = remove.get({ kind, key: boundedKey(key) });
      return row !== undefined && Number(row.expires_at) > clock.now();
    },

    async list(kind, prefix, limit) {
      const found: { key: string; value: unknown }[] = [];
      const rows = list.iterate({ kind, key: boundedPrefix(prefix), now: clock.now(), limit: boundedLimit(limit) });
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
        const changes = Number(sweep.run({ now: clock.now(), limit: batch }).changes);
        deleted += changes;
        if (changes < batch) break;
        if (deleted < limit) await setImmediate();
      }
      return deleted;
    },

    async check() {
      // A file deleted or replaced underneath still takes writes, and loses them at the next start.
      if (identityOf(file) !== identity) throw new StoreUnusable(`the store ${file} was deleted or replaced; start again`);
      atomically(() => {
        put.run({ ...probe, value: 'true', expiresAt: 0 });
        if (remove.get(probe) === undefined) throw new StoreUnusable(`the store ${file} does not keep what is written`);
      });
    },

    async close() {
      if (database.isOpen) database.close();
    },
  };
}

function identityOf(file: string): string {
  if (file === ':memory:') return file;
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 'gone' : `${found.dev}:${found.ino}`;
}

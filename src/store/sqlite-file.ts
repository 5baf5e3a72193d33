/** Opens a SQLite file as a store of ours: private to its owner, recognised, whole, and brought to the newest schema. */
import { chmodSync, closeSync, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { journalQueries } from './sqlite-journal-queries.ts';
import { migrations, queries } from './sqlite-queries.ts';
import { StoreUnusable } from './store-unusable.ts';

/** "Pass" in ASCII: marks a SQLite file as ours (PRAGMA application_id). */
export const applicationId = 0x50617373;
/** Milliseconds to wait for another process that writes; such writes take microseconds. */
const busyTimeout = 2_000;
/** Bytes up to which the whole file is examined at opening. */
const examinedSize = 64 * 1024 * 1024;

const damaged =
  'is damaged; move it away, with its -wal and -shm, and put back a copy or start anew: everybody signs in once more, and without a copy service providers that know people by persistent names take them for somebody new';
/** Primary result codes of SQLite, each with what it means for the file. */
const meanings: Readonly<Record<number, string>> = {
  // Our own statements are known to be right, so what they miss is missing in the file.
  1: damaged,
  3: 'may not be opened; check the rights of the file and its folder',
  5: 'is locked by another program',
  8: 'is read-only; check the rights of the file and its folder',
  10: 'cannot be read or written; check the disk',
  11: damaged,
  13: 'cannot grow: the disk is full',
  14: 'cannot be opened; check the rights of the file and its folder',
  26: 'is not a SQLite database; give another store.file, or move it away',
};

/**
 * @param thorough whether all of it is examined, however large it is, its indexes too
 * @throws StoreUnusable with a message for the administrator
 */
export function openSqliteFile(file: string, thorough = false): DatabaseSync {
  const inMemory = file === ':memory:';
  const path = inMemory ? file : resolve(file);
  const unusable = (what: string, cause?: unknown) => new StoreUnusable(`the store ${path} ${what}`, cause);
  let database: DatabaseSync | undefined;
  try {
    if (!inMemory) createPrivately(path, unusable);
    database = new DatabaseSync(path, { timeout: busyTimeout, defensive: true });
    recognise(database, unusable);
    if (!inMemory) {
      examine(database, path, thorough, unusable);
      for (const suffix of ['', '-wal', '-shm']) makePrivate(path + suffix);
      // Small records: small pages make for less to write. A file that has pages keeps its own size.
      database.exec('pragma page_size = 1024');
      if (textOf(database, 'pragma journal_mode = wal') !== 'wal') throw unusable('lies on a file system that cannot take a WAL');
    }
    database.exec(
      'pragma synchronous = normal; pragma temp_store = memory; pragma journal_size_limit = 8388608; pragma cache_size = -8000',
    );
    migrate(database, unusable);
    for (const query of [...Object.values(queries), ...Object.values(journalQueries)]) database.prepare(query);
    return database;
  } catch (error) {
    if (database?.isOpen === true) database.close();
    if (error instanceof StoreUnusable) throw error;
    const code = error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1;
    throw unusable(meanings[code] ?? `cannot be used: ${error instanceof Error ? error.message : String(error)}`, error);
  }
}

type Unusable = (what: string, cause?: unknown) => StoreUnusable;

/** SQLite gives -wal and -shm the rights of the file itself, so it must be private before SQLite sees it. */
function createPrivately(path: string, unusable: Unusable): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const descriptor = openSync(path, 'a', 0o600);
  try {
    if (!fstatSync(descriptor).isFile()) throw unusable('is not a file');
  } finally {
    closeSync(descriptor);
  }
}

function makePrivate(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && (found.mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/** Read by one statement, hence at one instant: another process may be setting the file up. */
const identity = `select user_version as version, application_id as owner, (select count(*) from sqlite_schema) as objects
  from pragma_user_version, pragma_application_id`;

function recognise(database: DatabaseSync, unusable: Unusable): number {
  const found = database.prepare(identity).get() ?? {};
  const version = Number(found.version);
  const fresh = found.owner === 0 && version === 0 && found.objects === 0;
  if (found.owner !== applicationId && !fresh) throw unusable('belongs to another program; give another store.file');
  if (version > migrations.length) throw unusable('was written by a newer Passerelle; run that one, or give another store.file');
  return version;
}

function examine(database: DatabaseSync, path: string, thorough: boolean, unusable: Unusable): void {
  if (!thorough && statSync(path).size > examinedSize) return;
  const verdict = textOf(database, thorough ? 'pragma integrity_check(1)' : 'pragma quick_check(1)');
  if (verdict !== 'ok') throw unusable(damaged, new Error(verdict));
}

/** Several processes may start at once: the version is read again under the lock. */
function migrate(database: DatabaseSync, unusable: Unusable): void {
  if (recognise(database, unusable) === migrations.length) return;
  database.exec('begin immediate');
  try {
    for (const statement of migrations.slice(recognise(database, unusable)).flat()) database.exec(statement);
    database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}; commit`);
  } finally {
    if (database.isTransaction) database.exec('rollback');
  }
}

function textOf(database: DatabaseSync, query: string): string {
  return String(Object.values(database.prepare(query).get() ?? {})[0]);
}

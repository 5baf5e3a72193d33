/** Looks at the SQLite file of a store without changing it: no migration, no rights set right, nothing made. */
import { type Stats, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { applicationId } from '../sqlite-file.ts';
import { migrations } from '../sqlite-queries.ts';

export interface SqliteFacts {
  /** Undefined where there is no such file. */
  readonly mode: number | undefined;
  /** Bytes, with what is not in the file proper yet. */
  readonly size: number;
  /** Of the schema; 0 where it is empty. */
  readonly version: number;
  /** Of this Passerelle. */
  readonly newest: number;
  /** What SQLite says of the file: `ok`, or what is wrong; undefined where it is too large to be read through. */
  readonly whole: string | undefined;
  /** Why it cannot be used, in words. */
  readonly trouble: string | undefined;
}

/** Bytes up to which the file is read through. */
const examinedSize = 256 * 1024 * 1024;
const busyTimeout = 2_000;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
const textOf = (database: DatabaseSync, query: string): string => String(Object.values(database.prepare(query).get() ?? {})[0]);

function look(path: string, found: Stats, size: number): Pick<SqliteFacts, 'version' | 'whole' | 'trouble'> {
  if (!found.isFile()) return { version: 0, whole: undefined, trouble: 'it is not a file' };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeout });
    const version = Number(textOf(database, 'pragma user_version'));
    const owner = Number(textOf(database, 'pragma application_id'));
    if (owner !== applicationId && (owner !== 0 || version !== 0))
      return { version, whole: undefined, trouble: 'it belongs to another program' };
    const whole = size > examinedSize ? undefined : textOf(database, 'pragma quick_check(1)');
    return { version, whole, trouble: undefined };
  } catch (error) {
    return { version: 0, whole: undefined, trouble: error instanceof Error ? error.message : 'it cannot be opened' };
  } finally {
    database?.close();
  }
}

export function examineSqlite(path: string): SqliteFacts {
  const found = statSync(path, { throwIfNoEntry: false });
  const newest = migrations.length;
  if (found === undefined) return { mode: undefined, size: 0, version: 0, newest, whole: undefined, trouble: undefined };
  const size = found.size + sizeOf(`${path}-wal`);
  return { mode: found.mode & 0o777, size, newest, ...look(path, found, size) };
}

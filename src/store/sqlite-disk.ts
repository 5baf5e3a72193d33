/**
 * Brings what was committed to a SQLite file to the disk without holding up the event loop: the log is synced by a call of its own,
 * and written back into the file by a thread of its own, which begins once there is enough of it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, Worker, workerData } from 'node:worker_threads';

export interface SqliteDisk {
  /** Resolves once all that is committed by now is on the disk. */
  sync(): Promise<void>;
  /** So many records were committed. */
  written(records: number): void;
  /** Resolves once nothing is written back: whoever writes much and can wait does not let the log grow. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

interface Work {
  readonly writesBack: string;
}

/** Records after which the log is written back; each takes a handful of pages of it. */
const enough = 500;
/** Pages of the log at which writers are made to pause, and at which SQLite writes it back by itself, should the thread be gone. */
const long = 8_192;
const tooLong = 32_768;
/** Pages that are written back within a moment, and how often the rest is made less before writers pause. */
const few = 256;
const mostPasses = 8;
/** Milliseconds to wait for another process that writes, or writes back. */
const patience = 2_000;

const isWork = (data: unknown): data is Work => typeof data === 'object' && data !== null && 'writesBack' in data;

export function createSqliteDisk(database: DatabaseSync, file: string): SqliteDisk {
  const nothing = (): Promise<void> => Promise.resolve();
  if (file === ':memory:') return { sync: nothing, written: () => undefined, idle: nothing, close: nothing };
  database.exec(`pragma wal_autocheckpoint = ${tooLong}`);
  let log: Promise<FileHandle> | undefined;
  let thread: { readonly worker: Worker; readonly ended: Promise<void> } | undefined;
  let pass: PromiseWithResolvers<undefined> | undefined;
  let isGone = false;
  let behind = 0;

  function passed(): void {
    pass?.resolve(undefined);
    pass = undefined;
  }

  function start(): NonNullable<typeof thread> {
    const worker = new Worker(new URL(import.meta.url), { workerData: { writesBack: file } satisfies Work });
    const ended = Promise.withResolvers<undefined>();
    worker.unref();
    worker.on('message', () => {
      passed();
      written(0);
    });
    worker.on('error', () => {
      // SQLite by itself, then, in the middle of a commit.
      isGone = true;
      if (database.isOpen) database.exec('pragma wal_autocheckpoint = 1000');
    });
    worker.on('exit', () => {
      passed();
      ended.resolve(undefined);
    });
    return { worker, ended: ended.promise };
  }

  function written(records: number): void {
    behind += records;
    if (behind < enough || pass !== undefined || isGone) return;
    behind = 0;
    pass = Promise.withResolvers<undefined>();
    thread ??= start();
    thread.worker.postMessage('write back');
  }

  return {
    async sync() {
      // What is no longer in the log when it is synced was synced with the file before it left the log. The log of an open
      // database is never another file.
      log ??= open(`${file}-wal`, 'r+');
      await (await log).datasync();
    },
    written,
    idle: async () => pass?.promise,
    async close() {
      isGone = true;
      await (await log)?.close();
      if (thread === undefined) return;
      thread.worker.ref();
      thread.worker.postMessage('end');
      await thread.ended;
    },
  };
}

function writeBack(port: NonNullable<typeof parentPort>, file: string): void {
  const database = new DatabaseSync(file, { timeout: patience });
  const passive = database.prepare('pragma wal_checkpoint(passive)');
  const restart = database.prepare('pragma wal_checkpoint(restart)');
  port.on('message', (message) => {
    if (message === 'end') {
      database.close();
      port.close();
      return;
    }
    let pages = 0;
    // Waits for nobody. Where writers never pause, something is always left, and then they are made to, once it is little.
    for (let passes = 0; passes < mostPasses; passes += 1) {
      const { log, checkpointed } = passive.get() ?? {};
      pages = Number(log);
      if (pages - Number(checkpointed) < few) break;
    }
    if (pages > long) restart.get();
    port.postMessage('written back');
  });
}

if (parentPort !== null && isWork(workerData)) writeBack(parentPort, workerData.writesBack);

/** Tells which watched records were changed in a SQLite file: of this process each at once, of others that there were some. */
import type { DatabaseSync } from 'node:sqlite';
import { createListeners } from './listeners.ts';
import { queries } from './sqlite-queries.ts';
import type { Subscription, WatchedKind } from './store.ts';

/** Milliseconds between two looks at what other processes did; a look takes microseconds. */
const betweenLooks = 200;

interface SqliteChanges {
  subscribe(kind: WatchedKind, listener: (key: string | undefined) => void): Subscription;
  /** Of a write of this process that was committed. */
  tell(kind: WatchedKind, key: string): void;
  close(): void;
}

export function createSqliteChanges(database: DatabaseSync): SqliteChanges {
  const listeners = createListeners();
  // Another one after each commit of another connection.
  const dataVersion = database.prepare('pragma data_version');
  const counts = database.prepare(queries.counts);
  let version: unknown;
  let counted = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  let isLive = false;

  const count = (): Map<string, string> => new Map(counts.all().map(({ key, value }) => [String(key), String(value)]));

  function look(): void {
    try {
      const found = dataVersion.get()?.data_version;
      if (found === version) return;
      const now = count();
      const changed = [...now].filter(([kind, times]) => counted.get(kind) !== times);
      [version, counted, isLive] = [found, now, true];
      for (const [kind] of changed) listeners.tell(kind, undefined);
    } catch {
      // Looked at again; until then nobody knows.
      [version, isLive] = [undefined, false];
      listeners.tellAll();
    }
  }

  function stop(): void {
    clearInterval(timer);
    timer = undefined;
    isLive = false;
  }

  return {
    subscribe(kind, listener) {
      if (timer === undefined) {
        version = dataVersion.get()?.data_version;
        counted = count();
        isLive = true;
        timer = setInterval(look, betweenLooks);
        timer.unref();
      }
      const remove = listeners.add(kind, listener);
      return {
        isLive: () => isLive,
        end() {
          remove();
          if (listeners.count() === 0) stop();
        },
      };
    },
    tell: (kind, key) => {
      listeners.tell(kind, key);
    },
    close: stop,
  };
}

/** Connections to a directory, each lent to one operation at a time, opened when needed and never more than a limit. */
import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { Unanswered } from './unanswered.ts';

/** Firewalls and directories drop connections silently that were idle longer. */
const IDLE_LIMIT = 120_000;

export interface ConnectionPool {
  /**
   * Runs one operation on a connection of its own. Where a connection that had been kept turns out to have ended, the operation
   * runs once more on a fresh one.
   * @throws Unanswered, and what `operation` throws
   */
  use<Result>(operation: (connection: Connection) => Promise<Result>): Promise<Result>;
  /** Ends the idle connections now and the others when they come back; refuses new operations. */
  close(): void;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

/** @param patience milliseconds that an operation waits for a connection to become free */
export function createConnectionPool(
  open: () => Promise<Connection>,
  limit: number,
  patience: number,
  clock: Clock,
): ConnectionPool {
  const idle: Idle[] = [];
  /** Those who wait for a slot, first come first served. */
  const waiting = new Set<() => void>();
  let taken = 0;
  let closed = false;

  const dropIdle = (): void => {
    for (const { connection } of idle.splice(0)) {
      connection.close();
    }
  };

  /** Waits until fewer than `limit` operations run. */
  async function enter(): Promise<void> {
    if (taken < limit) {
      taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(proceed);
        reject(new Unanswered('', `all ${String(limit)} connections busy for ${String(patience)} ms`, false));
      }, patience);
      const proceed = (): void => {
        clearTimeout(timer);
        resolve();
      };
      waiting.add(proceed);
    });
  }

  /** The slot goes to who waited longest. */
  function leave(): void {
    const [first] = waiting;
    if (first === undefined) {
      taken -= 1;
    } else {
      waiting.delete(first);
      first();
    }
  }

  /** A kept connection that still stands. */
  function kept(): Connection | undefined {
    for (;;) {
      const last = idle.pop();
      if (last === undefined) {
        return undefined;
      }
      if (last.connection.usable && clock.now() - last.since < IDLE_LIMIT) {
        return last.connection;
      }
      last.connection.close();
    }
  }

  async function run<Result>(connection: Connection, operation: (connection: Connection) => Promise<Result>): Promise<Result> {
    try {
      const result = await operation(connection);
      if (connection.usable && !closed) {
        idle.push({ connection, since: clock.now() });
      } else {
        connection.close();
      }
      return result;
    } catch (error) {
      connection.close();
      if (error instanceof Unanswered) {
        // Its siblings stand on the same server: whoever comes next had better ask afresh. Those at work are left alone.
        dropIdle();
      }
      throw error;
    }
  }

  return {
    async use(operation) {
      await enter();
      try {
        if (closed) {
          throw new Unanswered('', 'closed', false);
        }
        const connection = kept();
        if (connection !== undefined) {
          try {
            return await run(connection, operation);
          } catch (error) {
            if (!(error instanceof Unanswered && error.ended)) {
              throw error;
            }
          }
        }
        return await run(await open(), operation);
      } finally {
        leave();
      }
    },
    close() {
      closed = true;
      dropIdle();
    },
  };
}

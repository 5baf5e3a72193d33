/** Connections to one controller, each lent to one operation at a time, opened when needed and never more than a limit. */
import type { Clock } from '../clock.ts';
import type { Attempt } from './attempt.ts';
import type { Connection } from './connection.ts';
import { ReadOnly, Silent, Unanswered, Unasked } from './unanswered.ts';

/** Milliseconds. Firewalls and directories drop connections silently that were idle longer. */
const IDLE_LIMIT = 120_000;
/** After so many milliseconds without use nobody knows whether a connection still stands. */
const RESTED = 5_000;
const MOST_WAITING = 1_000;

export interface ConnectionPool {
  /**
   * Runs one operation on a connection of its own. Where a connection that had been kept turns out to have ended, or has rested and
   * says nothing, the operation runs once more on a fresh one.
   * @throws Unanswered, and what `open` and `operation` throw
   */
  use<Result>(operation: (connection: Connection) => Promise<Result>, attempt: Attempt): Promise<Result>;
  /** How many operations run or wait. */
  readonly busy: number;
  /** Ends the idle connections. */
  dropIdle(): void;
  /** Ends the idle connections now and the others when they come back; keeps none until `resume`. */
  drain(): void;
  resume(): void;
  /** Ends the idle connections; refuses new operations. */
  close(): void;
}

interface Idle {
  readonly connection: Connection;
  readonly since: number;
}

export interface ConnectionPoolOptions {
  /** Host and port. */
  readonly server: string;
  readonly open: (attempt: Attempt) => Promise<Connection>;
  readonly limit: number;
  /** Milliseconds that an operation waits for its turn. */
  readonly patience: number;
  /** Milliseconds that a rested connection may leave the first request unanswered. */
  readonly restedPatience: number;
  readonly clock: Clock;
}

export function createConnectionPool({ server, open, limit, clock, ...options }: ConnectionPoolOptions): ConnectionPool {
  const { patience, restedPatience } = options;
  let idle: Idle[] = [];
  /** Those who wait for a slot, first come first served. */
  const waiting = new Set<() => void>();
  let draining = false;
  let taken = 0;
  let closed = false;
  let sweep: NodeJS.Timeout | undefined;

  const dropIdle = (): void => {
    for (const { connection } of idle.splice(0)) connection.close();
  };

  function dropRested(): void {
    sweep = undefined;
    const oldest = clock.now() - IDLE_LIMIT;
    for (const { connection, since } of idle) if (since <= oldest) connection.close();
    idle = idle.filter(({ connection }) => connection.usable);
    sweepLater();
  }

  function sweepLater(): void {
    if (idle.length > 0) sweep ??= setTimeout(dropRested, IDLE_LIMIT).unref();
  }

  function keep(connection: Connection): void {
    if (closed || draining || !connection.usable) {
      connection.close();
      return;
    }
    idle.push({ connection, since: clock.now() });
    sweepLater();
  }

  /** Waits until fewer than `limit` operations run. */
  async function enter(attempt: Attempt): Promise<void> {
    if (taken < limit) {
      taken += 1;
    } else {
      if (waiting.size >= MOST_WAITING) throw new Unasked(server, `${String(MOST_WAITING)} operations wait already`);
      await new Promise<void>((resolve, reject) => {
        const leaveQueue = (message: string): void => {
          clearTimeout(timer);
          waiting.delete(proceed);
          reject(new Unasked(server, message));
        };
        const timer = setTimeout(() => {
          leaveQueue(`all ${String(limit)} connections busy for ${String(patience)} ms`);
        }, patience);
        const proceed = (): void => {
          clearTimeout(timer);
          resolve();
        };
        attempt.awaits(() => {
          leaveQueue('given up');
        });
        waiting.add(proceed);
      });
    }
    attempt.begin();
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

  /** A kept connection that still stands as far as can be told. */
  function kept(attempt: Attempt): { readonly connection: Connection; readonly rested: boolean } | undefined {
    for (let last = idle.pop(); last !== undefined; last = idle.pop()) {
      const { connection, since } = last;
      const rest = clock.now() - since;
      const rested = rest >= RESTED;
      if (connection.usable && rest < (attempt.anyConnection ? IDLE_LIMIT : RESTED)) {
        if (rested) connection.hurry(restedPatience);
        return { connection, rested };
      }
      connection.close();
    }
    return undefined;
  }

  async function run<Result>(
    connection: Connection,
    operation: (connection: Connection) => Promise<Result>,
    attempt: Attempt,
  ): Promise<Result> {
    attempt.on(connection);
    try {
      const result = await operation(connection);
      keep(connection);
      return result;
    } catch (error) {
      connection.close();
      if (error instanceof Unanswered && !(error instanceof ReadOnly) && !attempt.abandoned()) {
        // Its siblings stand on the same server: whoever comes next had better ask afresh. Those at work are left alone.
        dropIdle();
      }
      throw error;
    }
  }

  return {
    async use(operation, attempt) {
      await enter(attempt);
      try {
        const used = closed || attempt.abandoned() ? undefined : kept(attempt);
        if (used !== undefined) {
          try {
            return await run(used.connection, operation, attempt);
          } catch (error) {
            const died = error instanceof Unanswered && (error.ended || (error instanceof Silent && used.rested));
            if (!died || attempt.abandoned()) throw error;
          }
        }
        if (closed || attempt.abandoned()) throw new Unasked(server, closed ? 'closed' : 'given up');
        const fresh = await open(attempt);
        if (!attempt.abandoned()) return await run(fresh, operation, attempt);
        keep(fresh);
        throw new Unasked(server, 'given up');
      } finally {
        leave();
      }
    },
    get busy() {
      return taken + waiting.size;
    },
    dropIdle,
    drain() {
      draining = true;
      dropIdle();
    },
    resume() {
      draining = false;
    },
    close() {
      closed = true;
      clearTimeout(sweep);
      dropIdle();
    },
  };
}

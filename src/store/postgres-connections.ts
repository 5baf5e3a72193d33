/** A bounded number of connections to the database, each use of one with an end in time. */
import { once } from 'node:events';
import { Socket } from 'node:net';
import pg from 'pg';
import type { Statement } from './postgres-compiler.ts';
import type { Target } from './postgres-client.ts';
import { unavailable } from './postgres-trouble.ts';
import { StoreUnavailable } from './store-unavailable.ts';

export type Values = Readonly<Record<string, string | number | null>>;

export interface Answer {
  readonly rows: readonly Readonly<Record<string, string | null>>[];
  /** Rows that were written, or found. */
  readonly count: number;
}

/** Runs a statement. @throws StoreUnavailable */
export type Run = (statement: Statement, values?: Values) => Promise<Answer>;

export interface Connections {
  /**
   * Hands out a connection; whatever throws in `work` ends it, and with it a transaction that it left open.
   * @param until the instant of `performance.now()` at which it is over
   * @throws StoreUnavailable, by then
   */
  use<T>(until: number, work: (run: Run) => Promise<T>): Promise<T>;
  /** Waits for what is in use. */
  close(): Promise<void>;
}

/** Milliseconds for a free connection, or a new one. */
const connectLimit = 1_200;
const idleLimit = 60_000;
const farewellLimit = 200;
/** Seconds, so that nodes spread anew over what stands behind one name. */
const lifetime = 1_800;

/** Runs it on that client, which is of no use any more where this throws. */
export async function runOn(client: pg.ClientBase, until: number, statement: Statement, values: Values = {}): Promise<Answer> {
  const { name, text, parameters } = statement;
  const query = client.query<Record<string, string | null>>({
    ...(name !== '' && { name }),
    text,
    values: parameters.map((parameter) => values[parameter]),
  });
  try {
    const { rows, rowCount } = await within(until, query);
    return { rows, count: rowCount ?? 0 };
  } catch (error) {
    // What comes of it later is nobody's any more.
    query.catch(() => undefined);
    throw unavailable(error);
  }
}

/** @throws StoreUnavailable at that instant, unless `work` has ended */
function within<T>(until: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      reject(new StoreUnavailable('the database does not serve: it does not answer in time'));
    };
    // After timers the event loop turns to what has arrived, and then to this: our own standstill does not count.
    const timer = setTimeout(() => setImmediate(late), Math.max(0, until - performance.now()));
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

export function openConnections({ config }: Target, most: number): Connections {
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    ...config,
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    max: most,
    min: Math.min(2, most),
    connectionTimeoutMillis: connectLimit,
    idleTimeoutMillis: idleLimit,
    maxLifetimeSeconds: lifetime,
  });
  // An idle connection that breaks is merely gone, and one in use tells whoever uses it.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    await pool.end();
    // A server that does not answer does not say good-bye either.
    const farewell = AbortSignal.timeout(farewellLimit);
    await Promise.all([...sockets].map((socket) => once(socket, 'close', { signal: farewell }).catch(() => socket.destroy())));
  }

  return {
    async use(until, work) {
      if (performance.now() >= until) throw new StoreUnavailable('the database does not serve: it does not answer in time');
      const connecting = pool.connect();
      const client = await within(until, connecting).catch((error: unknown) => {
        // One that comes later is somebody else's.
        connecting.then(
          (late) => {
            late.release();
          },
          () => undefined,
        );
        throw unavailable(error);
      });
      let isSound = false;
      try {
        const result = await work((statement, values) => runOn(client, until, statement, values));
        isSound = true;
        return result;
      } finally {
        client.release(!isSound);
      }
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Hears from the database which watched records any node changed (LISTEN), on a connection of its own, once somebody asks. */
import pg from 'pg';
import { createListeners } from './listeners.ts';
import type { Target } from './postgres-client.ts';
import { runOn } from './postgres-connections.ts';
import { command } from './postgres-compiler.ts';
import { channel } from './postgres-queries.ts';
import type { Subscription, WatchedKind } from './store.ts';

/** Milliseconds. */
const connectLimit = 1_200;
const answerLimit = 1_500;
/** A connection may be dead without a word: it is asked so often. */
const pulse = 1_000;
const betweenTries = 500;

const listen = command(`listen ${channel}`);
const ping = command('select 1');

export interface PostgresChanges {
  subscribe(kind: WatchedKind, listener: (key: string | undefined) => void): Subscription;
  close(): void;
}

export function createPostgresChanges({ config }: Target): PostgresChanges {
  const listeners = createListeners();
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLive = false;
  let isClosed = false;

  function later(milliseconds: number, work: () => Promise<void>): void {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => void work(), milliseconds);
    timer.unref();
  }

  /** What changed from now on is not heard; nobody may rely on what they remember. */
  function lose(lost: pg.Client): void {
    if (client !== lost) return;
    client = undefined;
    lost.end().catch(() => undefined);
    if (isLive) {
      isLive = false;
      listeners.tellAll();
    }
    later(betweenTries, connect);
  }

  async function connect(): Promise<void> {
    const opened = new pg.Client({ ...config, connectionTimeoutMillis: connectLimit });
    client = opened;
    opened.on('error', () => {
      lose(opened);
    });
    opened.on('end', () => {
      lose(opened);
    });
    opened.on('notification', ({ payload = '' }) => {
      const at = payload.indexOf(' ');
      listeners.tell(payload.slice(0, at), payload.slice(at + 1));
    });
    try {
      await opened.connect();
      await runOn(opened, performance.now() + answerLimit, listen);
      isLive = true;
      // Of what was changed meanwhile nobody told.
      listeners.tellAll();
      later(pulse, () => beat(opened));
    } catch {
      lose(opened);
    }
  }

  async function beat(on: pg.Client): Promise<void> {
    try {
      await runOn(on, performance.now() + answerLimit, ping);
      if (client === on) later(pulse, () => beat(on));
    } catch {
      lose(on);
    }
  }

  return {
    subscribe(kind, listener) {
      const end = listeners.add(kind, listener);
      if (client === undefined && timer === undefined && !isClosed) void connect();
      return { isLive: () => isLive, end };
    },
    close() {
      isClosed = true;
      isLive = false;
      clearTimeout(timer);
      const open = client;
      client = undefined;
      open?.end().catch(() => undefined);
    },
  };
}

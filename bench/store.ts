/** What each store costs: a session read, a sweep among very many sessions, and a sign-in. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSqliteStore } from '../src/store/sqlite.ts';
import { createPostgresStore } from '../src/store/postgres.ts';
import { store as schema } from '../src/config/store-schema.ts';
import { privatePostgres, type PrivatePostgres } from '../test/testbed/postgres.ts';
import { startChild } from './child.ts';
import type { Load, Loaded } from './load.ts';
import type { Account } from './people.ts';
import { type DirectorySettings, type Server, startServer } from './server.ts';
import { median } from './statistics.ts';
import type { StoreLoad, StoreWork } from './store-load.ts';

export interface StoreFigure extends StoreLoad {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** Sessions in the store when the sweep began. */
  readonly sessions: number;
  /** Milliseconds of a sign-in, p50, and of the server’s processor for it: medians of the rounds. */
  readonly signIn: number;
  readonly signInCpu: number;
}

export interface StoreFigures {
  readonly stores: readonly StoreFigure[];
  /** What a sign-in on PostgreSQL costs by one on SQLite, in time and in the server’s processor. Undefined without PostgreSQL. */
  readonly ratio: { readonly time: number; readonly cpu: number } | undefined;
  /** Why PostgreSQL was left out; undefined where it was not. */
  readonly withoutPostgres: string | undefined;
}

interface Work {
  /** Whether PostgreSQL is measured at all. */
  readonly postgres: boolean;
  readonly sessions: number;
  readonly accounts: readonly Account[];
  readonly measured: number;
  readonly warmUp: number;
  readonly rounds: number;
}

interface Staged {
  readonly name: StoreFigure['name'];
  readonly settings: object;
  readonly server: Server;
}

const users = 4;
const reads = 2_000;
const clock = { now: Date.now, until: () => Promise.resolve() };
const session = 'the-session-that-is-read';
/** About as much as a session holds. */
const value = { by: ['password'], person: { objectGUID: '0'.repeat(36), attributes: 'x'.repeat(500) } };
const hour = 3_600_000;

// Keys are hashes. Every fifth has expired.
const fillSqlite = (count: number, now: number): string => `
  with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${String(count)})
  insert into records (kind, key, value, expires_at)
    select 'session', hex(randomblob(22)), '${JSON.stringify(value)}', ${String(now)} + iif(n % 5 = 0, -${String(hour)}, ${String(hour)}) + n % 1000 from numbers`;
const fillPostgres = (count: number, now: number): string => `
  insert into passerelle_records (kind, key, value, expires_at)
    select 'session', md5(n::text) || left(md5((-n)::text), 12), '${JSON.stringify(value)}', ${String(now)} + case when n % 5 = 0 then -${String(hour)} else ${String(hour)} end + n % 1000
    from generate_series(1, ${String(count)}::bigint) n;
  analyze passerelle_records`;

async function measureSignIns(
  folder: string,
  directory: DirectorySettings,
  staged: readonly Omit<Staged, 'server'>[],
  work: Work,
) {
  const sides: Staged[] = [];
  const bear = ({ server: { url, pid } }: Staged, measured: number, warmUp: number): Promise<Loaded> => {
    const load: Load = { deed: 'signIn', url, pid, accounts: work.accounts.slice(0, users), warmUp, measured };
    return startChild<Loaded>('load.ts', load).answer;
  };
  try {
    for (const { name, settings } of staged)
      sides.push({ name, settings, server: await startServer(join(folder, name), directory, [], { store: settings }) });
    for (const side of sides) await bear(side, work.warmUp, 0);
    const rounds: Loaded[][] = [];
    for (let round = 0; round < work.rounds; round += 1) {
      const loaded: Loaded[] = [];
      for (const side of sides) loaded.push(await bear(side, work.measured, 0));
      rounds.push(loaded);
    }
    return sides.map((_, side) => {
      const of = (figure: (loaded: Loaded) => number): number =>
        median(rounds.flatMap((loaded) => loaded.slice(side, side + 1).map(figure)));
      return { signIn: of(({ p50 }) => p50), signInCpu: of(({ cpu }) => cpu) };
    });
  } finally {
    for (const { server } of sides) await server.stop();
  }
}

export async function measureStores(folder: string, directory: DirectorySettings, work: Work): Promise<StoreFigures> {
  await mkdir(folder, { recursive: true });
  let server: PrivatePostgres | undefined;
  let withoutPostgres = work.postgres ? undefined : 'it was not asked for';
  try {
    // As in earnest: a commit reaches the disk.
    if (work.postgres) server = await privatePostgres(9, { fsync: true });
  } catch (error) {
    withoutPostgres = error instanceof Error ? error.message.trim() : String(error);
  }
  try {
    const file = join(folder, 'store.sqlite');
    const database = await server?.database();
    const settings = database && { url: database.url, password: database.password, caFile: database.caFile };
    const staged = [
      { name: 'SQLite' as const, settings: { file } },
      ...(settings === undefined ? [] : [{ name: 'PostgreSQL' as const, settings }]),
    ];
    const signIns = await measureSignIns(folder, directory, staged, work);

    const stores: StoreFigure[] = [];
    for (const [index, { name, settings: section }] of staged.entries()) {
      const config = schema.parse(section);
      const store = name === 'SQLite' ? await createSqliteStore({ file, clock }) : await createPostgresStore({ config, clock });
      await store.create('session', session, value, Date.now() + hour);
      await store.close();
      if (name === 'SQLite') {
        const raw = new DatabaseSync(file);
        raw.exec(fillSqlite(work.sessions, Date.now()));
        raw.close();
      } else {
        await database?.sql(fillPostgres(work.sessions, Date.now()));
      }
      const message: StoreWork = { settings: section, key: session, reads };
      const load = await startChild<StoreLoad>('store-load.ts', message).answer;
      stores.push({
        name,
        sessions: work.sessions,
        ...load,
        ...(signIns[index] ?? { signIn: Number.NaN, signInCpu: Number.NaN }),
      });
    }
    const [embedded, shared] = stores;
    const ratio =
      embedded === undefined || shared === undefined
        ? undefined
        : { time: shared.signIn / embedded.signIn, cpu: shared.signInCpu / embedded.signInCpu };
    return { stores, ratio, withoutPostgres };
  } finally {
    await server?.destroy();
  }
}

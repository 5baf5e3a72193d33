/** Brings the database to the newest schema: once, however many nodes start at a time. */
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import type { Target } from './postgres-client.ts';
import { runOn, type Run } from './postgres-connections.ts';
import { command } from './postgres-compiler.ts';
import { migrations } from './postgres-queries.ts';
import { describeTrouble } from './postgres-trouble.ts';
import { StoreUnavailable } from './store-unavailable.ts';
import { StoreUnusable } from './store-unusable.ts';

/** Milliseconds for one statement; and for a database that starts beside us to be there. */
const statementLimit = 20_000;
const startLimit = 5_000;
const betweenTries = 250;
/** Of those that a database that starts, or is about to, gives. */
const passing = new Set(['ECONNREFUSED', '57P03', 'ECONNRESET', 'EAI_AGAIN', 'ENOENT']);

/** "Passerelle" in ASCII, its first eight letters: nobody else's advisory lock. */
const lock = command('select pg_advisory_xact_lock(5792037535235597676)');
const encoding = command(`select current_setting('server_encoding') as found`);
const isThere = command(`select to_regclass('passerelle_schema') is not null as found`);
const currentVersion = command('select version as found from passerelle_schema');
const versionTable = command('create table if not exists passerelle_schema (version integer not null)');

async function connect(target: Target): Promise<pg.Client> {
  const began = performance.now();
  for (;;) {
    const client = new pg.Client({
      ...target.config,
      connectionTimeoutMillis: startLimit,
      statement_timeout: statementLimit,
      lock_timeout: statementLimit,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      if (!passing.has(code) || performance.now() - began > startLimit) throw error;
      await wait(betweenTries);
    }
  }
}

/** @throws StoreUnusable with a message for the administrator */
export async function prepareDatabase(target: Target): Promise<void> {
  const unusable = (what: string, cause?: unknown): StoreUnusable =>
    new StoreUnusable(`the store ${target.shownAs} ${what}`, cause);
  let client: pg.Client | undefined;
  try {
    client = await connect(target);
    const opened = client;
    const run: Run = (statement) => runOn(opened, performance.now() + statementLimit, statement);
    const [found] = (await run(encoding)).rows;
    if (found?.found !== 'UTF8') throw unusable('does not keep text as UTF-8; make its database with encoding UTF8');
    if ((await versionOf(run, unusable)) < migrations.length) await migrate(run, unusable);
  } catch (error) {
    if (error instanceof StoreUnusable) throw error;
    const cause = error instanceof StoreUnavailable ? error.cause : error;
    throw unusable(`cannot be used: ${describeTrouble(cause)}`, error);
  } finally {
    client?.end().catch(() => undefined);
  }
}

type Unusable = (what: string) => StoreUnusable;

async function versionOf(run: Run, unusable: Unusable): Promise<number> {
  if (String((await run(isThere)).rows[0]?.found) !== 'true') return 0;
  const version = Number((await run(currentVersion)).rows[0]?.found ?? 0);
  if (version > migrations.length) throw unusable('was written by a newer Passerelle; run that one');
  return version;
}

/** The version is read again under the lock: others may have been before us. */
async function migrate(run: Run, unusable: Unusable): Promise<void> {
  await run(command('begin'));
  await run(lock);
  await run(versionTable);
  for (const statement of migrations.slice(await versionOf(run, unusable)).flat()) await run(statement);
  await run(command('delete from passerelle_schema'));
  await run(command(`insert into passerelle_schema (version) values (${String(migrations.length)})`));
  await run(command('commit'));
}

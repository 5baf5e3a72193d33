/** Reads everything of the database as it is at one instant, a page at a time, on a connection of its own. */
import pg from 'pg';
import type { Target } from './postgres-client.ts';
import { runOn, type Run } from './postgres-connections.ts';
import { command } from './postgres-compiler.ts';
import { queries } from './postgres-queries.ts';
import { unavailable } from './postgres-trouble.ts';
import type { RawRecord } from './store.ts';

const pageSize = 500;
/** Milliseconds. */
const connectLimit = 5_000;
const statementLimit = 20_000;
// Whoever reads may take its time between two pages.
const limits = { statement_timeout: statementLimit, lock_timeout: statementLimit, idle_in_transaction_session_timeout: 0 };

/** @throws StoreUnavailable, as it is iterated */
export async function* postgresSnapshot(
  { config }: Target,
  { kinds, now }: { readonly kinds: readonly string[] | undefined; readonly now: number },
): AsyncGenerator<readonly RawRecord[]> {
  const client = new pg.Client({ ...config, ...limits, connectionTimeoutMillis: connectLimit });
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw unavailable(error);
  });
  const run: Run = (statement, values) => runOn(client, performance.now() + statementLimit, statement, values);
  try {
    await run(command('begin isolation level repeatable read read only'));
    for (const kind of kinds ?? (await run(queries.kinds)).rows.map((row) => String(row.kind))) {
      let key = '';
      for (;;) {
        const { rows } = await run(queries.page, { kind, key, now, limit: pageSize });
        if (rows.length > 0) {
          yield rows.map((row) => ({ kind, key: String(row.key), json: String(row.value), expiresAt: Number(row.expires_at) }));
        }
        if (rows.length < pageSize) break;
        key = String(rows.at(-1)?.key);
      }
    }
  } finally {
    client.end().catch(() => undefined);
  }
}

/** Looks at the database of a store without changing it: what server it is, whether it takes writes, and what it has left for us. */
import pg from 'pg';
import type { StoreConfig } from '../../config/store-schema.ts';
import { command } from '../postgres-compiler.ts';
import { targetOf } from '../postgres-client.ts';
import { runOn } from '../postgres-connections.ts';
import { migrations } from '../postgres-queries.ts';
import { describeTrouble } from '../postgres-trouble.ts';
import { StoreUnavailable } from '../store-unavailable.ts';

export interface PostgresFacts {
  /** For people: without the password. */
  readonly name: string;
  /** Such as 150004. */
  readonly server: number;
  readonly isReadOnly: boolean;
  readonly isEncrypted: boolean;
  /** Whether it is on this machine. */
  readonly isHere: boolean;
  /** Connections that may still be opened by such as us, and how many each process of ours may need. */
  readonly left: number;
  readonly each: number;
  /** Bytes of the database. */
  readonly size: number;
  /** Of the schema; 0 where it is empty. */
  readonly version: number;
  /** Of this Passerelle. */
  readonly newest: number;
}

const limit = 5_000;

// PostgreSQL §9.26 and §54.15: what the server says of itself, in one row.
const question = command(`select
  current_setting('server_version_num') as server,
  (pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool)::text as readonly,
  coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false)::text as encrypted,
  (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - (select count(*) from pg_stat_activity where backend_type = 'client backend'))::text as free,
  pg_database_size(current_database())::text as size,
  (to_regclass('passerelle_schema') is not null)::text as there`);
const versionQuestion = command('select version::text as version from passerelle_schema');

/** @throws Error in words for the operator, where it does not answer */
export async function examinePostgres(config: StoreConfig): Promise<PostgresFacts> {
  const { config: target, shownAs } = targetOf(config);
  const client = new pg.Client({ ...target, connectionTimeoutMillis: limit });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const until = performance.now() + limit;
    const [row = {}] = (await runOn(client, until, question)).rows;
    const [schema] = row.there === 'true' ? (await runOn(client, until, versionQuestion)).rows : [];
    return {
      name: shownAs,
      server: Number(row.server),
      isReadOnly: row.readonly === 'true',
      isEncrypted: row.encrypted === 'true',
      isHere: target.ssl === false && !new URL(config.url ?? '').searchParams.has('sslmode'),
      left: Number(row.free),
      // One more listens for changes.
      each: config.connections + 1,
      size: Number(row.size),
      version: Number(schema?.version ?? 0),
      newest: migrations.length,
    };
  } catch (error) {
    throw new Error(`${shownAs}: ${describeTrouble(error instanceof StoreUnavailable ? error.cause : error)}`, { cause: error });
  } finally {
    client.end().catch(() => undefined);
  }
}

/** Where the database is and how it is reached: what the configuration says, in the words of pg. */
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ClientConfig } from 'pg';
import { isLoopback } from '../config/loopback.ts';
import type { StoreConfig } from '../config/store-schema.ts';

/** Milliseconds after which the server itself gives up a statement, a wait for a lock, or somebody who leaves a transaction open. */
const patience = 2_000;

export interface Target {
  readonly config: ClientConfig;
  /** For messages: without the password. */
  readonly shownAs: string;
}

/** @throws Error where the file of the authority cannot be read */
export function targetOf({ url, password, passwordFile, caFile }: StoreConfig): Target {
  const { hostname, port, username, pathname, searchParams } = new URL(url ?? '');
  const named = decodeURIComponent(hostname).replace(/^\[|\]$/g, '');
  const host = searchParams.get('host') ?? named;
  const isSocket = host.startsWith('/');
  const mode = searchParams.get('sslmode');
  const isHere = isSocket || isLoopback(isIP(host) === 6 ? `[${host}]` : host);
  const isPlain = isSocket || mode === 'disable' || (isHere && mode === null && caFile === undefined);
  const user = decodeURIComponent(username);
  const database = decodeURIComponent(pathname.slice(1));
  const config: ClientConfig = {
    host,
    port: port === '' ? 5432 : Number(port),
    user,
    database,
    // libpq's verify-full: the chain and the name, both.
    ssl: isPlain ? false : { rejectUnauthorized: true, ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }) },
    // Asked at each connection: whoever changes it need not start us again.
    password: async () =>
      password ?? (passwordFile === undefined ? '' : (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '')),
    application_name: 'passerelle',
    keepAlive: true,
    statement_timeout: patience,
    lock_timeout: patience,
    idle_in_transaction_session_timeout: patience,
  };
  return { config, shownAs: `postgres://${user}@${isSocket ? host : `${hostname}:${String(config.port)}`}/${database}` };
}

/** The PostgreSQL store keeps the contract, on a real server, by TLS, as a role that owns its database and is nothing beyond. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { store as schema, type StoreConfig } from '../../src/config/store-schema.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import type { Store } from '../../src/store/store.ts';
import { StoreUnusable } from '../../src/store/store-unusable.ts';
import { heldClock, storeContract } from '../contract/store.ts';
import { postgres, type PostgresServer, type TestDatabase } from '../testbed/postgres.ts';

const counter = fileURLToPath(new URL('counter.ts', import.meta.url));
const now = Date.UTC(2026, 0, 1);

const settingsOf = ({ url, password, caFile }: TestDatabase) => ({ url, password, caFile });
const configOf = (database: TestDatabase, others: object = {}): StoreConfig =>
  schema.parse({ ...settingsOf(database), ...others });
async function countElsewhere(database: TestDatabase, kind: string, key: string, times: number): Promise<void> {
  const settings = JSON.stringify(settingsOf(database));
  await promisify(execFile)(process.execPath, [counter, settings, kind, key, String(times), String(now)]);
}

storeContract('the PostgreSQL store', async () => {
  const database = await (await postgres()).database();
  return {
    open: (held) => createPostgresStore({ config: configOf(database), clock: held }),
    countElsewhere: (kind, key, times) => countElsewhere(database, kind, key, times),
    remove: () => database.drop(),
  };
});

/** The settings of a store on that database, reached otherwise. */
const reached = (database: TestDatabase, change: (url: URL) => void, others: object = {}): StoreConfig => {
  const url = new URL(database.url);
  change(url);
  return schema.parse({ password: database.password, ...others, url: url.href });
};

/** Hands every connection on, `delay` milliseconds later; `flights`: how often the client sent something and waited. */
async function relay(to: PostgresServer, delay = 0): Promise<{ port: number; flights: () => number; close: () => void }> {
  let flights = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to.port, to.address);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (chunk: Buffer) => {
      flights += 1;
      if (delay === 0) upstream.write(chunk);
      else setTimeout(() => upstream.write(chunk), delay);
    });
    client.on('end', () => upstream.end());
    upstream.pipe(client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    flights: () => flights,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('the PostgreSQL database', () => {
  const clock = heldClock(now);
  let server: PostgresServer;
  let database: TestDatabase;
  let gate: Awaited<ReturnType<typeof relay>>;
  before(async () => {
    server = await postgres();
    database = await server.database();
    gate = await relay(server);
  });
  after(async () => {
    gate.close();
    await database.drop();
  });

  const open = (config: StoreConfig) => createPostgresStore({ config, clock });
  const byGate = (url: URL): void => {
    [url.hostname, url.port] = ['127.0.0.1', String(gate.port)];
  };
  const refuses = async (config: StoreConfig, message: RegExp) => {
    await assert.rejects(open(config), (error) => {
      assert.ok(error instanceof StoreUnusable);
      assert.match(error.message, message);
      assert.ok(!inspect(error, { depth: 10, showHidden: true }).includes(config.password ?? 'no password'));
      return true;
    });
  };

  it('is set up once by many nodes that start together', { timeout: 30_000 }, async () => {
    await Promise.all(Array.from({ length: 4 }, () => countElsewhere(database, 'attempts', 'together', 5)));
    const store = await open(configOf(database));
    assert.equal(await store.get('attempts', 'together'), 20);
    assert.equal(await database.sql('select count(*), max(version) from passerelle_schema'), '1|2');
    await store.close();
  });

  it('is brought to the newest schema where an earlier Passerelle set it up, its records kept', async () => {
    const first = await open(configOf(database));
    await first.create('name-id', 'kept', 'person', now + 1_000);
    await first.close();
    await database.sql('drop table passerelle_journal');
    await database.sql('update passerelle_schema set version = 1');
    const store = await open(configOf(database));
    assert.equal(await store.get('name-id', 'kept'), 'person');
    assert.deepEqual(await store.journal.search({ order: 'oldest first', limit: 1 }), []);
    assert.equal(await database.sql('select count(*), max(version) from passerelle_schema'), '1|2');
    await store.close();
  });

  it('is one round trip to read, to create and to delete, and two to update', async () => {
    const store = await open(reached(database, byGate));
    const flightsOf = async (work: () => Promise<unknown>) => {
      // Connected, and prepared there.
      await work();
      await work();
      const before = gate.flights();
      await work();
      return gate.flights() - before;
    };
    let names = 0;
    assert.equal(await flightsOf(() => store.get('session', 'nothing')), 1);
    assert.equal(await flightsOf(() => store.create('session', `k${(names += 1)}`, 1, now + 1)), 1);
    assert.equal(
      await flightsOf(() => store.update('session', 'k', (record) => ({ value: [record?.value], expiresAt: now + 1 }))),
      2,
    );
    assert.equal(await flightsOf(() => store.update('session', 'k', (record) => record)), 1);
    assert.equal(await flightsOf(() => store.list('session', 'k', 10)), 1);
    assert.equal(await flightsOf(() => store.delete('session', 'k')), 1);
    // What waits for the same record shares both.
    const many = gate.flights();
    await Promise.all(
      Array.from({ length: 100 }, () =>
        store.update('attempts', 'hot', (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: now + 1 })),
      ),
    );
    assert.equal(await store.get('attempts', 'hot'), 100);
    assert.ok(gate.flights() - many <= 6, String(gate.flights() - many));
    await store.close();
  });

  it('has on its disk before it is told what lasts, and the rest soon after', async () => {
    await database.sql(`
      create table commits (kind text, mode text);
      create function note_commit() returns trigger security definer language plpgsql as $$
        begin insert into commits values (new.kind, current_setting('synchronous_commit')); return null; end $$;
      create constraint trigger note after insert or update on passerelle_records deferrable initially deferred
        for each row execute function note_commit()`);
    const store = await open(configOf(database));
    for (const kind of ['session', 'enrolment'] as const) {
      await store.create(kind, 'how', 1, now + 1);
      await store.update(kind, 'how', () => ({ value: 2, expiresAt: now + 1 }));
    }
    assert.equal(
      await database.sql('select * from commits order by kind'),
      'enrolment|on\nenrolment|on\nsession|off\nsession|off',
    );
    await database.sql('drop trigger note on passerelle_records');
    await store.close();
  });

  it('is searched by its indexes', async () => {
    const plan = (query: string) => database.sql(`set enable_seqscan = off; explain (costs off) ${query}`);
    const bounds = `kind = 'session' and key >= 'a' and key < 'b' and expires_at > 1`;
    assert.match(
      await plan(`select key from passerelle_records where ${bounds} order by key limit 5`),
      /^Limit\n {2}-> {2}Index Scan using passerelle_records_key/,
    );
    assert.match(
      await plan('select ctid from passerelle_records where expires_at <= 1 order by expires_at limit 5'),
      /^Limit\n {2}-> {2}Index Scan using passerelle_records_expires_at/,
    );
  });

  it('lets nodes take turns at one record, even one that is far slower than the others', { timeout: 20_000 }, async () => {
    const far = await relay(server, 8);
    const slow = await open(
      reached(database, (url) => {
        [url.hostname, url.port] = ['127.0.0.1', String(far.port)];
      }),
    );
    const fast = await Promise.all([1, 2].map(() => open(configOf(database))));
    const count = (store: Store) =>
      store.update('attempts', 'contended', (record) => ({ value: Number(record?.value ?? 0) + 1, expiresAt: now + 1 }));
    const state = { isDone: false };
    let counted = 0;
    const hurrying = fast.map(async (store) => {
      while (!state.isDone) {
        await count(store);
        counted += 1;
      }
    });
    for (let left = 5; left > 0; left -= 1) await count(slow);
    state.isDone = true;
    await Promise.all(hurrying);
    assert.equal(await slow.get('attempts', 'contended'), counted + 5);
    await Promise.all([slow, ...fast].map((store) => store.close()));
    far.close();
  });

  it('is swept by several nodes at once, none of which waits for another', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => open(configOf(database))));
    const [first] = stores;
    assert.ok(first !== undefined);
    await Promise.all(Array.from({ length: 600 }, (_, index) => first.create('request', `old ${index}`, 1, now - 1)));
    const swept = await Promise.all(stores.map((store) => store.sweep(10_000)));
    const last = await first.sweep(10_000);
    assert.equal(
      swept.reduce((sum, count) => sum + count, last),
      600,
    );
    await Promise.all(stores.map((store) => store.close()));
  });

  describe('is reached', () => {
    const takes = async (config: StoreConfig, sql: string) => {
      const store = await open(config);
      await store.check();
      const found = await database.sql(
        `select count(*) > 0 from pg_stat_activity left join pg_stat_ssl using (pid) where datname = '${database.name}' and application_name = 'passerelle' and ${sql}`,
      );
      await store.close();
      assert.equal(found, 't');
    };
    it('by TLS where an authority is named', () => takes(configOf(database), 'ssl'));
    it('by TLS where the URL demands it', () =>
      takes(
        reached(database, (url) => url.searchParams.set('sslmode', 'verify-full'), { caFile: database.caFile }),
        'ssl',
      ));
    it('without on this machine', () =>
      takes(
        reached(database, () => undefined),
        'not ssl',
      ));
    it('by its socket', () =>
      takes(
        reached(database, (url) => {
          url.hostname = 'localhost';
          url.searchParams.set('host', server.socket);
        }),
        'client_addr is null',
      ));
    it('with a password from a file, read anew at each connection', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'passerelle-postgres-password-'));
      const passwordFile = join(folder, 'password');
      writeFileSync(passwordFile, `${database.password}\n`);
      await takes(schema.parse({ url: database.url, passwordFile }), 'true');
      rmSync(folder, { recursive: true });
    });
  });

  describe('is refused', () => {
    it('with a wrong password', () =>
      refuses(
        configOf(database, { password: 'a-wrong-Passw0rd' }),
        /^the store postgres:\/\/\S+ cannot be used: it does not take the password \(28P01\)$/,
      ));
    it('without the password that it asks for', () => refuses(schema.parse({ url: database.url }), /asks for a password/));
    it('with a certificate from nobody that is trusted', () =>
      refuses(
        reached(database, (url) => url.searchParams.set('sslmode', 'verify-full')),
        /nobody that is trusted/,
      ));
    it('with a certificate for another name', () =>
      refuses(reached(database, byGate, { caFile: database.caFile }), /for another name \(ERR_TLS_CERT_ALTNAME_INVALID\)$/));
    it('where there is no such database', () =>
      refuses(
        reached(database, (url) => (url.pathname = '/nowhere')),
        /no such database \(3D000\)$/,
      ));
    it('where its tables may not be made', async () => {
      const other = await server.database();
      await other.sql(
        `revoke create on schema public from public; alter schema public owner to postgres; alter database ${other.name} owner to postgres`,
      );
      await refuses(configOf(other), /may not do that.*\(42501\)$/);
      await other.drop();
    });
    it('where its text is not UTF-8', async () => {
      await database.sql(
        `create database ${database.name}_ascii encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0 owner ${database.role}`,
      );
      await refuses(
        reached(database, (url) => (url.pathname += '_ascii')),
        /UTF-8/,
      );
      await database.sql(`drop database ${database.name}_ascii`);
    });
    it('where a newer Passerelle was before, and left as it was', async () => {
      await database.sql('update passerelle_schema set version = 3');
      await refuses(configOf(database), /was written by a newer Passerelle/);
      await database.sql('update passerelle_schema set version = 2');
    });
  });
});

/** The PostgreSQL store while its server stops, dies, freezes or refuses: each call ends soon and says so, and what was told stays told. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { store as schema } from '../../src/config/store-schema.ts';
import { Refusal } from '../../src/refusal.ts';
import { openStore } from '../../src/store/open-store.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { StoreUnavailable } from '../../src/store/store-unavailable.ts';
import { StoreUnusable } from '../../src/store/store-unusable.ts';
import type { Store } from '../../src/store/store.ts';
import { privatePostgres, type PrivatePostgres, type TestDatabase } from '../testbed/postgres.ts';

const clock = { now: Date.now, until: () => Promise.resolve() };
const later = Date.now() + 3_600_000;
/** Milliseconds: what a call may take, with what a busy machine adds. */
const callLimit = 2_000 + 500;
const recoveryLimit = 5_000;

const patience = { timeout: 30_000 };

describe('while PostgreSQL is away', () => {
  let server: PrivatePostgres;
  let database: TestDatabase;
  let store: Store;
  let names = 0;
  const fresh = () => `k${(names += 1)}`;
  const configOf = (others: object = {}) =>
    schema.parse({ url: database.url, password: database.password, caFile: database.caFile, ...others });

  before(async () => {
    server = await privatePostgres();
    database = await server.database();
    store = await createPostgresStore({ config: configOf(), clock });
  });
  after(async () => {
    await store.close();
    await server.destroy();
  });

  /** How long it took to fail, in milliseconds. @throws where it does not fail as it should */
  async function fails(work: () => Promise<unknown>): Promise<void> {
    const began = performance.now();
    await assert.rejects(work(), StoreUnavailable);
    assert.ok(performance.now() - began < callLimit, `${String(performance.now() - began)} ms`);
  }
  const entry = {
    ...{ at: Date.now(), event: 'fault', reference: 'R', person: undefined, serviceProvider: undefined, text: '{}' },
    expiresAt: later,
  };
  const every = (on: Store): readonly (() => Promise<unknown>)[] => [
    () => on.get('session', fresh()),
    () => on.create('session', fresh(), 1, later),
    () => on.update('session', fresh(), () => ({ value: 1, expiresAt: later })),
    () => on.delete('session', fresh()),
    () => on.list('session', '', 10),
    () => on.journal.append([entry]),
    () => on.journal.search({ reference: 'R', order: 'newest first', limit: 10 }),
    () => on.sweep(10),
    () => on.check(),
  ];
  /** Asks again and again until it serves. */
  async function recovers(on: Store): Promise<void> {
    const began = performance.now();
    for (;;) {
      try {
        await on.check();
        return;
      } catch (error) {
        assert.ok(error instanceof StoreUnavailable);
        assert.ok(performance.now() - began < recoveryLimit, 'it does not recover');
        await new Promise(setImmediate);
      }
    }
  }

  /** Several callers count for as long as `outage` lasts and until it is over; what they were told must be there. */
  async function countThrough(outage: () => Promise<void>): Promise<void> {
    const key = fresh();
    let [told, unknown, longest] = [0, 0, 0];
    const state = { isOver: false };
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      while (!state.isOver) {
        const began = performance.now();
        try {
          await store.update('cut-off', `${key} ${caller % 3}`, (record) => ({
            value: Number(record?.value ?? 0) + 1,
            expiresAt: later,
          }));
          told += 1;
        } catch (error) {
          assert.ok(error instanceof StoreUnavailable, String(error));
          unknown += 1;
        }
        longest = Math.max(longest, performance.now() - began);
        await new Promise(setImmediate);
      }
    });
    try {
      await outage();
      await recovers(store);
    } finally {
      state.isOver = true;
      await Promise.all(callers);
    }
    const found = await store.list('cut-off', key, 10);
    const kept = found.reduce((sum, { value }) => sum + Number(value), 0);
    assert.ok(told > 0 && unknown > 0);
    assert.ok(kept >= told && kept <= told + unknown, `${kept} kept, ${told} told, ${unknown} unknown`);
    assert.ok(longest < callLimit, `${longest} ms`);
  }

  it('because it was stopped: every call fails at once, and serves again by itself', patience, async () => {
    await countThrough(async () => {
      await server.stop();
      await Promise.all(every(store).map(fails));
      await server.start();
    });
  });

  it('because all of it was killed: nothing that was told is lost', patience, async () => {
    await countThrough(async () => {
      server.kill();
      await Promise.all(every(store).map(fails));
      await server.start();
    });
  });

  it('because it is frozen, and more wait than there are connections: every call ends in time', patience, async () => {
    const narrow = await createPostgresStore({ config: configOf({ connections: 1 }), clock });
    await countThrough(async () => {
      server.freeze();
      try {
        await Promise.all([...every(store), ...every(narrow), ...every(narrow)].map(fails));
      } finally {
        server.thaw();
      }
    });
    await recovers(narrow);
    await narrow.close();
  });

  it('because somebody locks its table, or ends its connections', patience, async () => {
    const locked = database.sql('begin; lock table passerelle_records; select pg_sleep(2.2); commit');
    // Once the lock is there nobody gets through.
    while (
      (await database.sql(
        `select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted and relation = 'passerelle_records'::regclass`,
      )) === '0'
    );
    await fails(() => store.get('session', 'k'));
    await locked;
    await recovers(store);
    await countThrough(async () => {
      await database.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${database.role}'`);
      await database.sql(`alter role ${database.role} connection limit 0`);
      await database.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${database.role}'`);
      await fails(() => store.get('session', 'k'));
      await database.sql(`alter role ${database.role} connection limit -1`);
    });
  });

  it('because it takes no writes: what is there is read, and writes say so', patience, async () => {
    await store.create('session', 'readable', 'here', later);
    await database.sql(`alter role ${database.role} set default_transaction_read_only = on`);
    await database.sql(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${database.role}'`);
    try {
      // Until the connections of before are all seen to be gone.
      const said = async (): Promise<string> => {
        const [outcome] = await Promise.allSettled([store.create('session', fresh(), 1, later)]);
        assert.ok(outcome.status === 'rejected' && outcome.reason instanceof StoreUnavailable);
        return outcome.reason.message;
      };
      while (!/takes no writes: .*\(25006\)$/.test(await said()));
      assert.equal(await store.get('session', 'readable'), 'here');
    } finally {
      await database.sql(`alter role ${database.role} set default_transaction_read_only = off`);
    }
    await recovers(store);
  });

  it('people are refused and told so, the log says it once, and that it is over once', patience, async () => {
    const notes: string[] = [];
    const opened = await openStore(configOf(), { clock, note: (level, message) => void notes.push(`${level} ${message}`) });
    await server.stop('immediate');
    for (const ask of every(opened).slice(0, 7)) {
      await assert.rejects(ask(), (error) => {
        assert.ok(error instanceof Refusal);
        assert.equal(error.reason, 'store-unavailable');
        assert.match(String(error.detail.cause), /^the database does not serve: /);
        return true;
      });
    }
    await server.start();
    await recovers(opened);
    await opened.get('session', 'k');
    assert.match(notes.join('\n'), /^error the database does not serve: .*\ninfo the store serves again$/);
    await opened.close();
  });

  it('whoever listens knows that they may have missed something, and hears again', patience, async () => {
    let tell = (): void => undefined;
    const heard: (string | undefined)[] = [];
    const subscription = store.subscribe('cut-off', (key) => {
      heard.push(key);
      tell();
    });
    const until = (isTrue: () => boolean) =>
      new Promise<void>((resolve) => {
        tell = () => {
          if (isTrue()) resolve();
        };
        tell();
      });
    await until(() => subscription.isLive());
    for (const [leave, come] of [
      [() => server.stop(), () => server.start()],
      [
        () => {
          server.freeze();
          return Promise.resolve();
        },
        () => {
          server.thaw();
          return Promise.resolve();
        },
      ],
    ] as const) {
      heard.length = 0;
      await leave();
      await until(() => !subscription.isLive());
      assert.deepEqual([...heard], [undefined]);
      await come();
      await until(() => subscription.isLive());
      await recovers(store);
      const key = fresh();
      await store.create('cut-off', key, 1, later);
      await until(() => heard.includes(key));
    }
    subscription.end();
  });

  it('a node that starts waits for one that starts beside it, and says why it cannot', patience, async () => {
    await server.stop();
    const starting = createPostgresStore({ config: configOf(), clock });
    await server.start();
    await (await starting).close();
    await server.stop();
    await assert.rejects(createPostgresStore({ config: configOf(), clock }), (error) => {
      assert.ok(error instanceof StoreUnusable);
      assert.match(error.message, /cannot be used: nothing listens there \(ECONNREFUSED\)$/);
      return true;
    });
    await server.start();
    await recovers(store);
  });

  it('a node refuses one without TLS where TLS is demanded, and uses it where it is this machine', patience, async () => {
    await server.reload('ssl=off');
    // Read by the server in its own time.
    while ((await database.sql('show ssl')) !== 'off');
    const { url, password } = database;
    await assert.rejects(createPostgresStore({ config: configOf(), clock }), /it speaks no TLS$/);
    const plain = await createPostgresStore({ config: schema.parse({ url, password }), clock });
    await plain.check();
    await plain.close();
  });
});

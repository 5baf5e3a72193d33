/** The store of several nodes: a PostgreSQL database. */
import type { Clock } from '../clock.ts';
import type { StoreConfig } from '../config/store-schema.ts';
import { boundedExpiry, boundedJson, boundedKey, boundedLimit, boundedPrefix } from './bounds.ts';
import { keyBeyond } from './key-beyond.ts';
import { createLanes } from './lanes.ts';
import { lastingKinds } from './lasting-kinds.ts';
import { createPostgresChanges } from './postgres-changes.ts';
import { targetOf } from './postgres-client.ts';
import { openConnections, type Answer, type Values } from './postgres-connections.ts';
import type { Statement } from './postgres-compiler.ts';
import { createPostgresJournal } from './postgres-journal.ts';
import { journalQueries } from './postgres-journal-queries.ts';
import { queries, writesFor, type Writes } from './postgres-queries.ts';
import { prepareDatabase } from './postgres-schema.ts';
import { postgresSnapshot } from './postgres-snapshot.ts';
import { createUpdate, type Waiting } from './postgres-update.ts';
import { StoreUnusable } from './store-unusable.ts';
import { isWatched, type Kind, type Store } from './store.ts';

/** Milliseconds that a call takes at most. */
const callLimit = 1_900;
/** Records deleted by one statement, so that a sweep holds up nobody. */
const sweepBatch = 200;
/** Records counted by one statement. */
const countBatch = 50_000;
/** A kind that the contract does not know, for `check` alone. */
const probe = { kind: 'check', key: 'check' };

const writesOf = (kind: Kind): Writes => writesFor({ relaxed: !lastingKinds.has(kind), announced: isWatched(kind) });
const laneOf = (kind: Kind, key: string): string => `${kind} ${key}`;

/** @throws StoreUnusable where the database cannot or must not be used */
export async function createPostgresStore({ config, clock }: { config: StoreConfig; clock: Clock }): Promise<Store> {
  const target = targetOf(config);
  await prepareDatabase(target);
  const connections = openConnections(target, config.connections);
  const changes = createPostgresChanges(target);
  const lanes = createLanes<Waiting[]>();
  let isClosed = false;

  function open(): number {
    if (isClosed) throw new Error('the store is closed');
    return performance.now() + callLimit;
  }

  const run = (until: number, statement: Statement, values: Values): Promise<Answer> =>
    connections.use(until, (given) => given(statement, values));
  const update = createUpdate({ connections, lanes, clock });
  const journal = createPostgresJournal({ connections, lanes, clock, open });

  async function sweepBy(statement: Statement, limit: number): Promise<number> {
    let deleted = 0;
    while (deleted < limit) {
      const batch = Math.min(limit - deleted, sweepBatch);
      const { count } = await run(open(), statement, { now: clock.now(), limit: batch });
      deleted += count;
      if (count < batch) break;
    }
    return deleted;
  }

  return {
    async create(kind, key, value, expiresAt) {
      const record = { kind, key: boundedKey(key), value: boundedJson(value), expiresAt: boundedExpiry(expiresAt) };
      const until = open();
      return lanes.enter(laneOf(kind, key), async () => {
        const { count } = await run(until, writesOf(kind).create, { ...record, now: clock.now() });
        return count === 1;
      });
    },

    async get(kind, key) {
      boundedKey(key);
      const until = open();
      await lanes.ended(laneOf(kind, key));
      const [row] = (await run(until, queries.get, { kind, key, now: clock.now() })).rows;
      return row === undefined ? undefined : (JSON.parse(String(row.value)) as unknown);
    },

    async update(kind, key, change) {
      boundedKey(key);
      return update({ kind, key, writes: writesOf(kind), lane: laneOf(kind, key) }, change, open());
    },

    async delete(kind, key) {
      boundedKey(key);
      const until = open();
      return lanes.enter(laneOf(kind, key), async () => {
        const [row] = (await run(until, writesOf(kind).delete, { kind, key })).rows;
        return row !== undefined && Number(row.expires_at) > clock.now();
      });
    },

    async list(kind, prefix, limit) {
      const from = { kind, key: boundedPrefix(prefix), limit: boundedLimit(limit) };
      const until = open();
      await lanes.allEnded(laneOf(kind, prefix));
      const beyond = keyBeyond(prefix);
      const query = beyond === undefined ? queries.listToTheEnd : queries.list;
      const { rows } = await run(until, query, { ...from, ...(beyond !== undefined && { beyond }), now: clock.now() });
      return rows.map(({ key, value }) => ({ key: String(key), value: JSON.parse(String(value)) as unknown }));
    },

    async count(kind) {
      for (let [counted, key] = [0, '']; ;) {
        const [row] = (await run(open(), queries.countSome, { kind, key, limit: countBatch })).rows;
        counted += Number(row?.number);
        key = String(row?.last);
        if (Number(row?.number) < countBatch) return counted;
      }
    },

    journal,

    async sweep(limit) {
      open();
      const records = await sweepBy(queries.sweep, boundedLimit(limit));
      return records + (await sweepBy(journalQueries.sweep, limit - records));
    },

    snapshot(kinds) {
      open();
      return postgresSnapshot(target, { kinds, now: clock.now() });
    },

    subscribe(kind, listener) {
      open();
      return changes.subscribe(kind, listener);
    },

    async check() {
      const until = open();
      const { create, delete: remove } = writesFor({ relaxed: true, announced: false });
      await connections.use(until, async (given) => {
        const { count } = await given(create, { ...probe, value: 'true', expiresAt: 0, now: clock.now() });
        if (count !== 1) throw new StoreUnusable(`the store ${target.shownAs} does not keep what is written`);
        await given(remove, probe);
      });
    },

    async close() {
      isClosed = true;
      await lanes.allEnded('');
      changes.close();
      await connections.close();
    },
  };
}

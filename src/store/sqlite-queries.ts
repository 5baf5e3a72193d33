/** The SQL of the records in SQLite, and what made its tables. */
import { sql } from 'kysely';
import { compiler, textOf as text } from './sqlite-compiler.ts';
import { journalMigration } from './sqlite-journal-queries.ts';

const kind = sql<string>`:kind`;
const key = sql<string>`:key`;
const value = sql<string>`:value`;
const expiresAt = sql<number>`:expiresAt`;
const now = sql<number>`:now`;
const limit = sql<number>`:limit`;

/** The kind of a record that is none: for each watched kind, how often it was written. */
const changeCount = 'changes';

const one = compiler.selectFrom('records').where('kind', '=', kind).where('key', '=', key);

export const queries = {
  create: text(
    compiler
      .insertInto('records')
      .values({ kind, key, value, expires_at: expiresAt })
      .onConflict((conflict) =>
        conflict.columns(['kind', 'key']).doUpdateSet({ value, expires_at: expiresAt }).where('records.expires_at', '<=', now),
      ),
  ),
  get: text(one.select(['value', 'expires_at']).where('expires_at', '>', now)),
  put: text(
    compiler
      .insertInto('records')
      .values({ kind, key, value, expires_at: expiresAt })
      .onConflict((conflict) => conflict.columns(['kind', 'key']).doUpdateSet({ value, expires_at: expiresAt })),
  ),
  delete: text(compiler.deleteFrom('records').where('kind', '=', kind).where('key', '=', key).returning('expires_at')),
  // From the prefix on, in the order of keys: whoever reads stops at the first key that does not begin with it.
  list: text(
    compiler
      .selectFrom('records')
      .select(['key', 'value'])
      .where('kind', '=', kind)
      .where('key', '>=', key)
      .where('expires_at', '>', now)
      .orderBy('key')
      .limit(limit),
  ),
  /** How many there are from `key` on, and the last of them. By the index of keys alone. */
  countSome: text(
    compiler
      .selectFrom(
        compiler
          .selectFrom('records')
          .select('key')
          .where('kind', '=', kind)
          .where('key', '>', key)
          .orderBy('key')
          .limit(limit)
          .as('some'),
      )
      .select((select) => [select.fn.countAll<number>().as('number'), select.fn.max('key').as('last')]),
  ),
  // Whoever listens in another process sees that the count is another one.
  bump: text(
    compiler
      .insertInto('records')
      .values({
        kind: sql<string>`${sql.lit(changeCount)}`,
        key: kind,
        value: sql<string>`'1'`,
        expires_at: sql<number>`${sql.lit(Number.MAX_SAFE_INTEGER)}`,
      })
      .onConflict((conflict) =>
        conflict.columns(['kind', 'key']).doUpdateSet({ value: sql<string>`cast(cast(records.value as integer) + 1 as text)` }),
      ),
  ),
  counts: text(
    compiler
      .selectFrom('records')
      .select(['key', 'value'])
      .where('kind', '=', sql<string>`${sql.lit(changeCount)}`),
  ),
  kinds: text(
    compiler
      .selectFrom('records')
      .select('kind')
      .distinct()
      .where('kind', '<>', sql<string>`${sql.lit(changeCount)}`)
      .orderBy('kind'),
  ),
  page: text(
    compiler
      .selectFrom('records')
      .select(['key', 'value', 'expires_at'])
      .where('kind', '=', kind)
      .where('key', '>', key)
      .where('expires_at', '>', now)
      .orderBy('key')
      .limit(limit),
  ),
  sweep: text(
    compiler
      .deleteFrom('records')
      .where((where) =>
        where(
          where.refTuple('kind', 'key'),
          'in',
          where
            .selectFrom('records')
            .select(['kind', 'key'])
            .where('expires_at', '<=', now)
            .orderBy('expires_at')
            .limit(limit)
            .$asTuple('kind', 'key'),
        ),
      ),
  ),
} as const;

/** The statements that lead from schema version n to n + 1, n being the index. Never change one that was released; add one. */
export const migrations: readonly (readonly string[])[] = [
  [
    // Rows lie in the order of their coming: keys are random, and clustered by them each new one would split a page (measured).
    text(
      compiler.schema
        .createTable('records')
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'integer', (column) => column.notNull())
        .addPrimaryKeyConstraint('records_key', ['kind', 'key'])
        .modifyEnd(sql`strict`),
    ),
    text(compiler.schema.createIndex('records_expires_at').on('records').column('expires_at')),
  ],
  journalMigration,
];

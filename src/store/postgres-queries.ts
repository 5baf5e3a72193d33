/** The SQL of the records in PostgreSQL, and what made its tables. */
import { sql } from 'kysely';
import { compiler, parameter, statement, type Statement } from './postgres-compiler.ts';
import { journalMigration } from './postgres-journal-queries.ts';

const [kind, key, value] = [parameter<string>('kind'), parameter<string>('key'), parameter<string>('value')];
const [expiresAt, now, limit] = [parameter<number>('expiresAt'), parameter<number>('now'), parameter<number>('limit')];
const version = sql<string>`${'version'}::xid`;

const one = compiler.selectFrom('passerelle_records').where('kind', '=', kind).where('key', '=', key);
const found = one.select(['value', 'expires_at', sql<string>`xmin::text`.as('version')]).where('expires_at', '>', now);

/** What a write does beside: told by the row that it wrote, hence within the same transaction and only where there is one. */
export interface Beside {
  /** Answered before it is on the disk: a crash of the server may lose the last half second. */
  readonly relaxed: boolean;
  /** Tells the nodes that listen which record it was. */
  readonly announced: boolean;
}

export const channel = 'passerelle';

function writes({ relaxed, announced }: Beside) {
  const suffix = `${relaxed ? '_relaxed' : ''}${announced ? '_announced' : ''}`;
  const beside = [
    ...(relaxed ? [sql`set_config('synchronous_commit', 'off', true)`.as('relaxed')] : []),
    ...(announced
      ? [sql`pg_notify(${sql.lit(channel)}, passerelle_records.kind || ' ' || passerelle_records.key)`.as('announced')]
      : []),
  ];
  const put = compiler
    .insertInto('passerelle_records')
    .values({ kind, key, value, expires_at: expiresAt })
    .onConflict((conflict) =>
      conflict
        .columns(['kind', 'key'])
        .doUpdateSet((excluded) => ({ value: excluded.ref('excluded.value'), expires_at: excluded.ref('excluded.expires_at') }))
        .where('passerelle_records.expires_at', '<=', now),
    );
  const replace = compiler
    .updateTable('passerelle_records')
    .set({ value, expires_at: expiresAt })
    .where('kind', '=', kind)
    .where('key', '=', key)
    .where('xmin', '=', version);
  const remove = compiler.deleteFrom('passerelle_records').where('kind', '=', kind).where('key', '=', key);
  const drop = remove.where('xmin', '=', version);
  return {
    /** Writes one row, or none where a live one is present. */
    create: statement(`create${suffix}`, beside.length === 0 ? put : put.returning(beside)),
    /** Writes one row, or none where it is another version by now. */
    replace: statement(`replace${suffix}`, beside.length === 0 ? replace : replace.returning(beside)),
    /** Deletes one row, or none where it is another version by now. */
    drop: statement(`drop${suffix}`, beside.length === 0 ? drop : drop.returning(beside)),
    delete: statement(`delete${suffix}`, remove.returning(['expires_at', ...beside])),
  };
}

export type Writes = ReturnType<typeof writes>;

const variants = new Map(
  [false, true].flatMap((relaxed) =>
    [false, true].map((announced) => [`${String(relaxed)} ${String(announced)}`, writes({ relaxed, announced })] as const),
  ),
);

export function writesFor({ relaxed, announced }: Beside): Writes {
  const made = variants.get(`${String(relaxed)} ${String(announced)}`);
  if (made === undefined) throw new Error('every variant was made above');
  return made;
}

const listed = compiler
  .selectFrom('passerelle_records')
  .select(['key', 'value'])
  .where('kind', '=', kind)
  .where('key', '>=', key)
  .where('expires_at', '>', now)
  .orderBy('key')
  .limit(limit);

export const queries = {
  get: statement('get', found),
  /** Nobody else writes it until the transaction ends. */
  getLocked: statement('get_locked', found.forUpdate()),
  /** From `key` on, and below `beyond`. */
  list: statement('list', listed.where('key', '<', parameter<string>('beyond'))),
  listToTheEnd: statement('list_to_the_end', listed),
  /** How many there are from `key` on, and the last of them. By the index of keys alone. */
  countSome: statement(
    'count_some',
    compiler
      .selectFrom(
        compiler
          .selectFrom('passerelle_records')
          .select('key')
          .where('kind', '=', kind)
          .where('key', '>', key)
          .orderBy('key')
          .limit(limit)
          .as('some'),
      )
      .select((select) => [select.fn.countAll<number>().as('number'), select.fn.max('key').as('last')]),
  ),
  // Several nodes may sweep at once: none waits for another, nor for whoever writes anew what had expired.
  sweep: statement(
    'sweep',
    compiler
      .deleteFrom('passerelle_records')
      .where(
        sql<boolean>`ctid = any (array(select ctid from passerelle_records where expires_at <= ${now} order by expires_at limit ${limit} for update skip locked))`,
      ),
  ),
  kinds: statement('kinds', compiler.selectFrom('passerelle_records').select('kind').distinct().orderBy('kind')),
  page: statement(
    'page',
    compiler
      .selectFrom('passerelle_records')
      .select(['key', 'value', 'expires_at'])
      .where('kind', '=', kind)
      .where('key', '>', key)
      .where('expires_at', '>', now)
      .orderBy('key')
      .limit(limit),
  ),
} as const;

/** The statements that lead from schema version n to n + 1, n being the index. Never change one that was released; add one. */
export const migrations: readonly (readonly Statement[])[] = [
  [
    statement(
      'records',
      compiler.schema
        .createTable('passerelle_records')
        // By code points, whatever the order of the database is.
        .addColumn('kind', sql`text collate "C"`, (column) => column.notNull())
        .addColumn('key', sql`text collate "C"`, (column) => column.notNull())
        .addColumn('value', 'text', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('passerelle_records_key', ['kind', 'key'])
        // Most rows die young: what they leave is cleared before it is a fifth of the table.
        .modifyEnd(
          sql`with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.2)`,
        ),
    ),
    statement(
      'expiry',
      compiler.schema.createIndex('passerelle_records_expires_at').on('passerelle_records').column('expires_at'),
    ),
  ],
  journalMigration,
];

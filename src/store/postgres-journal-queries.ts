/** The SQL of the journal in PostgreSQL. */
import { sql } from 'kysely';
import { type By, bys, type Order, orders } from './journal-plan.ts';
import { compiler, parameter, statement, type Statement } from './postgres-compiler.ts';

const columns = ['number', 'at', 'event', 'reference', 'person', 'service_provider', 'text', 'expires_at'] as const;
const [reference, person] = [parameter<string>('reference'), parameter<string>('person')];
const [serviceProvider, events] = [parameter<string>('serviceProvider'), parameter<string>('events')];
const [afterAt, afterNumber] = [parameter<number>('afterAt'), parameter<number>('afterNumber')];
const [except, now] = [parameter<string>('except'), parameter<number>('now')];

/** What is given must hold; where it is the index that is read, it is given. */
const conditions = {
  reference: [sql<boolean>`(${reference}::text is null or reference = ${reference})`, sql<boolean>`reference = ${reference}`],
  person: [sql<boolean>`(${person}::text is null or person = ${person})`, sql<boolean>`person = ${person}`],
  serviceProvider: [
    sql<boolean>`(${serviceProvider}::text is null or service_provider = ${serviceProvider})`,
    sql<boolean>`service_provider = ${serviceProvider}`,
  ],
  event: [
    sql<boolean>`(${events}::text is null or event = any (string_to_array(${events}, ' ')))`,
    sql<boolean>`event = ${events}`,
  ],
} as const;

function search(by: By, order: Order): Statement {
  const direction = order === 'oldest first' ? 'asc' : 'desc';
  const beyond =
    order === 'oldest first'
      ? sql<boolean>`(at, number) > (${afterAt}::bigint, ${afterNumber}::bigint)`
      : sql<boolean>`(at, number) < (${afterAt}::bigint, ${afterNumber}::bigint)`;
  return statement(
    `journal_${by}_${direction}`,
    compiler
      .selectFrom('passerelle_journal')
      .select(columns)
      .where(conditions.reference[by === 'reference' ? 1 : 0])
      .where(conditions.person[by === 'person' ? 1 : 0])
      .where(conditions.serviceProvider[by === 'serviceProvider' ? 1 : 0])
      .where(conditions.event[by === 'event' ? 1 : 0])
      .where(sql<boolean>`(${except}::text is null or event <> ${except})`)
      .where('at', '>=', parameter<number>('from'))
      .where('at', '<', parameter<number>('before'))
      .where(beyond)
      .where('expires_at', '>', now)
      .orderBy('at', direction)
      .orderBy('number', direction)
      .limit(parameter<number>('limit')),
  );
}

const nameOf = (by: By, order: Order): string => `${by}, ${order}`;
const searches = new Map(bys.flatMap((by) => orders.map((order) => [nameOf(by, order), search(by, order)] as const)));

export function searchFor(by: By, order: Order): Statement {
  const made = searches.get(nameOf(by, order));
  if (made === undefined) throw new Error('every search was made above');
  return made;
}

export const journalQueries = {
  /** All of them by one statement, in their order. */
  append: statement(
    'journal_append',
    compiler
      .insertInto('passerelle_journal')
      .columns(['at', 'event', 'reference', 'person', 'service_provider', 'text', 'expires_at'])
      .expression(
        sql`select at, event, reference, person, "serviceProvider", text, "expiresAt"
          from json_to_recordset(${parameter<string>('entries')}::json)
          as entry (at bigint, event text, reference text, person text, "serviceProvider" text, text text, "expiresAt" bigint)`,
      ),
  ),
  // Several nodes may sweep at once: none waits for another.
  sweep: statement(
    'journal_sweep',
    compiler
      .deleteFrom('passerelle_journal')
      .where(
        sql<boolean>`ctid = any (array(select ctid from passerelle_journal where expires_at <= ${now} order by expires_at limit ${parameter<number>('limit')} for update skip locked))`,
      ),
  ),
} as const;

type Column = 'event' | 'reference' | 'person' | 'service_provider';
const index = (column: Column) =>
  compiler.schema.createIndex(`passerelle_journal_${column}`).on('passerelle_journal').columns([column, 'at', 'number']);

export const journalMigration: readonly Statement[] = [
  statement(
    'journal',
    compiler.schema
      .createTable('passerelle_journal')
      .addColumn('number', 'bigint', (column) => column.generatedAlwaysAsIdentity())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('event', sql`text collate "C"`, (column) => column.notNull())
      .addColumn('reference', sql`text collate "C"`)
      .addColumn('person', sql`text collate "C"`)
      .addColumn('service_provider', sql`text collate "C"`)
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('passerelle_journal_at', ['at', 'number']),
  ),
  statement('journal_event', index('event')),
  ...(['reference', 'person', 'service_provider'] as const).map((column) =>
    statement(`journal_${column}`, index(column).where(column, 'is not', null)),
  ),
  statement(
    'journal_expiry',
    compiler.schema.createIndex('passerelle_journal_expires_at').on('passerelle_journal').column('expires_at'),
  ),
];

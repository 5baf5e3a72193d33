/** The SQL of the journal in SQLite. */
import { sql } from 'kysely';
import { type By, bys, type Order, orders } from './journal-plan.ts';
import { compiler, textOf } from './sqlite-compiler.ts';

const columns = ['number', 'at', 'event', 'reference', 'person', 'service_provider', 'text', 'expires_at'] as const;

/** What is given must hold; where it is the index that is read, it is given. */
const conditions = {
  reference: [sql<boolean>`(:reference is null or reference = :reference)`, sql<boolean>`reference = :reference`],
  person: [sql<boolean>`(:person is null or person = :person)`, sql<boolean>`person = :person`],
  serviceProvider: [
    sql<boolean>`(:serviceProvider is null or service_provider = :serviceProvider)`,
    sql<boolean>`service_provider = :serviceProvider`,
  ],
  event: [
    sql<boolean>`(:events is null or instr(' ' || :events || ' ', ' ' || event || ' ') > 0)`,
    sql<boolean>`event = :events`,
  ],
} as const;

function search(by: By, order: Order): string {
  const direction = order === 'oldest first' ? 'asc' : 'desc';
  const beyond =
    order === 'oldest first'
      ? sql<boolean>`(at, number) > (:afterAt, :afterNumber)`
      : sql<boolean>`(at, number) < (:afterAt, :afterNumber)`;
  return textOf(
    compiler
      .selectFrom('journal')
      .select(columns)
      .where(conditions.reference[by === 'reference' ? 1 : 0])
      .where(conditions.person[by === 'person' ? 1 : 0])
      .where(conditions.serviceProvider[by === 'serviceProvider' ? 1 : 0])
      .where(conditions.event[by === 'event' ? 1 : 0])
      .where(sql<boolean>`(:except is null or event <> :except)`)
      .where('at', '>=', sql<number>`:from`)
      .where('at', '<', sql<number>`:before`)
      .where(beyond)
      .where('expires_at', '>', sql<number>`:now`)
      .orderBy('at', direction)
      .orderBy('number', direction)
      .limit(sql<number>`:limit`),
  );
}

const nameOf = (by: By, order: Order): string => `${by}, ${order}`;
const searches = new Map(bys.flatMap((by) => orders.map((order) => [nameOf(by, order), search(by, order)] as const)));

export function searchFor(by: By, order: Order): string {
  const made = searches.get(nameOf(by, order));
  if (made === undefined) throw new Error('every search was made above');
  return made;
}

export const journalQueries = {
  append: textOf(
    compiler.insertInto('journal').values({
      at: sql<number>`:at`,
      event: sql<string>`:event`,
      reference: sql<string>`:reference`,
      person: sql<string>`:person`,
      service_provider: sql<string>`:serviceProvider`,
      text: sql<string>`:text`,
      expires_at: sql<number>`:expiresAt`,
    }),
  ),
  sweep: textOf(
    compiler.deleteFrom('journal').where('number', 'in', (journal) =>
      journal
        .selectFrom('journal')
        .select('number')
        .where('expires_at', '<=', sql<number>`:now`)
        .orderBy('expires_at')
        .limit(sql<number>`:limit`),
    ),
  ),
} as const;

/** Every index ends with the time, and SQLite ends it with the number: each search reads in its order, and no further than it answers. */
const index = (name: string, columns: readonly ('event' | 'at' | 'expires_at')[]) =>
  compiler.schema
    .createIndex(`journal_${name}`)
    .on('journal')
    .columns([...columns]);
const indexWhereKnown = (column: 'reference' | 'person' | 'service_provider') =>
  compiler.schema.createIndex(`journal_${column}`).on('journal').columns([column, 'at']).where(column, 'is not', null);

export const journalMigration: readonly string[] = [
  textOf(
    compiler.schema
      .createTable('journal')
      .addColumn('number', 'integer', (column) => column.primaryKey())
      .addColumn('at', 'integer', (column) => column.notNull())
      .addColumn('event', 'text', (column) => column.notNull())
      .addColumn('reference', 'text')
      .addColumn('person', 'text')
      .addColumn('service_provider', 'text')
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('expires_at', 'integer', (column) => column.notNull())
      .modifyEnd(sql`strict`),
  ),
  textOf(index('at', ['at'])),
  textOf(index('event', ['event', 'at'])),
  textOf(index('expires_at', ['expires_at'])),
  textOf(indexWhereKnown('reference')),
  textOf(indexWhereKnown('person')),
  textOf(indexWhereKnown('service_provider')),
];

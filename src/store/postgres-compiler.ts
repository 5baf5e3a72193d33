/** Writes the SQL of the PostgreSQL store, type-checked by kysely; pg runs it with its parameters in their order. */
import {
  type ColumnType,
  DummyDriver,
  type Generated,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
} from 'kysely';

interface Tables {
  passerelle_records: {
    kind: string;
    key: string;
    /** JSON. As text: jsonb takes neither NUL nor lone surrogates, and a fifth more room for no gain in time (measured). */
    value: string;
    /** Milliseconds since the epoch. */
    expires_at: number;
    /** The transaction that wrote this version of the row: another one is another version. */
    xmin: ColumnType<string, never, never>;
  };
  passerelle_journal: {
    number: Generated<number>;
    at: number;
    event: string;
    reference: string | null;
    person: string | null;
    service_provider: string | null;
    text: string;
    expires_at: number;
  };
}

export interface Statement {
  /** Prepared once a connection under this name. */
  readonly name: string;
  readonly text: string;
  /** The names of its parameters, in their order. */
  readonly parameters: readonly string[];
}

interface Compilable {
  compile(): { readonly sql: string; readonly parameters: readonly unknown[] };
}

export const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

/** In place of its value kysely is given its name. */
export const parameter = <T>(name: string): RawBuilder<T> => sql<T>`${name}`;

export function statement(name: string, query: Compilable): Statement {
  const compiled = query.compile();
  return { name: `passerelle_${name}`, text: compiled.sql, parameters: compiled.parameters.map(String) };
}

/** For a command that takes no parameters, such as `begin`. */
export const command = (text: string): Statement => ({ name: '', text, parameters: [] });

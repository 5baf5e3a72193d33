/** Writes the SQL of the SQLite store, type-checked by kysely; node:sqlite runs it with named parameters. */
import { DummyDriver, type Generated, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';

interface Tables {
  records: {
    kind: string;
    key: string;
    /** JSON. */
    value: string;
    /** Milliseconds since the epoch. */
    expires_at: number;
  };
  journal: {
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

// Kysely has no dialect for node:sqlite, and needs none where it only compiles: it never opens a connection here.
export const compiler = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

export function textOf(query: { compile(): { readonly sql: string; readonly parameters: readonly unknown[] } }): string {
  const compiled = query.compile();
  if (compiled.parameters.length > 0) throw new Error('a query of the store holds a constant in place of a named parameter');
  return compiled.sql;
}

/** Finds those of some attribute names that the schema of a directory does not know. */
import { PresenceFilter } from 'ldapts';
import type { Connection } from '../connection.ts';
import { anyOf, equals } from '../filters.ts';
import { fold } from '../fold.ts';
import { valuesOf } from '../person-entry.ts';

/** Where the schema stands, as the rootDSE says. */
export interface SchemaPlaces {
  /** Of Active Directory: where an attributeSchema object stands for each. */
  readonly schemaNamingContext: string | undefined;
  /** RFC 4512 §4.4: where all are described in one entry. */
  readonly subschemaSubentry: string | undefined;
}

const unread = 'the schema cannot be read';

async function ofActiveDirectory(connection: Connection, base: string, names: readonly string[]): Promise<readonly string[]> {
  const filter = anyOf(names.map((name) => equals('lDAPDisplayName', name)));
  const { entries } = await connection.search({ base, scope: 'sub', filter, attributes: ['lDAPDisplayName'], limit: 0 });
  return entries.flatMap((entry) => valuesOf(entry, 'lDAPDisplayName'));
}

async function ofSubschema(connection: Connection, base: string): Promise<readonly string[]> {
  const filter = new PresenceFilter({ attribute: 'objectClass' });
  const { entries } = await connection.search({ base, scope: 'base', filter, attributes: ['attributeTypes'], limit: 0 });
  return entries.flatMap((entry) =>
    valuesOf(entry, 'attributeTypes').flatMap((type) => {
      // RFC 4512 §4.1.2: NAME 'one', or NAME ( 'one' 'other' ).
      const [, names = ''] = /\bNAME\s+(\([^)]*\)|'[^']*')/.exec(type) ?? [];
      return [...names.matchAll(/'([^']+)'/g)].map(([, name]) => name ?? '');
    }),
  );
}

/** Undefined where the schema cannot be read. @throws Unanswered */
export async function unknownAttributes(
  connection: Connection,
  { schemaNamingContext, subschemaSubentry }: SchemaPlaces,
  names: readonly string[],
): Promise<{ readonly unknown: readonly string[] } | { readonly trouble: string }> {
  if (names.length === 0) return { unknown: [] };
  const known =
    schemaNamingContext !== undefined
      ? await ofActiveDirectory(connection, schemaNamingContext, names)
      : subschemaSubentry !== undefined
        ? await ofSubschema(connection, subschemaSubentry)
        : [];
  if (known.length === 0) return { trouble: unread };
  const folded = new Set(known.map(fold));
  // Every entry has a name and an identity, whether or not the schema lists them.
  return { unknown: names.filter((name) => !folded.has(fold(name)) && !/^(distinguishedName|dn)$/i.test(name)) };
}

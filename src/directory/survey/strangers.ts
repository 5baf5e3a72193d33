/** Members that are neither people nor groups of their forest: principals of other forests, computers, contacts, or somebody elsewhere. */
import type { BerReader } from 'ldapts';
import { type Connection, readEntry } from '../connection.ts';
import { anyOf, equals } from '../filters.ts';
import { createNameIndex } from './name-index.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';
import type { Outsider } from './survey.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface Strangers {
  /** In the order in which they were met. */
  readonly names: readonly string[];
  at(dn: string): number;
}

/** Of one forest. `at` throws Refusal directory-refused beyond the bounds. */
export function createStrangers(bounds: SurveyBounds, server: string): Strangers {
  const places = new Map<string, number>();
  const names: string[] = [];
  let text = 0;
  return {
    names,
    at(dn) {
      const known = places.get(dn);
      if (known !== undefined) return known;
      places.set(dn, names.length);
      names.push(dn);
      text += dn.length;
      keepWithin(bounds, 'strangers', names.length, server);
      keepWithin(bounds, 'text', text, server);
      return names.length - 1;
    },
  };
}

const foreign = /^CN=(S-1-[0-9-]{1,200})(?:\\[^,]*)?,CN=ForeignSecurityPrincipals,/i;

/** The SID of a foreign security principal (MS-ADTS §6.1.1.4.10); undefined where the name is none of those. */
export const foreignSidOf = (dn: string): string | undefined => foreign.exec(dn)?.[1]?.toUpperCase();

const escaped = /((?:\\[0-9a-f]{2})+)|\\(.)/gis;

/** The value of the first relative name, for people. */
export function ownNameOf(dn: string): string {
  const [own = dn] = /^(?:\\.|[^,\\])+/s.exec(dn) ?? [];
  return own
    .slice(own.indexOf('=') + 1)
    .replace(escaped, (_, hex: string | undefined, plain: string | undefined) =>
      hex === undefined ? (plain ?? '') : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
    );
}

const PAGE = 1_000;

/**
 * Which of them are computers or contacts of one domain, by their places. Reads all that it has: a group of computers has many.
 * @throws Unanswered; Refusal directory-refused
 */
export async function readOutsiders(
  connection: Connection,
  wanted: {
    readonly root: string;
    readonly whereabouts: (dn: string) => Whereabouts;
    readonly names: readonly string[];
    readonly bounds: SurveyBounds;
  },
): Promise<ReadonlyMap<number, Extract<Outsider, 'computer' | 'contact'>>> {
  const { root, whereabouts, names, bounds } = wanted;
  const found = new Map<number, 'computer' | 'contact'>();
  const own = new Map<string, number>();
  for (const [at, dn] of names.entries()) if (foreignSidOf(dn) === undefined && whereabouts(dn).isHeld) own.set(dn, at);
  if (own.size === 0) return found;
  const index = createNameIndex(own);
  let read = 0;
  await scanPages(connection, {
    search: {
      base: root,
      filter: anyOf(['computer', 'contact'].map((name) => equals('objectClass', name))),
      attributes: ['objectClass'],
    },
    size: PAGE,
    take(reader: BerReader) {
      const { dn, attributes } = readEntry(reader).entry;
      read += 1;
      keepWithin(bounds, 'strangers', read, connection.server);
      const at = index.get(dn);
      const classes = attributes.get('objectclass') ?? [];
      if (at !== undefined) {
        found.set(at, classes.some((value) => value.toString().toLowerCase() === 'computer') ? 'computer' : 'contact');
      }
    },
    gained: () => read,
    told: () => undefined,
    bounds,
  });
  return found;
}

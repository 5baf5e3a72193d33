/** The organisational units of one domain. */
import type { BerReader } from 'ldapts';
import { type Connection, readEntry } from '../connection.ts';
import { equals } from '../filters.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface UnitsWanted {
  readonly root: string;
  readonly whereabouts: (dn: string) => Whereabouts;
  readonly told: (read: number) => void;
  readonly bounds: SurveyBounds;
}

const PAGE = 1_000;

/** Their distinguished names. @throws Unanswered; Refusal directory-refused */
export async function readUnits(
  connection: Connection,
  { root, whereabouts, told, bounds }: UnitsWanted,
): Promise<ReadonlySet<string>> {
  const units = new Set<string>();
  let text = 0;
  await scanPages(connection, {
    // RFC 4511 §4.5.1.8: 1.1 asks for no attribute.
    search: { base: root, filter: equals('objectClass', 'organizationalUnit'), attributes: ['1.1'] },
    size: PAGE,
    take(reader: BerReader) {
      const { dn } = readEntry(reader).entry;
      if (!whereabouts(dn).isHeld) return;
      if (units.has(dn)) return;
      units.add(dn);
      text += dn.length;
      keepWithin(bounds, 'units', units.size, connection.server);
      keepWithin(bounds, 'text', text, connection.server);
    },
    gained: () => units.size,
    told,
    bounds,
  });
  return units;
}

/** The trusts of a domain, from its trustedDomain objects (MS-ADTS §6.1.6.7). */
import type { BerReader } from 'ldapts';
import { type Connection, type Entry, readEntry } from '../connection.ts';
import { equals } from '../filters.ts';
import { fold } from '../fold.ts';
import { ownValue } from '../own-value.ts';
import { scanPages } from './scan-pages.ts';
import { type SurveyBounds, keepWithin } from './survey-bounds.ts';
import type { Trust } from './survey.ts';

// MS-ADTS §6.1.6.7.9 (trustAttributes) and §6.1.6.7.15 (trustType).
const NON_TRANSITIVE = 0x1;
const FOREST_TRANSITIVE = 0x8;
const CROSS_ORGANIZATION = 0x10;
const WITHIN_FOREST = 0x20;
const realms = [3, 4];
// §6.1.6.7.12
const directions = ['disabled', 'inbound', 'outbound', 'both'] as const;

function trustOf(entry: Entry, domain: string): Trust | undefined {
  const number = (name: string): number => Number(ownValue(entry, name) ?? 0);
  const partner = ownValue(entry, 'trustpartner') ?? ownValue(entry, 'flatname') ?? ownValue(entry, 'cn');
  if (partner === undefined) return undefined;
  const attributes = number('trustattributes');
  const has = (flag: number): boolean => (attributes & flag) !== 0;
  const kind = has(WITHIN_FOREST)
    ? 'within'
    : has(FOREST_TRANSITIVE)
      ? 'forest'
      : realms.includes(number('trusttype'))
        ? 'realm'
        : 'external';
  return {
    partner: fold(partner),
    domain,
    direction: directions[number('trustdirection') & 3] ?? 'disabled',
    kind,
    transitive: kind !== 'external' && !has(NON_TRANSITIVE),
    selective: has(CROSS_ORGANIZATION),
  };
}

/**
 * @param root the entry of the domain
 * @param domain its DNS name
 * @throws Unanswered; Refusal directory-refused
 */
export async function readTrusts(
  connection: Connection,
  { root, domain, bounds }: { readonly root: string; readonly domain: string; readonly bounds: SurveyBounds },
): Promise<readonly Trust[]> {
  const trusts: Trust[] = [];
  await scanPages(connection, {
    search: {
      base: `CN=System,${root}`,
      filter: equals('objectClass', 'trustedDomain'),
      attributes: ['cn', 'trustPartner', 'flatName', 'trustDirection', 'trustType', 'trustAttributes'],
    },
    size: 500,
    take(reader: BerReader) {
      const trust = trustOf(readEntry(reader).entry, domain);
      if (trust === undefined) return;
      trusts.push(trust);
      keepWithin(bounds, 'trusts', trusts.length, connection.server);
    },
    gained: () => trusts.length,
    told: () => undefined,
    bounds,
  });
  return trusts;
}

/** The members in an entry of a group, one after the other, without keeping the many in memory at once. */
import type { BerReader } from 'ldapts';
import { enter, octets } from '../ber.ts';
import { rangeOf } from '../range-retrieval.ts';

const SEARCH_ENTRY = 0x64;
export const memberAttributes: readonly string[] = ['member', 'uniqueMember'];
const known = new Set(memberAttributes.map((name) => name.toLowerCase()));

/**
 * Tells each member's name, and answers where the next part of an attribute begins that came in part; undefined after the last.
 * @param begin is told the name of the entry; where it answers false the members are passed over
 * @throws MalformedMessage, or ldapts' InvalidAsn1Error
 */
export function readMembers(
  reader: BerReader,
  begin: (dn: string) => boolean,
  member: (dn: string) => void,
): { readonly attribute: string; readonly next: number } | undefined {
  enter(reader, SEARCH_ENTRY);
  if (!begin(octets(reader).toString())) return undefined;
  let partial: { readonly attribute: string; readonly next: number } | undefined;
  const end = enter(reader, 0x30);
  while (reader.offset < end) {
    enter(reader, 0x30);
    const { name, next } = rangeOf(octets(reader).toString().toLowerCase());
    const isWanted = known.has(name);
    const last = enter(reader, 0x31);
    let values = 0;
    while (reader.offset < last) {
      const value = octets(reader);
      if (isWanted && value.length > 0) member(value.toString());
      values += 1;
    }
    if (isWanted && next !== undefined && values > 0) partial = { attribute: name, next };
  }
  return partial;
}

/** Domain and number in the SIDs of one domain. */
import type { Entry } from '../connection.ts';
import { objectSidText } from '../object-sid.ts';

/** S-1-5-21-1-2-3-1104 → its domain, S-1-5-21-1-2-3, and 1104. */
function splitSid(sid: string): { readonly domain: string; readonly rid: number } {
  const at = sid.lastIndexOf('-');
  return { domain: sid.slice(0, at), rid: Number(sid.slice(at + 1)) };
}

/** The SID that stands before the numbers of a domain. */
export interface DomainSid {
  /** Undefined while none is known. */
  readonly sid: string | undefined;
  /** The number of an entry of this domain; undefined where it has none, or bears the SID of another domain. */
  ridOf(entry: Entry): number | undefined;
}

/** @param known what the domain says of itself; undefined where it says nothing: its first entry then tells */
export function createDomainSid(known: string | undefined): DomainSid {
  let sid = known;
  return {
    get sid() {
      return sid;
    },
    ridOf(entry) {
      const bytes = entry.attributes.get('objectsid')?.[0];
      const text = bytes && objectSidText(bytes);
      if (text === undefined) return undefined;
      const { domain, rid } = splitSid(text);
      // S-1-5-32-544 and its like are of no domain.
      if (!domain.startsWith('S-1-5-21-')) return rid;
      sid ??= domain;
      return domain === sid ? rid : undefined;
    },
  };
}

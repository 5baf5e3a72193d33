/** Attributes of so many values that Active Directory gives them in parts (MS-ADTS §3.1.1.3.1.3.3), put together again. */
import { PresenceFilter } from 'ldapts';
import type { Entry, LdapResult, Search } from './operations.ts';

/** Where the next part of an attribute begins, by its name in lower case. */
export type Ranges = ReadonlyMap<string, number>;

/** Of one attribute, and of all that one search found; more than any server makes of what an answer may hold. */
const mostParts = 100;
const mostPartsOfAll = 500;
const mostValues = 500_000;
const mostBytes = 64 * 1024 * 1024;
/** RFC 4511 §4.1.9: adminLimitExceeded. */
const ADMIN_LIMIT_EXCEEDED = 11;
const anything = new PresenceFilter({ attribute: 'objectClass' });

/** `memberOf;range=0-1499` → the name, and where the next part begins; of the last part, `memberOf;range=1500-*`, the name alone. */
export function rangeOf(described: string): { readonly name: string; readonly next: number | undefined } {
  const [, name, end] = /^(.*);range=\d{1,9}-(\d{1,9}|\*)$/.exec(described) ?? [];
  return { name: name ?? described, next: end === undefined || end === '*' ? undefined : Number(end) + 1 };
}

/** Asks for the parts that are left, and adds them to the entries. Answers the result that all of it has. */
export async function completeRanges(
  entries: Entry[],
  partial: ReadonlyMap<number, Ranges>,
  result: LdapResult,
  search: (search: Search) => Promise<{ result: LdapResult; entries: readonly Entry[]; partial: ReadonlyMap<number, Ranges> }>,
): Promise<LdapResult> {
  let asked = 0;
  let bytes = 0;
  for (const [index, ranges] of partial) {
    const entry = entries[index];
    if (entry === undefined) continue;
    const attributes = new Map(entry.attributes);
    for (const [name, first] of ranges) {
      let next: number | undefined = first;
      let values = attributes.get(name) ?? [];
      for (let part = 0; next !== undefined && part < mostParts; part += 1) {
        if (asked >= mostPartsOfAll || bytes >= mostBytes || values.length >= mostValues)
          return { ...result, code: ADMIN_LIMIT_EXCEEDED, message: 'too many parts' };
        asked += 1;
        const described = `${name};range=${String(next)}-*`;
        const answer = await search({ base: entry.dn, scope: 'base', filter: anything, attributes: [described], limit: 0 });
        if (answer.result.code !== 0) return answer.result;
        const more: readonly Buffer[] = answer.entries[0]?.attributes.get(name) ?? [];
        values = values.concat(more);
        bytes += more.reduce((sum, { length }) => sum + length, 0);
        const following: number | undefined = answer.partial.get(0)?.get(name);
        // A server that does not come forward would be asked for ever.
        next = following !== undefined && following > next && more.length > 0 ? following : undefined;
      }
      attributes.set(name, values);
    }
    entries[index] = { dn: entry.dn, attributes };
  }
  return result;
}

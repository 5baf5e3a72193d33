/** Search filters of the demo directory (RFC 4511 §4.5.1.7): read from the wire and applied to entries. */
import { type BerReader, SearchFilter } from 'ldapts';
import { MalformedMessage, enter, octets, skip } from './ber.ts';
import { type DemoEntries, type DemoEntry, comparedValue } from './demo-entries.ts';

export interface DemoFilter {
  readonly matches: (entry: DemoEntry) => boolean;
  /** The only entries that can match, where an index tells; undefined where all must be looked at. */
  readonly candidates: readonly DemoEntry[] | undefined;
}

const DEEPEST = 20;
const wholeNumber = /^-?\d{1,19}$/;

function readList(reader: BerReader, end: number, entries: DemoEntries, depth: number): DemoFilter[] {
  const filters: DemoFilter[] = [];
  while (reader.offset < end) {
    filters.push(readDemoFilter(reader, entries, depth + 1));
  }
  return filters;
}

const none: DemoFilter = { matches: () => false, candidates: [] };

function readAssertion(reader: BerReader): { attribute: string; value: string } {
  const attribute = octets(reader).toString().toLowerCase();
  return { attribute, value: comparedValue(attribute, octets(reader)) };
}

function readSubstrings(reader: BerReader): DemoFilter {
  const attribute = octets(reader).toString().toLowerCase();
  const end = enter(reader, 0x30);
  const parts: { readonly tag: number; readonly text: string }[] = [];
  while (reader.offset < end) {
    const tag = reader.peek() ?? 0;
    parts.push({ tag, text: comparedValue(attribute, octets(reader, tag)) });
  }
  const fits = (value: string): boolean => {
    let from = 0;
    for (const { tag, text } of parts) {
      const at = tag === 0x80 ? 0 : tag === 0x82 ? value.length - text.length : value.indexOf(text, from);
      if (at < from || !value.startsWith(text, at)) {
        return false;
      }
      from = at + text.length;
    }
    return parts.length > 0;
  };
  return { matches: (entry) => entry.attributes.get(attribute)?.compared.some(fits) ?? false, candidates: undefined };
}

function readOrder(reader: BerReader, fits: (comparison: number) => boolean): DemoFilter {
  const { attribute, value } = readAssertion(reader);
  const compare = (held: string): number => {
    if (wholeNumber.test(held) && wholeNumber.test(value)) {
      const difference = BigInt(held) - BigInt(value);
      return difference < 0n ? -1 : difference > 0n ? 1 : 0;
    }
    return held < value ? -1 : held > value ? 1 : 0;
  };
  return {
    matches: (entry) => entry.attributes.get(attribute)?.compared.some((held) => fits(compare(held))) ?? false,
    candidates: undefined,
  };
}

function unionOf(filters: readonly DemoFilter[]): readonly DemoEntry[] | undefined {
  const union = new Set<DemoEntry>();
  for (const { candidates } of filters) {
    if (candidates === undefined) {
      return undefined;
    }
    for (const entry of candidates) {
      union.add(entry);
    }
  }
  return [...union];
}

/** @throws MalformedMessage, or ldapts' InvalidAsn1Error */
export function readDemoFilter(reader: BerReader, entries: DemoEntries, depth = 0): DemoFilter {
  const tag = reader.peek();
  if (tag === null || depth > DEEPEST) {
    throw new MalformedMessage();
  }
  if (tag === SearchFilter.present) {
    const attribute = octets(reader, tag).toString().toLowerCase();
    return { matches: (entry) => entry.attributes.has(attribute), candidates: undefined };
  }
  const start = reader.offset;
  const end = enter(reader, tag);
  switch (tag) {
    case SearchFilter.and: {
      const filters = readList(reader, end, entries, depth);
      return {
        matches: (entry) => filters.every((filter) => filter.matches(entry)),
        candidates: filters.find(({ candidates }) => candidates !== undefined)?.candidates,
      };
    }
    case SearchFilter.or: {
      const filters = readList(reader, end, entries, depth);
      return { matches: (entry) => filters.some((filter) => filter.matches(entry)), candidates: unionOf(filters) };
    }
    case SearchFilter.not: {
      const filter = readDemoFilter(reader, entries, depth + 1);
      return { matches: (entry) => !filter.matches(entry), candidates: undefined };
    }
    case SearchFilter.equalityMatch:
    case SearchFilter.approxMatch: {
      const { attribute, value } = readAssertion(reader);
      return {
        matches: (entry) => entry.attributes.get(attribute)?.compared.includes(value) ?? false,
        candidates: entries.index.get(attribute)?.get(value) ?? [],
      };
    }
    case SearchFilter.substrings:
      return readSubstrings(reader);
    case SearchFilter.greaterOrEqual:
      return readOrder(reader, (comparison) => comparison >= 0);
    case SearchFilter.lessOrEqual:
      return readOrder(reader, (comparison) => comparison <= 0);
    default:
      // RFC 4511 §4.5.1.7: a filter that the server does not know is Undefined, which finds nothing.
      reader.offset = start;
      skip(reader);
      return none;
  }
}

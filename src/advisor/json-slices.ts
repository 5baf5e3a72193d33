/** Takes long JSON apart without parsing all of it: where the members of an object and the elements of an array stand. */

/** Bytes from `from` on, before `to`. */
export interface Slice {
  readonly from: number;
  readonly to: number;
}

/** What is no JSON, or larger than it may be. */
export class JsonBroken extends Error {
  override readonly name = 'JsonBroken';
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [opening, closing] = [new Set([0x5b, 0x7b]), new Set([0x5d, 0x7d])];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
// RFC 8259 §2.
const blank = new Set([0x20, 0x09, 0x0a, 0x0d]);
const longestName = 256;

const broken = (): JsonBroken => new JsonBroken('it is no JSON, or was cut off');

function skipBlank(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let byte = bytes[at]; byte !== undefined && blank.has(byte); byte = bytes[at]) at += 1;
  return at;
}

/** @param from where its quotation mark stands */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at += 1;
  }
  throw broken();
}

function endOfNested(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(bytes, at) - 1;
    else if (byte === openArray || byte === openObject) depth += 1;
    else if (byte === closeArray || byte === closeObject) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw broken();
}

/** Where the value that begins there ends. That it is one inside is for whoever parses it to find. */
function endOf(bytes: Uint8Array, from: number): number {
  const first = bytes[from];
  if (first === undefined) throw broken();
  if (first === quote) return endOfString(bytes, from);
  if (opening.has(first)) return endOfNested(bytes, from);
  let at = from;
  for (let byte = bytes[at]; byte !== undefined; byte = bytes[at]) {
    if (byte === comma || closing.has(byte) || blank.has(byte)) break;
    at += 1;
  }
  if (at === from) throw broken();
  return at;
}

/** Where each entry between two brackets stands, and that nothing follows. */
function* entriesOf(
  bytes: Uint8Array,
  [open, close]: readonly [number, number],
  { from, to }: Slice,
  end: (from: number) => number,
): Generator<Slice> {
  let at = skipBlank(bytes, from);
  if (bytes[at] !== open) throw broken();
  at = skipBlank(bytes, at + 1);
  if (bytes[at] === close) at += 1;
  else {
    for (;;) {
      const entry = { from: at, to: end(at) };
      yield entry;
      at = skipBlank(bytes, entry.to);
      const byte = bytes[at];
      at += 1;
      if (byte === close) break;
      if (byte !== comma) throw broken();
      at = skipBlank(bytes, at);
    }
  }
  if (at > to || skipBlank(bytes, at) < to) throw broken();
}

/** @throws JsonBroken where it is no array */
export const elementsOf = (bytes: Uint8Array, slice: Slice): Generator<Slice> =>
  entriesOf(bytes, [openArray, closeArray], slice, (from) => endOf(bytes, from));

/** Names as they stand there, twice where they stand there twice. @throws JsonBroken where it is no object */
export function* membersOf(bytes: Uint8Array, slice: Slice): Generator<{ readonly name: string; readonly value: Slice }> {
  let name = '';
  let from = 0;
  const end = (at: number): number => {
    if (bytes[at] !== quote) throw broken();
    const after = endOfString(bytes, at);
    const parsed = parseSlice(bytes, { from: at, to: after }, longestName);
    if (typeof parsed !== 'string') throw broken();
    name = parsed;
    const between = skipBlank(bytes, after);
    if (bytes[between] !== colon) throw broken();
    from = skipBlank(bytes, between + 1);
    return endOf(bytes, from);
  };
  for (const { to } of entriesOf(bytes, [openObject, closeObject], slice, end)) yield { name, value: { from, to } };
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param limit bytes. @throws JsonBroken where it is longer, no UTF-8 or no JSON */
export function parseSlice(bytes: Uint8Array, { from, to }: Slice, limit: number): unknown {
  if (to - from > limit) throw new JsonBroken(`it holds a value of more than ${limit.toLocaleString('en-GB')} bytes`);
  try {
    return JSON.parse(decoder.decode(bytes.subarray(from, to)));
  } catch (error) {
    // The parser's own words quote the text; and whoever nests deeply exhausts its stack.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError) throw broken();
    throw error;
  }
}

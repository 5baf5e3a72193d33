/** Reads DER (X.690 §10): one length, one form, nothing left over; without recursion of its own and without copies. */

/** It is no DER, or not of the shape that its standard gives it. */
export class DerMistake extends Error {
  override readonly name = 'DerMistake';
}

export interface Der {
  /** The whole identifier octet: class, form and number. */
  readonly tag: number;
  readonly content: Buffer;
  /** With identifier and length. */
  readonly raw: Buffer;
}

/** Takes the fields of a SEQUENCE or SET one after the other. */
export interface Fields {
  /** The next field, which must be of that tag. @throws DerMistake */
  next(tag?: number): Der;
  /** The next field where it is of that tag. @throws DerMistake */
  optional(tag: number): Der | undefined;
  readonly done: boolean;
  /** @throws DerMistake where fields are left */
  end(): void;
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The identifier octet of a context-specific tag. */
export const context = (number: number, constructed = true): number => (constructed ? 0xa0 : 0x80) | number;

const longestLength = 4;

function readAt(bytes: Buffer, start: number): { der: Der; end: number } {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new DerMistake('it ends early');
  if ((tag & 0x1f) === 0x1f) throw new DerMistake('a tag of several octets');
  let length = first;
  let from = start + 2;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > longestLength || from + octets > bytes.length) throw new DerMistake('a length that DER has not');
    length = bytes.readUIntBE(from, octets);
    // X.690 §10.1: the shortest form.
    if (length < 0x80 || length < 2 ** (8 * (octets - 1))) throw new DerMistake('a length in a longer form than it needs');
    from += octets;
  }
  const end = from + length;
  if (end > bytes.length) throw new DerMistake('it ends early');
  return { der: { tag, content: bytes.subarray(from, end), raw: bytes.subarray(start, end) }, end };
}

/** The one value that these bytes are. @throws DerMistake */
export function readDer(bytes: Buffer, tag?: number): Der {
  const { der, end } = readAt(bytes, 0);
  if (end !== bytes.length) throw new DerMistake('something follows it');
  if (tag !== undefined && der.tag !== tag) throw new DerMistake('it is of another type');
  return der;
}

/** The values within, one at a time. @throws DerMistake */
export function* valuesIn({ tag, content }: Der): Generator<Der, void, undefined> {
  if ((tag & 0x20) === 0) throw new DerMistake('a primitive value where several were expected');
  for (let at = 0; at < content.length;) {
    const { der, end } = readAt(content, at);
    yield der;
    at = end;
  }
}

/** @throws DerMistake where it is of another tag */
export function fieldsOf(value: Der, tag: number = tags.sequence): Fields {
  if (value.tag !== tag) throw new DerMistake('it is of another type');
  const { content } = value;
  let at = 0;
  const take = (): Der => {
    const { der, end } = readAt(content, at);
    at = end;
    return der;
  };
  return {
    next(wanted) {
      const der = take();
      if (wanted !== undefined && der.tag !== wanted) throw new DerMistake('a field of another type');
      return der;
    },
    optional: (wanted) => (at < content.length && content[at] === wanted ? take() : undefined),
    get done() {
      return at >= content.length;
    },
    end() {
      if (at < content.length) throw new DerMistake('fields that are not known');
    },
  };
}

/** The value within an explicit tag. @throws DerMistake */
export const within = ({ content }: Der, tag?: number): Der => readDer(content, tag);

/** @throws DerMistake */
export function readBoolean({ content }: Der): boolean {
  // X.690 §11.1
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerMistake('no truth value');
  return content[0] === 0xff;
}

/** The octets of an INTEGER or ENUMERATED, of which DER allows one spelling alone. @throws DerMistake */
export function readInteger({ content }: Der): Buffer {
  const [first, second] = content;
  if (first === undefined || content.length > 64) throw new DerMistake('no number');
  // X.690 §8.3.2
  if ((first === 0 && second !== undefined && second < 0x80) || (first === 0xff && second !== undefined && second >= 0x80))
    throw new DerMistake('a number in a longer form than it needs');
  return content;
}

/** @throws DerMistake where it is negative or no number that is exact */
export function readSmall(value: Der): number {
  const octets = readInteger(value);
  if (octets.length > 4 || (octets[0] ?? 0x80) >= 0x80) throw new DerMistake('a number that is too large');
  return octets.readUIntBE(0, octets.length);
}

/** The octets of a BIT STRING, and how many bits of the last one are not used. @throws DerMistake */
export function readBits({ content }: Der): { readonly bytes: Buffer; readonly unused: number } {
  const unused = content[0];
  if (unused === undefined || unused > 7 || (content.length === 1 && unused > 0)) throw new DerMistake('no bit string');
  const bytes = content.subarray(1);
  // X.690 §11.2.1
  if (((bytes.at(-1) ?? 0) & (2 ** unused - 1)) !== 0) throw new DerMistake('bits that are set and not used');
  return { bytes, unused };
}

/** The octets of a BIT STRING that is made of whole ones. @throws DerMistake */
export function readOctets(value: Der): Buffer {
  const { bytes, unused } = readBits(value);
  if (unused > 0) throw new DerMistake('a bit string that is not whole octets');
  return bytes;
}

/** In dotted form. @throws DerMistake */
export function readObjectIdentifier({ tag, content }: Der): string {
  if (tag !== tags.objectIdentifier || content.length === 0 || content.length > 64) throw new DerMistake('no object identifier');
  const arcs: number[] = [];
  let arc = 0;
  let isOpen = false;
  for (const octet of content) {
    if (!isOpen && octet === 0x80) throw new DerMistake('an arc in a longer form than it needs');
    arc = arc * 128 + (octet & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 256) throw new DerMistake('an arc that is too large');
    isOpen = octet >= 0x80;
    if (isOpen) continue;
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - top * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  if (isOpen) throw new DerMistake('an object identifier that ends early');
  return arcs.join('.');
}

/** Milliseconds since the epoch (RFC 5280 §4.1.2.5: with seconds, in Greenwich time, without fractions). @throws DerMistake */
export function readTime({ tag, content }: Der): number {
  const text = content.toString('latin1');
  let century = '';
  if (tag === tags.utcTime) century = Number(text.slice(0, 2)) >= 50 ? '19' : '20';
  else if (tag !== tags.generalizedTime) throw new DerMistake('no time');
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text);
  if (match === null) throw new DerMistake('no time');
  const [, year, month, day, hour, minute, second] = match;
  const written = `${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${String(second)}.000Z`;
  const time = Date.parse(written);
  // The thirty-first of February is the third of March to some.
  if (Number.isNaN(time) || new Date(time).toISOString() !== written) throw new DerMistake('no time');
  return time;
}

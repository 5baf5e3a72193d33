/** Makes new inputs out of known ones: bytes, numbers, lines, tags and pieces of the format moved, doubled, cut and mixed. */

/** Numbers from 0 up to 1, 1 left out. */
export type Draw = () => number;

/** Mulberry32: small, and the same for the same seed on every machine. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const interesting: readonly string[] = [
  '\0',
  '\ufeff',
  '\ud800',
  '\uffff',
  '\u{10ffff}',
  '\r\n',
  '\t',
  '&amp;',
  '&#0;',
  '&#x10FFFF;',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x?>',
  '<!DOCTYPE',
  'xmlns:a="urn:a"',
  'xmlns=""',
  'xml:id="a"',
  '/>',
  '</',
  '="',
  "='",
  '-1',
  '0',
  '65536',
  '4294967296',
  '1e9',
  'true',
  '%',
  '%00',
  '%ff',
  '+',
  '=',
  '&',
  '9999-12-31T23:59:59Z',
  '2026-02-30T00:00:00Z',
  'urn:oasis:names:tc:SAML:2.0:',
  'AAAA',
  '====',
];

/** One to eight changes of `input`, which borrow from `other`; at most `most` bytes come out. */
export function mutate(input: Buffer, other: Buffer, dictionary: readonly string[], most: number, draw: Draw): Buffer {
  const below = (limit: number): number => Math.floor(draw() * limit);
  const pick = <T>(list: readonly T[]): T | undefined => list[below(list.length)];
  const splice = (bytes: Buffer, at: number, cut: number, insert: Buffer | string): Buffer =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(insert), bytes.subarray(at + cut)]);
  /** A piece between two marks of the format, so that elements, parameters and values stay whole more often than not. */
  const piece = (bytes: Buffer): [from: number, to: number] => {
    const marks = '<>"&= /';
    const isMark = (at: number): boolean => marks.includes(String.fromCharCode(bytes[at] ?? 0));
    let from = below(bytes.length + 1);
    while (from > 0 && !isMark(from)) from -= 1;
    let to = Math.min(bytes.length, from + 1 + below(64));
    while (to < bytes.length && !isMark(to)) to += 1;
    return [from, to];
  };
  let bytes = input;
  for (let changes = 1 + below(8); changes > 0; changes -= 1) {
    const at = below(bytes.length + 1);
    const [from, to] = piece(bytes);
    switch (below(10)) {
      case 0:
        bytes = splice(bytes, at, 1, Buffer.from([below(256)]));
        break;
      case 1:
        bytes = splice(bytes, at, 1, Buffer.from([(bytes[at] ?? 0) ^ (1 << below(8))]));
        break;
      case 2:
        bytes = splice(bytes, at, below(16), '');
        break;
      case 3:
        bytes = splice(bytes, at, 0, pick(interesting) ?? '');
        break;
      case 4:
        bytes = splice(bytes, at, 0, pick(dictionary) ?? '');
        break;
      case 5:
        bytes = splice(bytes, from, to - from, '');
        break;
      case 6:
        bytes = splice(bytes, from, 0, bytes.subarray(from, to));
        break;
      case 7: {
        const [begin, end] = piece(other);
        bytes = splice(bytes, from, below(2) * (to - from), other.subarray(begin, end));
        break;
      }
      case 8: {
        const count = 2 ** below(8);
        bytes = splice(
          bytes,
          from,
          0,
          Buffer.concat(Array.from({ length: count }, () => bytes.subarray(from, Math.min(to, from + 64)))),
        );
        break;
      }
      default:
        bytes = splice(bytes, at, bytes.length, other.subarray(below(other.length + 1)));
    }
  }
  return bytes.subarray(0, most);
}

/** The name of a group: the common name in its distinguished name (RFC 4514), as Active Directory and OpenLDAP write them. */

const hexPair = /^[0-9A-Fa-f]{2}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** BER string types (X.690 §8.23) that a name's value may have. */
const encodings: Readonly<Record<number, string>> = {
  0x0c: 'utf-8',
  0x13: 'latin1',
  0x14: 'latin1',
  0x16: 'latin1',
  0x1e: 'utf-16be',
};

function decodeBer(hex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{2}){2,}$/.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  const encoding = encodings[bytes[0] ?? 0];
  const first = bytes[1] ?? 0;
  // X.690 §8.1.3: short form, or the long form with one or two bytes of length.
  const lengthBytes = first <= 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 2 || bytes.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const content = bytes.subarray(2 + lengthBytes);
  if (encoding === undefined || content.length !== length) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

/** In one pass, however many blanks there are. */
function withoutBlanksAtEnd(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}

/** A value as written, up to the separator that ends it: unescaped, with what follows. */
function readValue(text: string): { value: string; rest: string } | undefined {
  const start = text.replace(/^ +/, '');
  if (start.startsWith('#')) {
    const written = /^#([0-9A-Fa-f]*) *(?=[,;+]|$)/.exec(start);
    const value = written?.[1] === undefined ? undefined : decodeBer(written[1]);
    return value === undefined || written === null ? undefined : { value, rest: start.slice(written[0].length) };
  }
  // RFC 2253 §4 still lets older servers write the value in quotes.
  const quoted = start.startsWith('"');
  const special = quoted ? /["\\]/g : /[,;+\\]/g;
  const pieces: Buffer[] = [];
  let at = quoted ? 1 : 0;
  for (;;) {
    special.lastIndex = at;
    const end = special.exec(start)?.index ?? start.length;
    const plain = start.slice(at, end);
    if (start[end] !== '\\') {
      if (quoted && end === start.length) return undefined;
      pieces.push(Buffer.from(quoted ? plain : withoutBlanksAtEnd(plain)));
      at = quoted ? end + 1 : end;
      break;
    }
    const pair = start.slice(end + 1, end + 3);
    const next = hexPair.test(pair) ? pair : String.fromCodePoint(start.codePointAt(end + 1) ?? 0);
    if (end + 1 >= start.length) return undefined;
    pieces.push(Buffer.from(plain), hexPair.test(pair) ? Buffer.from(pair, 'hex') : Buffer.from(next));
    at = end + 1 + next.length;
  }
  try {
    return { value: utf8.decode(Buffer.concat(pieces)), rest: start.slice(at).replace(/^ +/, '') };
  } catch {
    return undefined;
  }
}

/** The CN of the first relative name; undefined where it has none or the text is no distinguished name. */
export function groupName(distinguishedName: string): string | undefined {
  let rest = distinguishedName;
  for (;;) {
    const type = /^ *([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*) *=/.exec(rest);
    if (type === null) return undefined;
    const read = readValue(rest.slice(type[0].length));
    if (read === undefined || !(read.rest === '' || ',;+'.includes(read.rest.charAt(0)))) return undefined;
    if (['cn', 'commonname', '2.5.4.3'].includes(type[1]?.toLowerCase() ?? '')) return read.value === '' ? undefined : read.value;
    if (!read.rest.startsWith('+')) return undefined;
    rest = read.rest.slice(1);
  }
}

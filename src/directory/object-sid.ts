/** The textual form of objectSid, S-1-5-21-…. */

/** Undefined where the bytes are no security identifier (MS-DTYP §2.4.2). */
export function objectSidText(bytes: Buffer): string | undefined {
  const count = bytes[1];
  if (bytes.length < 8 || bytes[0] !== 1 || count === undefined || bytes.length !== 8 + 4 * count) {
    return undefined;
  }
  const parts = ['S', '1', String(bytes.readUIntBE(2, 6))];
  for (let part = 0; part < count; part += 1) {
    parts.push(String(bytes.readUInt32LE(8 + 4 * part)));
  }
  return parts.join('-');
}

/** The bytes of the textual form; undefined where the text is none. */
export function objectSidBytes(text: string): Buffer | undefined {
  const [, authority, rest] = /^S-1-(\d{1,15})((?:-\d{1,10}){1,15})$/i.exec(text) ?? [];
  const parts = rest?.slice(1).split('-').map(Number) ?? [];
  if (authority === undefined || Number(authority) >= 2 ** 48 || parts.some((part) => part >= 2 ** 32)) return undefined;
  const bytes = Buffer.alloc(8 + 4 * parts.length);
  bytes[0] = 1;
  bytes[1] = parts.length;
  bytes.writeUIntBE(Number(authority), 2, 6);
  for (const [index, part] of parts.entries()) bytes.writeUInt32LE(part, 8 + 4 * index);
  return bytes;
}

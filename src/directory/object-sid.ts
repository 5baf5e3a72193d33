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

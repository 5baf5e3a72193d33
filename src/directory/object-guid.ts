/** The textual form of objectGUID, whose first three groups the directory stores with their lowest byte first. */

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Lower case, 8-4-4-4-12; undefined where there are not 16 bytes (MS-DTYP §2.3.4). */
export function objectGuidText(bytes: Buffer): string | undefined {
  if (bytes.length !== 16) {
    return undefined;
  }
  const first = bytes.readUInt32LE(0).toString(16).padStart(8, '0');
  const second = bytes.readUInt16LE(4).toString(16).padStart(4, '0');
  const third = bytes.readUInt16LE(6).toString(16).padStart(4, '0');
  return `${first}-${second}-${third}-${bytes.toString('hex', 8, 10)}-${bytes.toString('hex', 10)}`;
}

/** The 16 bytes of the textual form; undefined where the text is none. */
export function objectGuidBytes(text: string): Buffer | undefined {
  if (!form.test(text)) {
    return undefined;
  }
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

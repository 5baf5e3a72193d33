/** Reads a keytab: the file format of MIT krb5, version 2, which ktpass, samba-tool and ktutil write alike. */

export interface KeytabEntry {
  /** `HTTP/sso.example.com@CORP.EXAMPLE.COM` */
  readonly principal: string;
  readonly kvno: number;
  /** Number of RFC 3961's registry. */
  readonly enctype: number;
  readonly key: Buffer;
}

/** Bytes of a keytab, at most. */
export const largestKeytab = 262_144;
const mostEntries = 2_000;
const mostComponents = 16;

/** AES with SHA-1 (RFC 3962) and with SHA-2 (RFC 8009), each with the length of its key in bytes. */
const aesKeyBytes: ReadonlyMap<number, number> = new Map([
  [17, 16],
  [18, 32],
  [19, 16],
  [20, 32],
]);

/** Whether tickets of that encryption type are taken: AES alone, no RC4 and no DES. */
export const isStrong = (enctype: number): boolean => aesKeyBytes.has(enctype);

/** Reads from a buffer from front to back; past its end there is nothing. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws RangeError */
  take(length: number): Buffer {
    if (length > this.left) throw new RangeError('cut off');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint16 = (): number => this.take(2).readUInt16BE();
  uint32 = (): number => this.take(4).readUInt32BE();
  counted = (): Buffer => this.take(this.uint16());
}

function readEntry(reader: Reader): KeytabEntry {
  const count = reader.uint16();
  if (count === 0 || count > mostComponents) throw new RangeError('no such principal');
  const realm = reader.counted().toString();
  const components = Array.from({ length: count }, () => reader.counted().toString());
  // Type of the name, and when it was written.
  reader.take(8);
  const shortVersion = reader.take(1).readUInt8();
  const enctype = reader.uint16();
  const key = reader.counted();
  // Versions beyond 255 stand behind, where 0 means none.
  const longVersion = reader.left >= 4 ? reader.uint32() : 0;
  return { principal: `${components.join('/')}@${realm}`, kvno: longVersion === 0 ? shortVersion : longVersion, enctype, key };
}

/** Undefined where the bytes are no keytab. */
export function readKeytab(bytes: Buffer): readonly KeytabEntry[] | undefined {
  if (bytes.length < 2 || bytes.length > largestKeytab || bytes.readUInt16BE() !== 0x0502) return undefined;
  const reader = new Reader(bytes.subarray(2));
  const entries: KeytabEntry[] = [];
  try {
    while (reader.left > 0) {
      const size = reader.take(4).readInt32BE();
      if (size === 0) break;
      const entry = reader.take(Math.abs(size));
      // A negative length is a hole: an entry that was deleted.
      if (size < 0) continue;
      entries.push(readEntry(new Reader(entry)));
      if (entries.length > mostEntries) return undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return entries;
}

/** Principals are compared without regard to case, as Active Directory does. */
const fold = (principal: string): string => principal.toLowerCase();

/** Those of `entries` that are for one of `principals` and strong enough to be used. */
export function usableKeys(entries: readonly KeytabEntry[], principals: readonly string[]): readonly KeytabEntry[] {
  const wanted = new Set(principals.map(fold));
  return entries.filter(({ principal, enctype, key }) => wanted.has(fold(principal)) && aesKeyBytes.get(enctype) === key.length);
}

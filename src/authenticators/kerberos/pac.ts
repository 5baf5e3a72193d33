/** Reads from a PAC (MS-PAC) whose it is: the SID of the account, which survives renames and is never given again. */
import { timingSafeEqual } from 'node:crypto';
import type { KeytabEntry } from '../../config/keytab.ts';
import { pacSignature } from './unseal.ts';

type ServiceKey = Pick<KeytabEntry, 'enctype' | 'key'>;

const types = { logonInformation: 1, serverSignature: 6, kdcSignature: 7, delegation: 11 } as const;
/** By the type of the checksum: AES with SHA-1 and with SHA-2, and RC4, by which a KDC of old may sign for itself. */
const signatureBytes: ReadonlyMap<number, number> = new Map([
  [15, 12],
  [16, 12],
  [19, 16],
  [20, 24],
  [-138, 16],
]);
const mostBuffers = 64;
/** Where KERB_VALIDATION_INFO (MS-PAC §2.5) begins, behind the headers of its serialization and a pointer. */
const start = 20;
/** Offsets from there of what is read; all before it has a fixed size. */
const offsets = { names: 48, userId: 100, groupCount: 108, logonNames: 136, domainId: 152, end: 216 } as const;
const mostSubAuthorities = 15;

/** Reads what NDR puts behind the fixed part: the targets of its pointers, in their order. */
class Deferred {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  take(length: number): Buffer {
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    if (taken.length !== length) throw new RangeError('cut off');
    // Each target begins at a multiple of four.
    this.#at += Math.ceil(length / 4) * 4;
    return taken;
  }

  count = (): number => this.take(4).readUInt32LE();
}

/** An RPC_UNICODE_STRING's text: most, offset and number of its characters, then they themselves. */
function passString(deferred: Deferred): void {
  deferred.take(8);
  deferred.take(deferred.count() * 2);
}

/** RPC_UNICODE_STRING: two lengths and a pointer, which may be null. */
const isGiven = (info: Buffer, at: number): boolean => info.readUInt32LE(at + 4) !== 0;

function readLogonInformation(info: Buffer): Buffer | undefined {
  const fixed = info.subarray(start);
  const deferred = new Deferred(fixed, offsets.end);
  for (let name = 0; name < 6; name += 1) if (isGiven(fixed, offsets.names + 8 * name)) passString(deferred);
  if (fixed.readUInt32LE(offsets.groupCount + 4) !== 0) deferred.take(deferred.count() * 8);
  for (let name = 0; name < 2; name += 1) if (isGiven(fixed, offsets.logonNames + 8 * name)) passString(deferred);
  if (fixed.readUInt32LE(offsets.domainId) === 0) return undefined;
  const subAuthorities = deferred.count();
  if (subAuthorities >= mostSubAuthorities) return undefined;
  const domain = deferred.take(8 + 4 * subAuthorities);
  if (domain[0] !== 1 || domain[1] !== subAuthorities) return undefined;
  const sid = Buffer.concat([domain, fixed.subarray(offsets.userId, offsets.userId + 4)]);
  sid[1] = subAuthorities + 1;
  return sid;
}

/** MS-PAC §2.4: where the one buffer of each type lies. @throws RangeError */
function readBuffers(pac: Buffer): ReadonlyMap<number, Buffer> {
  const buffers = new Map<number, Buffer>();
  const count = pac.readUInt32LE(0);
  if (count > mostBuffers) throw new RangeError('too many buffers');
  for (let at = 8; at < 8 + 16 * count; at += 16) {
    const type = pac.readUInt32LE(at);
    const offset = Number(pac.readBigUInt64LE(at + 8));
    const end = offset + pac.readUInt32LE(at + 4);
    if (buffers.has(type) || end > pac.length) throw new RangeError('no such buffer');
    buffers.set(type, pac.subarray(offset, end));
  }
  return buffers;
}

/** Whether the KDC signed it for the service: MIT Kerberos goes on where it did not. */
function isSigned(pac: Buffer, { enctype, key }: ServiceKey): boolean {
  const unsigned = Buffer.from(pac);
  const [server, kdc] = [types.serverSignature, types.kdcSignature].map((type) => readBuffers(unsigned).get(type));
  if (server === undefined || kdc === undefined) return false;
  const length = signatureBytes.get(server.readInt32LE()) ?? 0;
  const found = Buffer.from(server.subarray(4, 4 + length));
  // Both were empty when the first was made.
  server.fill(0, 4, 4 + length);
  kdc.fill(0, 4, 4 + (signatureBytes.get(kdc.readInt32LE()) ?? 0));
  const expected = pacSignature(enctype, key, unsigned);
  return expected?.length === found.length && timingSafeEqual(expected, found);
}

export interface Pac {
  /** The objectSid in its binary form; undefined where the PAC tells none, or the KDC did not sign it. */
  readonly sid: Buffer | undefined;
  /** A service got the ticket in that person's name (S4U2Proxy, MS-SFU). */
  readonly isDelegated: boolean;
}

/** @param key the one that opened the ticket */
export function readPac(pac: Buffer, key: ServiceKey): Pac {
  try {
    const buffers = readBuffers(pac);
    const info = buffers.get(types.logonInformation);
    const sid = info !== undefined && isSigned(pac, key) ? readLogonInformation(info) : undefined;
    return { sid, isDelegated: buffers.has(types.delegation) };
  } catch (error) {
    if (error instanceof RangeError) return { sid: undefined, isDelegated: false };
    throw error;
  }
}

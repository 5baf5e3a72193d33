/** Opens what Kerberos encrypted or signed by AES: with SHA-1 (RFC 3961, RFC 3962) and with SHA-2 (RFC 8009). */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/** What a key is used for (RFC 4120 §7.5.1). */
export const usages = { ticket: 2, authenticator: 11 } as const;
type Usage = (typeof usages)[keyof typeof usages];
/** Of the signatures in a PAC (MS-PAC §2.8). */
const pacUsage = 17;

interface Profile {
  readonly cipher: 'aes-128-cbc' | 'aes-256-cbc';
  readonly block: 'aes-128-ecb' | 'aes-256-ecb';
  readonly keyBytes: number;
  readonly hash: 'sha1' | 'sha256' | 'sha384';
  readonly macBytes: number;
  /** Of RFC 8009, whose code covers the cipher text; that of RFC 3961 covers the plain text. */
  readonly modern: boolean;
}

const aes128 = { cipher: 'aes-128-cbc', block: 'aes-128-ecb', keyBytes: 16 } as const;
const aes256 = { cipher: 'aes-256-cbc', block: 'aes-256-ecb', keyBytes: 32 } as const;
const profiles: ReadonlyMap<number, Profile> = new Map([
  [17, { ...aes128, hash: 'sha1', macBytes: 12, modern: false }],
  [18, { ...aes256, hash: 'sha1', macBytes: 12, modern: false }],
  [19, { ...aes128, hash: 'sha256', macBytes: 16, modern: true }],
  [20, { ...aes256, hash: 'sha384', macBytes: 24, modern: true }],
]);

const blockBytes = 16;
const zeros = Buffer.alloc(blockBytes);

/** RFC 3961 §5.1: folds bytes to a length, by adding up copies that are turned 13 bits further each time. */
export function nFold(input: Buffer, length: number): Buffer {
  const gcd = (one: number, other: number): number => (other === 0 ? one : gcd(other, one % other));
  const bits = input.length * 8;
  const total = (input.length * length) / gcd(input.length, length);
  const bitAt = (position: number): number => ((input[position >> 3] ?? 0) >> (7 - (position & 7))) & 1;
  const output = Buffer.alloc(length);
  let carry = 0;
  for (let index = total - 1; index >= 0; index -= 1) {
    const turned = 13 * Math.floor(index / input.length);
    let byte = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const position = (index % input.length) * 8 + bit - turned;
      byte = (byte << 1) | bitAt(((position % bits) + bits) % bits);
    }
    const sum = byte + (output[index % length] ?? 0) + carry;
    output[index % length] = sum & 0xff;
    carry = sum >> 8;
  }
  // Addition in ones' complement: what overflows comes back at the end.
  for (let index = length - 1; carry > 0; index = (index + length - 1) % length) {
    const sum = (output[index] ?? 0) + carry;
    output[index] = sum & 0xff;
    carry = sum >> 8;
  }
  return output;
}

/** RFC 3961 §5.1, §5.3: DK. */
function deriveBySha1({ block, keyBytes }: Profile, key: Buffer, constant: Buffer): Buffer {
  const derived: Buffer[] = [];
  let last = nFold(constant, blockBytes);
  for (let made = 0; made < keyBytes; made += blockBytes) {
    const cipher = createCipheriv(block, key, null).setAutoPadding(false);
    last = Buffer.concat([cipher.update(last), cipher.final()]);
    derived.push(last);
  }
  return Buffer.concat(derived).subarray(0, keyBytes);
}

/** RFC 8009 §3: KDF-HMAC-SHA2. */
function deriveBySha2({ hash }: Profile, key: Buffer, label: Buffer, bytes: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(bytes * 8);
  const input = Buffer.concat([Buffer.from([0, 0, 0, 1]), label, Buffer.from([0]), size]);
  return createHmac(hash, key).update(input).digest().subarray(0, bytes);
}

/** The keys that encrypt and that vouch, of RFC 3961 §5.3 or RFC 8009 §5. */
export function workingKeys(enctype: number, key: Buffer, usage: Usage): { encrypt: Buffer; vouch: Buffer } | undefined {
  const profile = profiles.get(enctype);
  if (profile?.keyBytes !== key.length) return undefined;
  const constant = (last: number): Buffer => Buffer.from([0, 0, 0, usage, last]);
  return profile.modern
    ? {
        encrypt: deriveBySha2(profile, key, constant(0xaa), profile.keyBytes),
        vouch: deriveBySha2(profile, key, constant(0x55), profile.macBytes),
      }
    : { encrypt: deriveBySha1(profile, key, constant(0xaa)), vouch: deriveBySha1(profile, key, constant(0x55)) };
}

/** The signature that the KDC puts into a PAC for the service (MS-PAC §2.8.1); undefined for any other encryption type. */
export function pacSignature(enctype: number, key: Buffer, pac: Buffer): Buffer | undefined {
  const profile = profiles.get(enctype);
  if (profile?.keyBytes !== key.length) return undefined;
  const constant = Buffer.from([0, 0, 0, pacUsage, 0x99]);
  const derived = profile.modern ? deriveBySha2(profile, key, constant, profile.macBytes) : deriveBySha1(profile, key, constant);
  return createHmac(profile.hash, derived).update(pac).digest().subarray(0, profile.macBytes);
}

/** CBC with the last two blocks exchanged and the last one cut (RFC 3962 §5). */
function decryptCts({ cipher, block }: Profile, key: Buffer, text: Buffer): Buffer {
  const cut = text.length % blockBytes || blockBytes;
  let whole = text;
  if (text.length > blockBytes) {
    const [head, full, rest] = [
      text.subarray(0, text.length - cut - blockBytes),
      text.subarray(text.length - cut - blockBytes, text.length - cut),
      text.subarray(text.length - cut),
    ];
    const opened = createDecipheriv(block, key, null).setAutoPadding(false).update(full);
    whole = Buffer.concat([head, rest, opened.subarray(cut), full]);
  }
  return createDecipheriv(cipher, key, zeros).setAutoPadding(false).update(whole).subarray(0, text.length);
}

/** What was encrypted under that key for that use; undefined where it was not, or is of another encryption type. */
export function unseal(enctype: number, key: Buffer, usage: Usage, sealed: Buffer): Buffer | undefined {
  const profile = profiles.get(enctype);
  const keys = workingKeys(enctype, key, usage);
  if (profile === undefined || keys === undefined || sealed.length < blockBytes + profile.macBytes) return undefined;
  const text = sealed.subarray(0, sealed.length - profile.macBytes);
  const mac = createHmac(profile.hash, keys.vouch);
  const fits = (found: Buffer): boolean =>
    timingSafeEqual(found.subarray(0, profile.macBytes), sealed.subarray(sealed.length - profile.macBytes));
  if (profile.modern && !fits(mac.update(zeros).update(text).digest())) return undefined;
  const plain = decryptCts(profile, keys.encrypt, text);
  if (!profile.modern && !fits(mac.update(plain).digest())) return undefined;
  // A random block stands first.
  return plain.subarray(blockBytes);
}

/** EME-OAEP (RFC 8017 §7.1) where the digest and the hash of MGF1 differ, which OpenSSL is not asked for by Node.js. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Random } from '../clock.ts';

export type OaepHash = 'sha1' | 'sha256' | 'sha384' | 'sha512';

export interface OaepOptions {
  readonly digest: OaepHash;
  readonly mgf: OaepHash;
  /** OAEPparams; empty where there are none. */
  readonly label: Buffer;
}

const digestOf = (name: OaepHash, octets: Buffer): Buffer => hash(name, octets, 'buffer');

/** RFC 8017 §B.2.1, and the mask laid over `octets` at once. */
function masked(octets: Buffer, seed: Buffer, name: OaepHash): Buffer {
  const made = Buffer.from(octets);
  const counter = Buffer.alloc(4);
  for (let at = 0, round = 0; at < made.length; round += 1) {
    counter.writeUInt32BE(round);
    const mask = digestOf(name, Buffer.concat([seed, counter]));
    for (let index = 0; index < mask.length && at < made.length; index += 1, at += 1) {
      made[at] = (made[at] ?? 0) ^ (mask[index] ?? 0);
    }
  }
  return made;
}

/** The block of `size` bytes, as long as the modulus, to be raised to the public exponent. */
export function encodeOaep(content: Buffer, size: number, { digest, mgf, label }: OaepOptions, random: Random): Buffer {
  const labelHash = digestOf(digest, label);
  const gap = size - content.length - 2 * labelHash.length - 2;
  if (gap < 0) throw new Error('the modulus is too short for OAEP');
  const block = Buffer.concat([labelHash, Buffer.alloc(gap), Buffer.of(1), content]);
  const seed = Buffer.from(random(labelHash.length));
  const maskedBlock = masked(block, seed, mgf);
  return Buffer.concat([Buffer.of(0), masked(seed, maskedBlock, mgf), maskedBlock]);
}

/** The content of a block; undefined where it is none. What is wrong with it shows neither in the answer nor in the path taken. */
export function decodeOaep(encoded: Buffer, { digest, mgf, label }: OaepOptions): Buffer | undefined {
  const labelHash = digestOf(digest, label);
  const size = labelHash.length;
  if (encoded.length < 2 * size + 2) return undefined;
  const maskedBlock = encoded.subarray(1 + size);
  const seed = masked(encoded.subarray(1, 1 + size), maskedBlock, mgf);
  const block = masked(maskedBlock, seed, mgf);
  let start = 0;
  let odd = 0;
  for (let index = size; index < block.length; index += 1) {
    const octet = block[index] ?? 0;
    const before = start === 0 ? 1 : 0;
    start += before * (octet === 1 ? 1 : 0) * (index + 1);
    odd |= before * (octet > 1 ? 1 : 0);
  }
  const sound = [timingSafeEqual(block.subarray(0, size), labelHash), encoded[0] === 0, start !== 0, odd === 0];
  return sound.every(Boolean) ? block.subarray(start) : undefined;
}

/** The hiding of User-Password (RFC 2865 §5.2): blocks of 16 octets, each masked by a hash of the secret and the block before. */
import { createHash } from 'node:crypto';

/** Bytes. */
const longestPassword = 128;
const block = 16;

/** @param authenticator that of the request. @throws RangeError where the password is longer than 128 bytes */
export function hidePassword(password: Buffer, secret: Buffer, authenticator: Buffer): Buffer {
  if (password.length > longestPassword) throw new RangeError('a password is too long');
  const hidden = Buffer.alloc(Math.max(1, Math.ceil(password.length / block)) * block);
  password.copy(hidden);
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += block) {
    const mask = createHash('md5').update(secret).update(before).digest();
    for (const [index, octet] of mask.entries()) hidden[at + index] = (hidden[at + index] ?? 0) ^ octet;
    before = hidden.subarray(at, at + block);
  }
  return hidden;
}

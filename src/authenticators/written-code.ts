/** Codes to write down and type: twelve characters of five random bits each, such as `7K3F-9QXM-2CWD`, and how they are kept. */
import { scrypt } from 'node:crypto';
import type { Random } from '../clock.ts';

/** Crockford's base 32: no I, L, O or U to be misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const characters = 12;
const hashBytes = 32;
/** UTF-16 code units: blanks and hyphens are left out, but not without end. */
const longest = 128;

export function newCode(random: Random): string {
  const text = Array.from(random(characters), (byte) => alphabet.charAt(byte & 31)).join('');
  return `${text.slice(0, 4)}-${text.slice(4, 8)}-${text.slice(8)}`;
}

/** The characters that count, as Crockford reads them (O as 0, I and L as 1); undefined for what is no such code. */
export function readWrittenCode(typed: string): string | undefined {
  if (typed.length > longest) return undefined;
  const text = typed
    .normalize('NFKC')
    .toUpperCase()
    .replaceAll(/[\s\p{Cf}\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return text.length === characters && [...text].every((character) => alphabet.includes(character)) ? text : undefined;
}

/**
 * NIST SP 800-63B §5.1.2.2: what has fewer than 112 bits is salted and hashed at a price. At this one (4 MiB, some ten milliseconds
 * off the event loop) 60 random bits are beyond whoever has stolen the store, and nobody is kept waiting who tries what is wrong.
 */
const price = { N: 4_096, r: 8, p: 1 };

/** `owner` is whose it is: in the record of somebody else it counts for nothing. */
export function hashWrittenCode(text: string, salt: Buffer, owner: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(text, Buffer.concat([salt, Buffer.from(owner)]), hashBytes, price, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

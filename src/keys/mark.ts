/** Knows a secret again without keeping it: by its HMAC under a key that is made from the sealing keys, which all nodes share. */
import { createHmac, hkdfSync } from 'node:crypto';
import type { SealingKey } from './seal.ts';

/**
 * Of one text always the same, until the sealing keys rotate; of different purposes, different ones (RFC 5869 §3.2).
 * @param keys asked at each use, since a rotation adds to them while we run; the first one counts
 */
export function createMark(keys: () => readonly [SealingKey, ...SealingKey[]], purpose: string): (text: string) => string {
  let made: { readonly id: string; readonly key: Buffer } | undefined;
  function current(): Buffer {
    const [{ id, key }] = keys();
    if (made?.id !== id) made = { id, key: Buffer.from(hkdfSync('sha256', key, '', `passerelle ${purpose}`, 32)) };
    return made.key;
  }
  return (text) => createHmac('sha256', current()).update(text).digest('base64url');
}

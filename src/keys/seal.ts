/** Seals small secrets before they go to the store, under keys of one file, the newest first (AES-256-GCM, NIST SP 800-38D). */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Random } from '../clock.ts';
import { KeyMistake } from './key-mistake.ts';

/** A key of 32 bytes under a name that tells nothing of it. */
export interface SealingKey {
  readonly id: string;
  readonly key: Buffer;
}

export interface Seal {
  /** `bound` says what it belongs to: it opens nowhere else. @throws KeyMistake where the keys cannot be read */
  seal(secret: string, bound: string): string;
  /** @throws KeyMistake where it was sealed by a key that is not there, for something else, or was changed */
  open(sealed: string, bound: string): string;
  /** Whether it is sealed by the newest key. */
  isCurrent(sealed: string): boolean;
  /** 32 bytes for some other purpose, which tell nothing of the newest key; the same wherever and as long as that is the newest. */
  derive(purpose: string): Buffer;
}

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const form = /^([0-9a-f]{8})\.([A-Za-z0-9_-]+)$/;

/** Undefined for what is not the one way to write those bytes. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text && bytes.length >= nonceBytes + tagBytes ? bytes : undefined;
}

/** @param keys asked at each use, since a rotation adds to them while we run; the first one seals */
export function createSeal(keys: () => readonly [SealingKey, ...SealingKey[]], random: Random): Seal {
  return {
    seal(secret, bound) {
      const [{ id, key }] = keys();
      const nonce = random(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(bound));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${id}.${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    open(sealed, bound) {
      const [, id = '', text = ''] = form.exec(sealed) ?? [];
      const bytes = decode(text);
      if (bytes === undefined) throw new KeyMistake('what is in the store was changed: it is nothing that was sealed.');
      const known = keys().find((each) => each.id === id);
      if (known === undefined) throw new KeyMistake(`what is in the store was sealed by key ${id}, which is not there.`);
      try {
        const decipher = createDecipheriv(algorithm, known.key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
        return decipher.update(bytes.subarray(nonceBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
      } catch {
        throw new KeyMistake('what is in the store was changed, or belongs to something else.');
      }
    },
    isCurrent(sealed) {
      const [{ id }] = keys();
      return sealed.startsWith(`${id}.`);
    },
    derive(purpose) {
      const [{ key }] = keys();
      // RFC 5869 §3.2: what it is for goes into `info`.
      return Buffer.from(hkdfSync('sha256', key, '', purpose, 32));
    },
  };
}

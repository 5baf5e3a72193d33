/** Keys that nobody has, for names that have none: else the question would tell who exists (W3C WebAuthn §14.6.2). */
import { createHmac } from 'node:crypto';
import { fold } from '../../directory/fold.ts';
import type { Transport } from './read-credential.ts';

export interface KeyDescriptor {
  /** In base64url. */
  readonly id: string;
  readonly transports: readonly Transport[];
}

interface Make {
  readonly bytes: number;
  readonly transports: readonly Transport[];
}

/** Credential IDs and transports of keys that people have: passkeys of telephones, of Windows and macOS, security keys. */
const makes: readonly [Make, ...Make[]] = [
  { bytes: 20, transports: ['hybrid', 'internal'] },
  { bytes: 32, transports: ['internal'] },
  { bytes: 48, transports: ['nfc', 'usb'] },
  { bytes: 16, transports: ['hybrid', 'internal'] },
  { bytes: 64, transports: ['usb'] },
];

/** All spellings under which somebody would be found are one: DOMAIN\name, name@domain, name. */
const nameWithin = (name: string): string => fold(name.trim()).replace(/^.*\\/, '').replace(/@.*$/, '');

/**
 * The same for a name each time, as real ones are.
 * @param secret 32 bytes, the same on every node
 */
export function pretendedKeys(secret: Buffer, name: string): readonly KeyDescriptor[] {
  const draw = (label: string): Buffer =>
    createHmac('sha512', secret)
      .update(`${label}\0${nameWithin(name)}`)
      .digest();
  const shape = draw('shape');
  const count = shape.readUInt8(0) < 192 ? 1 : 2;
  return Array.from({ length: count }, (_, index) => {
    const { bytes, transports } = makes[shape.readUInt8(index + 1) % makes.length] ?? makes[0];
    return { id: draw(`id ${index}`).subarray(0, bytes).toString('base64url'), transports };
  });
}

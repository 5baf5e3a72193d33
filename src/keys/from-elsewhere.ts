/** Stands before a private part that lies outside of this process: waits no longer than it may, and lets nothing but its signatures through. */
import { verify } from 'node:crypto';
import { signatureAlgorithms, type SignatureName } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import type { HeldKey } from './key-ring.ts';
import { withScheme } from './signature-scheme.ts';

/** As `PrivatePart.sign`, by a key whose private part has `patience` in milliseconds. @throws Refusal signing-unavailable */
export async function signElsewhere(
  { name, certificate, privatePart }: HeldKey,
  patience: number,
  algorithm: SignatureName,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const unavailable = (cause: string): Refusal => new Refusal('signing-unavailable', { key: name, cause });
  const { hash, scheme } = signatureAlgorithms[algorithm];
  const ends = AbortSignal.timeout(patience);
  const tooLate = new Promise<never>((_resolve, reject) => {
    ends.addEventListener('abort', () => {
      reject(unavailable(`no answer within ${String(patience)} ms`));
    });
  });
  let signature: Uint8Array;
  try {
    signature = await Promise.race([privatePart.sign(algorithm, bytes), tooLate]);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw unavailable(error instanceof Error ? error.message.slice(0, 200) : 'unknown');
  }
  if (!verify(hash, bytes, withScheme(certificate.publicKey)[scheme], signature)) {
    throw unavailable('what was answered is no signature of this key');
  }
  return signature;
}

/** Signs with a key of the ring. */
import { digestAlgorithms, signatureAlgorithms } from '../config/algorithm-names.ts';
import type { DigestName, SignatureName } from '../config/algorithm-names.ts';
import { signElsewhere } from './from-elsewhere.ts';
import type { HeldKey } from './key-ring.ts';

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/**
 * Fits the signer that saml/ asks for; `algorithm` and `digest` are given as configurations name them. It throws Refusal
 * signing-unavailable where the key lies outside of this process and does not sign.
 */
export function createKeySigner(
  key: HeldKey,
  algorithm: SignatureName = 'rsa-sha256',
  digest: DigestName = 'sha256',
): {
  algorithm: string;
  digest: string;
  certificate: string;
  sign(text: string): Promise<string>;
} {
  const { privatePart, certificate } = key;
  const { patience } = privatePart;
  return {
    algorithm: signatureAlgorithms[algorithm].uri,
    digest: digestAlgorithms[digest],
    certificate: certificate.raw.toString('base64'),
    async sign(text) {
      const bytes = Buffer.from(text);
      return base64(
        patience === undefined ? await privatePart.sign(algorithm, bytes) : await signElsewhere(key, patience, algorithm, bytes),
      );
    },
  };
}

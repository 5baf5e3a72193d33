/** Verification of signature bytes with registered keys and allowed algorithms, and nothing else. */
import { verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { algorithms } from './names.ts';

const allowed: ReadonlyMap<string, { readonly hash: string; readonly keyType: 'rsa' | 'ec' }> = new Map([
  [algorithms.rsaSha256, { hash: 'sha256', keyType: 'rsa' }],
  [algorithms.rsaSha384, { hash: 'sha384', keyType: 'rsa' }],
  [algorithms.rsaSha512, { hash: 'sha512', keyType: 'rsa' }],
  [algorithms.ecdsaSha256, { hash: 'sha256', keyType: 'ec' }],
  [algorithms.ecdsaSha384, { hash: 'sha384', keyType: 'ec' }],
]);

/** @throws Refusal signature-algorithm-forbidden */
export const requireAllowedAlgorithm = (algorithm: string): { readonly hash: string; readonly keyType: 'rsa' | 'ec' } => {
  const found = allowed.get(algorithm);
  if (found === undefined) throw new Refusal('signature-algorithm-forbidden', { algorithm: algorithm.slice(0, 256) });
  return found;
};

/**
 * The first key that verifies the signature; those of another kind than the algorithm's are passed over.
 * @throws Refusal signature-algorithm-forbidden or signature-invalid
 */
export const verifyWithKeys = (algorithm: string, octets: Buffer, value: Buffer, keys: readonly KeyObject[]): KeyObject => {
  const { hash, keyType } = requireAllowedAlgorithm(algorithm);
  for (const key of keys) {
    // XML Signature §6.4.3: an ECDSA signature is the two integers side by side, not DER.
    if (key.asymmetricKeyType === keyType && verify(hash, octets, { key, dsaEncoding: 'ieee-p1363' }, value)) return key;
  }
  throw new Refusal('signature-invalid', { keys: keys.length });
};

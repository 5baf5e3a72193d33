/** Verification of signature bytes with registered keys and algorithms that may be used, and nothing else. */
import { constants, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { rsaPss, signatureAlgorithms } from '../config/algorithm-names.ts';
import type { SignatureAlgorithm } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import { standardPolicy } from './algorithm-policy.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { rsaPssDefault } from './algorithm-rsa-pss.ts';

const keyTypes: Readonly<Record<SignatureAlgorithm['scheme'], readonly (string | undefined)[]>> = {
  pkcs1: ['rsa'],
  pss: ['rsa', 'rsa-pss'],
  ecdsa: ['ec'],
};
const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** @throws Refusal signature-algorithm-forbidden */
export const requireAllowedAlgorithm = (algorithm: string, policy: AlgorithmPolicy = standardPolicy): SignatureAlgorithm => {
  const uri = algorithm === rsaPss ? rsaPssDefault : algorithm;
  const found = Object.values(signatureAlgorithms).find((each) => each.uri === uri);
  if (found === undefined || !policy.permits(uri) || !policy.permits(algorithm)) {
    throw new Refusal('signature-algorithm-forbidden', { algorithm: algorithm.slice(0, 256) });
  }
  return found;
};

const isVerifiedBy = ({ hash, scheme }: SignatureAlgorithm, octets: Buffer, value: Buffer, key: KeyObject): boolean => {
  if (!keyTypes[scheme].includes(key.asymmetricKeyType)) return false;
  if (scheme === 'pkcs1') return verify(hash, octets, key, value);
  if (scheme === 'pss') {
    try {
      const padding = constants.RSA_PKCS1_PSS_PADDING;
      // RFC 9231 §2.3.10: the salt is as long as the digest.
      return verify(hash, octets, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, value);
    } catch {
      // A key that its certificate binds to other parameters.
      return false;
    }
  }
  // XML Signature 1.1 §6.4.3: an ECDSA signature is the two integers side by side, not DER.
  return curves.has(key.asymmetricKeyDetails?.namedCurve) && verify(hash, octets, { key, dsaEncoding: 'ieee-p1363' }, value);
};

/**
 * The first key that verifies the signature; those of another kind than the algorithm's are passed over.
 * @throws Refusal signature-algorithm-forbidden or signature-invalid
 */
export const verifyWithKeys = (
  algorithm: string,
  octets: Buffer,
  value: Buffer,
  keys: readonly KeyObject[],
  policy: AlgorithmPolicy = standardPolicy,
): KeyObject => {
  const wanted = requireAllowedAlgorithm(algorithm, policy);
  const key = keys.find((each) => isVerifiedBy(wanted, octets, value, each));
  if (key === undefined) throw new Refusal('signature-invalid', { keys: keys.length });
  return key;
};

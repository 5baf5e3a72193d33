/** How node:crypto is told to make and verify signatures, by the scheme of an algorithm. */
import { constants, type KeyObject } from 'node:crypto';
import type { signatureAlgorithms } from '../config/algorithm-names.ts';

type Scheme = (typeof signatureAlgorithms)[keyof typeof signatureAlgorithms]['scheme'];

/** For each scheme, what `sign` and `verify` take in the place of the key. */
export const withScheme = (key: KeyObject) =>
  ({
    // The key as it is, where nothing else need be said, is what Node.js signs with fastest.
    pkcs1: key,
    // RFC 9231 §2.3.10: the salt is as long as the digest.
    pss: { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
    // XML Signature 1.1 §6.4.3: the two integers side by side, not DER.
    ecdsa: { key, dsaEncoding: 'ieee-p1363' as const },
  }) satisfies Record<Scheme, unknown>;

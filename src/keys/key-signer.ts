/** Signs with a key of the ring, in the thread pool, so that the event loop goes on. */
import { constants, sign } from 'node:crypto';
import { digestAlgorithms, signatureAlgorithms } from '../config/algorithm-names.ts';
import type { DigestName, SignatureName } from '../config/algorithm-names.ts';
import type { HeldKey } from './key-ring.ts';

/** Fits the signer that saml/ asks for; `algorithm` and `digest` are given as configurations name them. */
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
  const { uri, hash, scheme } = signatureAlgorithms[algorithm];
  // The key as it is, where nothing else need be said, is what Node.js signs with fastest.
  const how = {
    pkcs1: key.privateKey,
    // RFC 9231 §2.3.10: the salt is as long as the digest.
    pss: {
      key: key.privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    },
    // XML Signature 1.1 §6.4.3: the two integers side by side, not DER.
    ecdsa: { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const },
  }[scheme];
  return {
    algorithm: uri,
    digest: digestAlgorithms[digest],
    certificate: key.certificate.raw.toString('base64'),
    sign: (text) =>
      new Promise((resolve, reject) => {
        sign(hash, Buffer.from(text), how, (error, signature) => {
          if (error === null) resolve(signature.toString('base64'));
          else reject(error);
        });
      }),
  };
}

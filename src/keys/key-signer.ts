/** Signs with a key of the ring, in the thread pool, so that the event loop goes on. */
import { sign } from 'node:crypto';
import type { SigningKey } from './key-ring.ts';

/** RSA-SHA256 (RFC 6931 §2.3.2) with a warm key; fits the signer that saml/ asks for. */
export function createKeySigner(key: SigningKey): {
  algorithm: string;
  certificate: string;
  sign(text: string): Promise<string>;
} {
  return {
    algorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    certificate: key.certificate.raw.toString('base64'),
    sign: (text) =>
      new Promise((resolve, reject) => {
        sign('sha256', Buffer.from(text), key.privateKey, (error, signature) => {
          if (error === null) resolve(signature.toString('base64'));
          else reject(error);
        });
      }),
  };
}

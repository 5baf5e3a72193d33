/** Reads the certificates of a file. */
import { DerMistake } from './der.ts';
import { readCertificate, type Certificate } from './read-certificate.ts';

/** What a configuration names for an authority cannot be one. */
export class AuthorityMistake extends Error {
  override readonly name = 'AuthorityMistake';
}

/** In their order; none where there is none. @throws AuthorityMistake */
export function readCertificates(file: string, pem: string): readonly Certificate[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  return blocks.map(([, base64 = '']) => {
    try {
      return readCertificate(Buffer.from(base64, 'base64'));
    } catch (error) {
      if (error instanceof DerMistake) throw new AuthorityMistake(`${file}: a certificate that cannot be read: ${error.message}`);
      throw error;
    }
  });
}

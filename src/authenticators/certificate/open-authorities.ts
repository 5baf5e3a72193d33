/** The authorities that a configuration names, read and found to be some. */
import type { CertificateConfig } from '../../config/certificate-schema.ts';
import { DerMistake } from './der.ts';
import { readCertificate } from './read-certificate.ts';
import { barsAuthority, type Authority } from './verify-path.ts';

/** An authority that the configuration names cannot be one. */
export class AuthorityMistake extends Error {
  override readonly name = 'AuthorityMistake';
}

function readAuthorities(file: string, pem: string, trust: Omit<Authority, 'certificate'>): readonly Authority[] {
  const blocks = [...pem.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)];
  return blocks.map(([, base64 = '']) => {
    try {
      const certificate = readCertificate(Buffer.from(base64, 'base64'));
      // One that has expired is for a renewed one to follow, not for a start to fail on.
      const bar = barsAuthority(certificate, 0, certificate.notBefore);
      if (bar !== undefined) throw new AuthorityMistake(`${file}: ${bar.cause}`);
      return { certificate, ...trust };
    } catch (error) {
      if (error instanceof DerMistake) throw new AuthorityMistake(`${file}: a certificate that cannot be read: ${error.message}`);
      throw error;
    }
  });
}

/** @param read gives the text of a file. @throws AuthorityMistake */
export function openAuthorities(
  authorities: CertificateConfig['authorities'],
  read: (file: string) => string,
): readonly Authority[] {
  return authorities.flatMap(({ caFile, ...trust }) => readAuthorities(caFile, read(caFile), trust));
}

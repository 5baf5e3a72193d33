/** The authorities that a configuration names, read and found to be some. */
import type { CertificateConfig } from '../../config/certificate-schema.ts';
import { AuthorityMistake, readCertificates } from './read-certificates.ts';
import { barsAuthority, type Authority } from './verify-path.ts';

function readAuthorities(file: string, pem: string, trust: Omit<Authority, 'certificate'>): readonly Authority[] {
  return readCertificates(file, pem).map((certificate) => {
    // One that has expired is for a renewed one to follow, not for a start to fail on.
    const bar = barsAuthority(certificate, 0, certificate.notBefore);
    if (bar !== undefined) throw new AuthorityMistake(`${file}: ${bar.cause}`);
    return { certificate, ...trust };
  });
}

/** @param read gives the text of a file. @throws AuthorityMistake */
export function openAuthorities(
  authorities: CertificateConfig['authorities'],
  read: (file: string) => string,
): readonly Authority[] {
  return authorities.flatMap(({ caFile, ...trust }) => readAuthorities(caFile, read(caFile), trust));
}

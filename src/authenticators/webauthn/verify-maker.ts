/** Who made a key: the certificate of its attestation must lead to an authority that the configuration names (W3C WebAuthn §7.1). */
import { DerMistake } from '../certificate/der.ts';
import { readCertificate, type Certificate } from '../certificate/read-certificate.ts';
import { AuthorityMistake, readCertificates } from '../certificate/read-certificates.ts';
import { isSignedBy } from '../certificate/signature.ts';
import { barsAuthority, unknownCritical } from '../certificate/verify-path.ts';

const longestChain = 6;

const isNow = ({ notBefore, notAfter }: Certificate, now: number): boolean => notBefore <= now && now <= notAfter;

/** The certificates of a file. @throws AuthorityMistake where there is none, or one that cannot be read */
export function readMakers(file: string, pem: string): readonly Certificate[] {
  const makers = readCertificates(file, pem);
  if (makers.length === 0) throw new AuthorityMistake(`${file}: there is no certificate in it`);
  return makers;
}

/**
 * Why nobody answers for the key; undefined where one of `makers` does. Nothing is fetched: of revocation lists that a key names
 * itself, whoever made the key could choose the address.
 * @param x5c DER, the key's own first, each issued by the next
 */
export function barsMaker(x5c: readonly Uint8Array[], makers: readonly Certificate[], now: number): string | undefined {
  if (x5c.length === 0) return 'nobody but the key itself says who made it';
  if (x5c.length > longestChain) return 'too many certificates';
  let chain: readonly Certificate[];
  try {
    chain = x5c.map((der) => readCertificate(Buffer.from(der)));
  } catch (error) {
    if (error instanceof DerMistake) return `a certificate that cannot be read: ${error.message}`;
    throw error;
  }
  for (const [index, certificate] of chain.entries()) {
    if (!isNow(certificate, now)) return 'a certificate that is not valid now';
    if (makers.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) return undefined;
    const critical = unknownCritical(certificate);
    if (critical !== undefined) return `the unknown critical extension ${critical}`;
    const issuer = makers.find((maker) => maker.subject.equals(certificate.issuer) && isSignedBy(maker.publicKey, certificate));
    if (issuer !== undefined) return isNow(issuer, now) ? undefined : 'an authority that is not valid now';
    const next = chain[index + 1];
    if (next === undefined) break;
    if (!next.subject.equals(certificate.issuer) || !isSignedBy(next.publicKey, certificate)) return 'a chain that is broken';
    const bar = barsAuthority(next, index, now);
    if (bar !== undefined) return bar.cause;
  }
  return 'no way leads to an authority of caFile';
}

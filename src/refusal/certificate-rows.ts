/** Refusals of client certificates: of the certificate, of the way in which it came, and of whose it is. */
import { again, type Row } from './row.ts';

export const certificateRows = {
  'certificate-missing': again(
    'certificate-missing',
    'The browser presented no certificate: it has none of a configured authority, the card is not in its reader, or the person cancelled. With a proxy: it handed on none.',
  ),
  'certificate-header-unsealed': again(
    'certificate-header-unsealed',
    'A certificate came in a header and not from a proxy of trustProxy, or without its seal, or with one that is wrong, too old or used before. Somebody may be trying to pass for another; or the proxy’s settings or clock are wrong.',
    403,
  ),
  'certificate-return-unknown': again(
    'certificate-return-unknown',
    'The way back from the certificate’s host was used before, took too long, belongs to another sign-in, or began in another browser.',
    403,
  ),
  'certificate-untrusted': again(
    'certificate-untrusted',
    'No sound way leads from the certificate to an authority of certificate.authorities; the event says what stands against it.',
    403,
  ),
  'certificate-weak': again(
    'certificate-weak',
    'The certificate, or an authority above it, has a key or a signature that is not safe any more: RSA below 2,048 bits, curves below P-256, SHA-1 or MD5.',
    403,
  ),
  'certificate-expired': again('certificate-expired', 'The certificate has expired.', 403),
  'certificate-not-yet-valid': again(
    'certificate-not-yet-valid',
    'The certificate is not valid yet. Where it was issued just now, compare the clocks.',
    403,
  ),
  'certificate-purpose': again(
    'certificate-purpose',
    'The certificate is not for signing in: it lacks the purposes of certificate.purposes, may not sign, or is an authority’s own.',
    403,
  ),
  'certificate-revoked': again('certificate-revoked', 'The certificate, or an authority above it, was revoked.', 403),
  'certificate-revocation-unknown': again(
    'certificate-revocation-unknown',
    'Whether the certificate was revoked cannot be known: no list and no OCSP responder gave an answer that may be used. The event says why each did not; see certificate.revocation.',
    503,
  ),
  'certificate-person-unknown': again(
    'certificate-person-unknown',
    'The certificate is in order, and nobody in the directory is tied to it: by altSecurityIdentities, by the security identifier in it where trustSid is set, or by its user principal name where trustUpn is.',
    403,
  ),
  'certificate-ambiguous': again(
    'certificate-ambiguous',
    'The certificate is tied to several people, or what stands in it names another one than the directory does. Nobody is guessed.',
    403,
  ),
  'certificate-mapping-weak': again(
    'certificate-mapping-weak',
    'Somebody is tied to the certificate by names alone (issuer and subject, subject, e-mail address, or a user principal name or security identifier of an authority without trustUpn or trustSid, or not for that domain), which others can be given, too. Tie it by issuer and serial number, SKI or SHA1-PUKEY.',
    403,
  ),
} as const satisfies Record<string, Row>;

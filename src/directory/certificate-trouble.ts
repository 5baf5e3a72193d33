/** What is wrong with a server's certificate, in the words of whoever must put it right. */
import type { PeerCertificate } from 'node:tls';

const LONGEST = 120;

/** What a server says of itself, fit for a log. */
const shown = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, LONGEST);

const dayOf = (text: string): string | undefined => {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString().slice(0, 10);
};

const unknownAuthority = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'CERT_SIGNATURE_FAILURE',
]);

/**
 * @param code of Node, such as CERT_HAS_EXPIRED
 * @param certificate what the server presented, where that is known
 * @param now milliseconds since the epoch
 */
export function certificateTrouble(code: string, certificate: PeerCertificate | undefined, host: string, now: number): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    const expired = code === 'CERT_HAS_EXPIRED';
    const words = expired ? 'has expired' : 'is not yet valid';
    const time = expired ? certificate?.valid_to : certificate?.valid_from;
    const day = time === undefined ? undefined : dayOf(time);
    if (time === undefined || day === undefined) return `certificate ${words}`;
    // Those above it are verified too.
    if (Date.parse(time) < now !== expired) return `the certificate of an authority above it ${words}`;
    return `certificate ${words} (${day})`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = certificate?.subjectaltname ?? '';
    return `certificate is made out to ${names === '' ? 'no name' : shown(names)}, not to ${host}`;
  }
  if (code === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'certificate is signed by itself and not among the trusted ones';
  if (unknownAuthority.has(code)) {
    const name = certificate?.issuer.CN;
    const authority = name === undefined ? '' : ` (${shown(typeof name === 'string' ? name : String(name))})`;
    return `certificate is of an authority that is not trusted${authority}`;
  }
  return `certificate is not trusted: ${shown(code)}`;
}

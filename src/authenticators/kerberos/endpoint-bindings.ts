/** What a browser binds its ticket to where it speaks TLS: the certificate that it saw (tls-server-end-point, RFC 5929 §4). */
import { hash, X509Certificate } from 'node:crypto';
import { DerReader, tags } from './der.ts';

/** Object identifiers of signature algorithms, in DER, by the hash that they use; SHA-256 stands in for all others. */
const hashes: Readonly<Record<string, string>> = {
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a864886f70d01010e': 'sha224',
  '2a8648ce3d040301': 'sha224',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
};
/** Of RSASSA-PSS, which names its hash in its parameters. */
const rsaPss = '2a864886f70d01010a';
const pssHashes: Readonly<Record<string, string>> = {
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};

/** RFC 5280 §4.1.1.2: the algorithm by which the certificate is signed. */
function hashOf(certificate: Buffer): string {
  const whole = new DerReader(certificate).open(tags.sequence);
  whole.take(tags.sequence);
  const algorithm = whole.open(tags.sequence);
  const oid = algorithm.take(tags.objectIdentifier).toString('hex');
  if (oid !== rsaPss) return hashes[oid] ?? 'sha256';
  const parameters = algorithm.open(tags.sequence);
  const digest = parameters.next === 0xa0 ? new DerReader(parameters.field(0, tags.sequence)) : undefined;
  return pssHashes[digest?.take(tags.objectIdentifier).toString('hex') ?? ''] ?? 'sha256';
}

/**
 * The hash of the bindings, as an authenticator holds it (RFC 4121 §4.1.1.2): MD5, over addresses that are not given and the data.
 * Undefined where it is none, as while another is being written in its place.
 * @param pem the certificate, first where there are several
 */
export function endpointBindings(pem: string): Buffer | undefined {
  let raw: Buffer;
  try {
    ({ raw } = new X509Certificate(pem));
  } catch {
    return undefined;
  }
  const data = Buffer.concat([Buffer.from('tls-server-end-point:'), hash(hashOf(raw), raw, 'buffer')]);
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return hash('md5', Buffer.concat([head, data]), 'buffer');
}

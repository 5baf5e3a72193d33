/** Makes a key and a self-signed certificate of ten years around it. */
import type { KeyType } from './key-type.ts';

/** Milliseconds before it is made that a certificate begins, for those whose clocks are slow. */
export const backdated = 3_600_000;
const tenYears = 10 * 365 * 24 * 3_600_000;

const rsa = (modulusLength: number) => ({
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength,
});
const ec = (namedCurve: string, hash: string) => ({ name: 'ECDSA', namedCurve, hash });
const algorithms = {
  'rsa-2048': rsa(2048),
  'rsa-3072': rsa(3072),
  'rsa-4096': rsa(4096),
  'ec-p256': ec('P-256', 'SHA-256'),
  'ec-p384': ec('P-384', 'SHA-384'),
} as const satisfies Record<KeyType, object>;

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

/** `type` is rsa-2048 where left out. @returns both in PEM, the private key as PKCS #8 */
export async function makeKey(parts: {
  commonName: string;
  now: number;
  serialNumber: Buffer;
  type?: KeyType;
}): Promise<{ privateKey: string; certificate: string }> {
  // Loaded here alone: a start with keys present does not need it.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const algorithm = algorithms[parts.type ?? 'rsa-2048'];
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serialNumber = Buffer.from(parts.serialNumber);
  // X.509 §4.1.2.2: positive.
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber.toString('hex'),
    name: [{ CN: [parts.commonName] }],
    notBefore: new Date(parts.now - backdated),
    notAfter: new Date(parts.now + tenYears),
    signingAlgorithm: algorithm,
    keys,
  });
  return {
    privateKey: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
    certificate: `${certificate.toString('pem')}\n`,
  };
}

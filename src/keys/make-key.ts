/** Makes an RSA-2048 key and a self-signed certificate of ten years around it. */

const tenYears = 10 * 365 * 24 * 3_600_000;
const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };

const pem = (label: string, der: ArrayBuffer): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

/** @returns both in PEM, the private key as PKCS #8 */
export async function makeKey(parts: {
  commonName: string;
  now: number;
  serialNumber: Buffer;
}): Promise<{ privateKey: string; certificate: string }> {
  // Loaded here alone: a start with keys present does not need it.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serialNumber = Buffer.from(parts.serialNumber);
  // X.509 §4.1.2.2: positive.
  serialNumber[0] = ((serialNumber[0] ?? 0) & 0x7f) | 0x40;
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber.toString('hex'),
    name: [{ CN: [parts.commonName] }],
    notBefore: new Date(parts.now - 3_600_000),
    notAfter: new Date(parts.now + tenYears),
    signingAlgorithm: algorithm,
    keys,
  });
  return {
    privateKey: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
    certificate: `${certificate.toString('pem')}\n`,
  };
}

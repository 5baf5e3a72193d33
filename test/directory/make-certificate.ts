/** Certificates for directory servers under test, by authorities made for them. */
import 'reflect-metadata';
import type { SecureContextOptions } from 'node:tls';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
export const day = 86_400_000;

const here: x509.JsonGeneralNames = [{ type: 'ip', value: '127.0.0.1' }];

export interface Authority {
  readonly pem: string;
  /**
   * A key and a certificate for a server.
   * @param from milliseconds from now
   * @param to milliseconds from now
   */
  certify(changes?: { names?: x509.JsonGeneralNames; from?: number; to?: number }): Promise<SecureContextOptions>;
}

export async function makeAuthority(name: string): Promise<Authority> {
  const authorityKeys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 10 * day),
    notAfter: new Date(Date.now() + 10 * day),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    pem: `${authority.toString('pem')}\n`,
    async certify({ names = here, from = -day, to = day } = {}) {
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await x509.X509CertificateGenerator.create({
        subject: 'CN=directory',
        issuer: authority.subject,
        notBefore: new Date(Date.now() + from),
        notAfter: new Date(Date.now() + to),
        publicKey: keys.publicKey,
        signingKey: authorityKeys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [new x509.SubjectAlternativeNameExtension(names)],
      });
      const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
      return { cert: certificate.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n` };
    },
  };
}

/** Key pairs whose certificates say odd things about them. */
import { randomBytes, X509Certificate } from 'node:crypto';
import { makeKey } from '../../src/keys/make-key.ts';
import type { Credential } from '../fixtures/foreign-service-provider.ts';
import { credential } from './stage.ts';

const day = 86_400_000;

/** By what the certificate says. */
export async function oddCredentials(): Promise<Readonly<Record<string, Credential>>> {
  const make = (now: number) => makeKey({ commonName: 'odd.example.net', now, serialNumber: randomBytes(16) });
  const [{ privateKey, certificate }, expired, notYet] = await Promise.all([
    credential('odd'),
    make(Date.now() - 60 * 365 * day),
    make(Date.now() + 2 * 365 * day),
  ]);
  const der = new X509Certificate(certificate).raw;
  const pem = (bytes: Buffer): string =>
    `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
  const spoilt = Buffer.from(der);
  spoilt[spoilt.length - 5]! ^= 0xff;
  // sha256WithRSAEncryption becomes md5WithRSAEncryption, wherever the certificate names it.
  const md5 = Buffer.from(der.toString('hex').replaceAll('2a864886f70d01010b', '2a864886f70d010104'), 'hex');
  return {
    'self-signed': { privateKey, certificate },
    expired,
    'not-yet-valid': notYet,
    'with-a-spoilt-signature': { privateKey, certificate: pem(spoilt) },
    'signed-by-md5': { privateKey, certificate: pem(md5) },
  };
}

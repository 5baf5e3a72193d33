/** Encrypts by XML Encryption 1.1, written from the standard: what a service provider sends to the house, allowed or not. */
import { constants, createCipheriv, createHash, publicEncrypt, randomBytes, X509Certificate } from 'node:crypto';
import { mask, xor } from './decrypt.ts';

const xmlenc = 'http://www.w3.org/2001/04/xmlenc#';
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#';
const ds = 'http://www.w3.org/2000/09/xmldsig#';

export const ciphers = {
  'aes128-gcm': `${xmlenc11}aes128-gcm`,
  'aes256-gcm': `${xmlenc11}aes256-gcm`,
  'aes128-cbc': `${xmlenc}aes128-cbc`,
  'aes256-cbc': `${xmlenc}aes256-cbc`,
} as const;
export const transports = {
  'rsa-oaep-mgf1p': `${xmlenc}rsa-oaep-mgf1p`,
  'rsa-oaep': `${xmlenc11}rsa-oaep`,
  'rsa-1_5': `${xmlenc}rsa-1_5`,
} as const;
export const digests = { sha1: `${ds}sha1`, sha256: `${xmlenc}sha256` } as const;
export const masks = { sha1: `${xmlenc11}mgf1sha1`, sha256: `${xmlenc11}mgf1sha256` } as const;

export interface Encryption {
  readonly data?: keyof typeof ciphers;
  readonly transport?: keyof typeof transports;
  readonly digest?: keyof typeof digests;
  /** Of xmlenc11 rsa-oaep alone. */
  readonly mgf?: keyof typeof masks;
}

/** RFC 8017 §7.1.1, with an empty label. */
function wrapOaep(key: Buffer, certificate: string, hash: string, mgf: string): Buffer {
  const { publicKey } = new X509Certificate(certificate);
  const length = (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8;
  const label = createHash(hash).digest();
  const padding = Buffer.alloc(length - key.length - 2 * label.length - 2);
  const data = Buffer.concat([label, padding, Buffer.from([1]), key]);
  const seed = randomBytes(label.length);
  const maskedData = xor(data, mask(seed, data.length, mgf));
  const maskedSeed = xor(seed, mask(maskedData, seed.length, mgf));
  const block = Buffer.concat([Buffer.from([0]), maskedSeed, maskedData]);
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block);
}

function encryptData(xml: string, key: Buffer, data: keyof typeof ciphers): Buffer {
  if (data.endsWith('gcm')) {
    const iv = randomBytes(12);
    const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, iv);
    return Buffer.concat([iv, cipher.update(xml), cipher.final(), cipher.getAuthTag()]);
  }
  const iv = randomBytes(16);
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-cbc' : 'aes-256-cbc', key, iv);
  return Buffer.concat([iv, cipher.update(xml), cipher.final()]);
}

/** A saml:EncryptedID around that NameID, which declares its own namespaces. */
export function encryptID(nameID: string, certificate: string, how: Encryption = {}): string {
  const { data = 'aes256-gcm', transport = 'rsa-oaep-mgf1p', digest, mgf } = how;
  const key = randomBytes(data.startsWith('aes128') ? 16 : 32);
  const wrapped =
    transport === 'rsa-1_5'
      ? publicEncrypt({ key: certificate, padding: constants.RSA_PKCS1_PADDING }, key)
      : wrapOaep(key, certificate, digest ?? 'sha1', mgf ?? 'sha1');
  const method =
    (digest === undefined ? '' : `<ds:DigestMethod Algorithm="${digests[digest]}"/>`) +
    (mgf === undefined ? '' : `<xenc11:MGF xmlns:xenc11="${xmlenc11}" Algorithm="${masks[mgf]}"/>`);
  const value = (bytes: Buffer): string =>
    `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`;
  return (
    `<saml:EncryptedID><xenc:EncryptedData xmlns:xenc="${xmlenc}" Type="${xmlenc}Element"><xenc:EncryptionMethod Algorithm="${ciphers[data]}"/>` +
    `<ds:KeyInfo xmlns:ds="${ds}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${transports[transport]}">${method}</xenc:EncryptionMethod>` +
    `${value(wrapped)}</xenc:EncryptedKey></ds:KeyInfo>${value(encryptData(nameID, key, data))}</xenc:EncryptedData></saml:EncryptedID>`
  );
}

/** An md:EncryptionMethod that names those algorithms. */
export const encryptionMethod = ({ data, transport, digest, mgf }: Encryption): string =>
  (data === undefined ? '' : `<md:EncryptionMethod Algorithm="${ciphers[data]}"/>`) +
  (transport === undefined
    ? ''
    : `<md:EncryptionMethod Algorithm="${transports[transport]}">` +
      (digest === undefined ? '' : `<ds:DigestMethod xmlns:ds="${ds}" Algorithm="${digests[digest]}"/>`) +
      (mgf === undefined ? '' : `<xenc11:MGF xmlns:xenc11="${xmlenc11}" Algorithm="${masks[mgf]}"/>`) +
      '</md:EncryptionMethod>');

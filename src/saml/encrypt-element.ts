/** Encrypts an element for somebody's key (xmlenc-core1), written in exclusive canonical form as all that we write. */
import { constants, createCipheriv, publicEncrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Random } from '../clock.ts';
import { maskFunctions, oaepDigests } from '../config/algorithm-names.ts';
import type { DataCipher } from '../config/algorithm-names.ts';
import type { ChosenEncryption, KeyTransport } from './choose-encryption.ts';
import { encodeOaep } from './encrypt-oaep.ts';
import { escapeAttribute } from './escape.ts';
import { namespaces } from './names.ts';

/** The initialisation vector, the ciphertext and, of GCM, the tag (xmlenc-core1 §5.2). */
function encryptContent(text: string, { cipher }: DataCipher, key: Buffer, random: Random): Buffer {
  if (cipher === 'aes-256-gcm' || cipher === 'aes-192-gcm' || cipher === 'aes-128-gcm') {
    const iv = random(12);
    const made = createCipheriv(cipher, key, iv);
    return Buffer.concat([iv, made.update(text, 'utf8'), made.final(), made.getAuthTag()]);
  }
  const iv = random(16);
  // PKCS #7 padding is padding of xmlenc-core1 §5.2.2 as well.
  const made = createCipheriv(cipher, key, iv);
  return Buffer.concat([iv, made.update(text, 'utf8'), made.final()]);
}

function encryptKey(content: Buffer, key: KeyObject, { oaep }: KeyTransport, random: Random): Buffer {
  if (oaep === undefined) return publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, content);
  if (oaep.digest === oaep.mgf) {
    return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: oaep.digest }, content);
  }
  const size = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const block = encodeOaep(content, size, { ...oaep, label: Buffer.alloc(0) }, random);
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, block);
}

/** Whitespace and namespaces as exclusive canonicalization leaves them: each prefix is declared where it is first used. */
function encryptionMethod({ uri, oaep }: KeyTransport): string {
  if (oaep === undefined) return `<xenc:EncryptionMethod Algorithm="${uri}"></xenc:EncryptionMethod>`;
  const digest = `<ds:DigestMethod Algorithm="${oaepDigests[oaep.digest]}"></ds:DigestMethod>`;
  // Of rsa-oaep-mgf1p the mask is in the name.
  const mask = uri.startsWith(namespaces.xenc11)
    ? `<xenc11:MGF xmlns:xenc11="${namespaces.xenc11}" Algorithm="${maskFunctions[oaep.mgf]}"></xenc11:MGF>`
    : '';
  return `<xenc:EncryptionMethod Algorithm="${uri}">${digest}${mask}</xenc:EncryptionMethod>`;
}

/**
 * The xenc:EncryptedData of an element, whose text declares every prefix that it uses. The key stands within its KeyInfo, where
 * every service provider looks (saml-core errata E43).
 */
export function encryptElement(
  text: string,
  { key, cipher, transport }: ChosenEncryption,
  recipient: string,
  random: Random,
): string {
  const contentKey = random(cipher.keyLength);
  const content = encryptContent(text, cipher, contentKey, random).toString('base64');
  const wrapped = encryptKey(contentKey, key, transport, random).toString('base64');
  return (
    `<xenc:EncryptedData xmlns:xenc="${namespaces.xenc}" Type="${namespaces.xenc}Element">` +
    `<xenc:EncryptionMethod Algorithm="${cipher.uri}"></xenc:EncryptionMethod>` +
    `<ds:KeyInfo xmlns:ds="${namespaces.ds}"><xenc:EncryptedKey Recipient="${escapeAttribute(recipient, 'Recipient')}">` +
    `${encryptionMethod(transport)}<xenc:CipherData><xenc:CipherValue>${wrapped}</xenc:CipherValue></xenc:CipherData>` +
    `</xenc:EncryptedKey></ds:KeyInfo>` +
    `<xenc:CipherData><xenc:CipherValue>${content}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>`
  );
}

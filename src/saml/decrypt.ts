/** Opens what others encrypted to us: a saml:EncryptedID (saml-core §2.2.4) or its like, by keys of our own. */
import { createDecipheriv } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Random } from '../clock.ts';
import { dataCiphers, weakAlgorithms } from '../config/algorithm-names.ts';
import type { DataCipher } from '../config/algorithm-names.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { childOf, cipherValueOf, openEncryptedKey, readEncryptedKey } from './decrypt-key.ts';
import type { ReadEncryptedKey } from './decrypt-key.ts';
import { namespaces } from './names.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface Decrypter {
  /**
   * The element that a saml:EncryptedID, EncryptedAssertion or EncryptedAttribute holds; its lines and places are those of the
   * text that was encrypted. Weak algorithms open in signed messages alone: whether it opened is the answer that those who attack
   * CBC and rsa-1_5 ask for (xmlenc-core1 §6.1). @throws Refusal decryption-failed, whatever is wrong
   */
  decrypt(encrypted: XmlElement, from: { readonly entityID: string; readonly signed: boolean }): XmlElement;
}

/** With the keys of a ring, each message costs few operations of RSA. */
const mostEncryptedKeys = 4;
const ivLength = { gcm: 12, cbc: 16 } as const;
const tagLength = 16;
const elementType = `${namespaces.xenc}Element`;
const plaintextLimits = { size: 65_536, depth: 32, nodes: 500, attributes: 32 };

const isEncrypted = (element: XmlElement, localName: string): boolean =>
  element.localName === localName && element.namespace === namespaces.xenc;

interface ReadEncryptedData {
  readonly cipher: DataCipher;
  readonly value: Buffer;
  readonly keys: readonly ReadEncryptedKey[];
}

const failed = (element: XmlElement, why: string): never => {
  throw new Refusal('decryption-failed', { line: element.line, why });
};

/** Looks at the form alone: nothing of it depends on a key of ours. */
const readEncrypted = (encrypted: XmlElement, entityID: string, policy: Pick<AlgorithmPolicy, 'permits'>): ReadEncryptedData => {
  const data = childOf(encrypted, 'EncryptedData') ?? failed(encrypted, 'not exactly one EncryptedData');
  const type = data.attributes.get('Type');
  if (type !== undefined && type !== elementType) failed(data, 'its Type is not Element');
  const algorithm = childOf(data, 'EncryptionMethod')?.attributes.get('Algorithm') ?? '';
  const cipher = Object.values(dataCiphers).find(({ uri }) => uri === algorithm);
  if (cipher === undefined || !policy.permits(algorithm)) return failed(data, `the algorithm ${algorithm.slice(0, 256)}`);
  const value = cipherValueOf(data) ?? failed(data, 'no CipherValue in base64');
  // saml-core errata E43: a key stands within the KeyInfo, or beside the EncryptedData, with or without a RetrievalMethod.
  const inside = childOf(data, 'KeyInfo', namespaces.ds)?.children ?? [];
  const elements = [...inside, ...encrypted.children].filter((child) => isEncrypted(child, 'EncryptedKey'));
  if (elements.length > mostEncryptedKeys) failed(data, 'too many EncryptedKeys');
  const keys = elements.flatMap((element) => readEncryptedKey(element, policy) ?? []);
  if (keys.length === 0) failed(data, 'no EncryptedKey by an algorithm that may be used');
  // A Recipient is a hint (xmlenc-core1 §3.5.1): whoever is named is tried first.
  return { cipher, value, keys: keys.toSorted((a, b) => Number(b.recipient === entityID) - Number(a.recipient === entityID)) };
};

/** xmlenc-core1 §5.2: the initialisation vector stands before, the tag after. Undefined where it does not open. */
const openContent = ({ cipher: { cipher }, value }: ReadEncryptedData, key: Buffer): Buffer | undefined => {
  try {
    if (cipher === 'aes-256-gcm' || cipher === 'aes-192-gcm' || cipher === 'aes-128-gcm') {
      const end = value.length - tagLength;
      if (end <= ivLength.gcm) return undefined;
      const decipher = createDecipheriv(cipher, key, value.subarray(0, ivLength.gcm), { authTagLength: tagLength });
      decipher.setAuthTag(value.subarray(end));
      return Buffer.concat([decipher.update(value.subarray(ivLength.gcm, end)), decipher.final()]);
    }
    const decipher = createDecipheriv(cipher, key, value.subarray(0, ivLength.cbc)).setAutoPadding(false);
    const padded = Buffer.concat([decipher.update(value.subarray(ivLength.cbc)), decipher.final()]);
    // xmlenc-core1 §5.2.2: the last byte alone says how long the padding is.
    const padding = padded.at(-1) ?? 0;
    return padding >= 1 && padding <= ivLength.cbc ? padded.subarray(0, -padding) : undefined;
  } catch {
    return undefined;
  }
};

const weak: ReadonlySet<string> = new Set(Object.values(weakAlgorithms));

const parsed = (content: Buffer): XmlElement | undefined => {
  try {
    return parseXml(new TextDecoder('utf-8', { fatal: true }).decode(content), { limits: plaintextLimits });
  } catch {
    return undefined;
  }
};

/** `keys` are private ones, each tried in turn; `entityID` is ours. */
export const createDecrypter = (parts: {
  keys: readonly KeyObject[];
  entityID: string;
  policy: AlgorithmPolicy;
  random: Random;
}): Decrypter => ({
  decrypt(encrypted, { entityID, signed }) {
    const permits = (uri: string): boolean => parts.policy.permits(uri) && (signed || !weak.has(uri));
    const data = readEncrypted(encrypted, parts.entityID, { permits });
    for (const encryptedKey of data.keys) {
      for (const key of parts.keys) {
        const opened = openContent(data, openEncryptedKey(key, encryptedKey, parts.random(data.cipher.keyLength)));
        const element = opened === undefined ? undefined : parsed(opened);
        if (element === undefined) continue;
        parts.policy.noteUse([encryptedKey.algorithm, data.cipher.uri], entityID);
        return element;
      }
    }
    // Which step failed is not told: it would answer an attacker's question about the key.
    throw new Refusal('decryption-failed');
  },
});

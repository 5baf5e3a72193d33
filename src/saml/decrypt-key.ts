/** Opens an xenc:EncryptedKey (xmlenc-core1 §3.5.1, §5.5) with a private key. */
import { constants, privateDecrypt } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyTransports, maskFunctions, oaepDigests } from '../config/algorithm-names.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import { decodeBase64 } from './base64.ts';
import { decodeOaep } from './encrypt-oaep.ts';
import type { OaepHash, OaepOptions } from './encrypt-oaep.ts';
import { namespaces } from './names.ts';
import type { XmlElement } from './xml.ts';

export interface ReadEncryptedKey {
  /** URI of the key's transport. */
  readonly algorithm: string;
  /** Undefined for rsa-1_5. */
  readonly oaep: OaepOptions | undefined;
  readonly recipient: string | undefined;
  readonly value: Buffer;
}

const longestLabel = 1024;

export const childOf = (element: XmlElement, localName: string, namespace: string = namespaces.xenc): XmlElement | undefined => {
  const [found, another] = element.children.filter((child) => child.localName === localName && child.namespace === namespace);
  return another === undefined ? found : undefined;
};

/** The bytes of a CipherData's CipherValue; undefined where it is not that. */
export const cipherValueOf = (element: XmlElement): Buffer | undefined => {
  const data = childOf(element, 'CipherData');
  const value = data?.children.length === 1 ? childOf(data, 'CipherValue') : undefined;
  return value === undefined ? undefined : bytesOf(value);
};

const bytesOf = (element: XmlElement): Buffer | undefined =>
  element.children.length > 0 ? undefined : decodeBase64(element.text.replace(/[ \t\r\n]+/g, ''));

const named = (table: Readonly<Record<OaepHash, string>>, uri: string): OaepHash | undefined =>
  (Object.keys(table) as OaepHash[]).find((name) => table[name] === uri);

/** xmlenc-core1 §5.5.2: SHA-1 is the default of both, and rsa-oaep-mgf1p knows no other mask. */
const readOaep = (method: XmlElement, algorithm: string, policy: Pick<AlgorithmPolicy, 'permits'>): OaepOptions | undefined => {
  const digestUri = childOf(method, 'DigestMethod', namespaces.ds)?.attributes.get('Algorithm') ?? oaepDigests.sha1;
  const mgfUri = childOf(method, 'MGF', namespaces.xenc11)?.attributes.get('Algorithm') ?? maskFunctions.sha1;
  const [digest, mgf] = [named(oaepDigests, digestUri), named(maskFunctions, mgfUri)];
  const params = childOf(method, 'OAEPparams');
  const label = params === undefined ? Buffer.alloc(0) : bytesOf(params);
  if (digest === undefined || mgf === undefined || label === undefined || label.length > longestLabel) return undefined;
  if (algorithm === keyTransports['rsa-oaep-mgf1p'] && mgf !== 'sha1') return undefined;
  return policy.permits(digestUri) && policy.permits(mgfUri) ? { digest, mgf, label } : undefined;
};

/** Undefined where it is malformed, or asks for what may not be used. */
export const readEncryptedKey = (element: XmlElement, policy: Pick<AlgorithmPolicy, 'permits'>): ReadEncryptedKey | undefined => {
  const method = childOf(element, 'EncryptionMethod');
  const algorithm = method?.attributes.get('Algorithm') ?? '';
  const value = cipherValueOf(element);
  if (method === undefined || value === undefined || !policy.permits(algorithm)) return undefined;
  const recipient = element.attributes.get('Recipient');
  if (algorithm === keyTransports['rsa-1_5']) return { algorithm, oaep: undefined, recipient, value };
  if (algorithm !== keyTransports['rsa-oaep'] && algorithm !== keyTransports['rsa-oaep-mgf1p']) return undefined;
  const oaep = readOaep(method, algorithm, policy);
  return oaep === undefined ? undefined : { algorithm, oaep, recipient, value };
};

const open = (key: KeyObject, { oaep, value }: ReadEncryptedKey): Buffer | undefined => {
  if (oaep === undefined) return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, value);
  if (oaep.digest !== oaep.mgf) return decodeOaep(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, value), oaep);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return privateDecrypt({ key, padding, oaepHash: oaep.digest, oaepLabel: oaep.label }, value);
};

/** The content's key; `substitute` where it does not open or is of another length (RFC 3218 §2.3.2), so that the path is one. */
export const openEncryptedKey = (key: KeyObject, encrypted: ReadEncryptedKey, substitute: Buffer): Buffer => {
  let opened: Buffer | undefined;
  try {
    opened = open(key, encrypted);
  } catch {
    // OpenSSL throws for everything that does not open; none of it may be told.
  }
  return opened?.length === substitute.length ? opened : substitute;
};

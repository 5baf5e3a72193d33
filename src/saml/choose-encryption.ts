/** Chooses the key and the algorithms that encrypt to a service provider, by what its metadata says of each key (saml-metadata §2.4.1.1). */
import type { KeyObject } from 'node:crypto';
import { dataCiphers, keyTransports, maskFunctions, oaepDigests } from '../config/algorithm-names.ts';
import type { DataCipher, DataCipherName, KeyTransportName } from '../config/algorithm-names.ts';
import type { AlgorithmPolicy } from './algorithm-policy.ts';
import type { OaepHash } from './encrypt-oaep.ts';
import type { EncryptionKey, EncryptionMethod, Protection } from './service-provider.ts';

export interface KeyTransport {
  readonly uri: string;
  /** Undefined for rsa-1_5. */
  readonly oaep: { readonly digest: OaepHash; readonly mgf: OaepHash } | undefined;
}

export interface ChosenEncryption {
  readonly key: KeyObject;
  readonly cipher: DataCipher;
  readonly transport: KeyTransport;
}

export const ciphers = Object.values<DataCipher>(dataCiphers);

const mgf1p = keyTransports['rsa-oaep-mgf1p'];
const oaep = keyTransports['rsa-oaep'];

/**
 * Every transport of ours, the first choice first: OAEP with SHA-1, which rests on no collision resistance (RFC 8017 §7.1), is what
 * every service provider knows.
 */
export const transports: readonly KeyTransport[] = [
  { uri: mgf1p, oaep: { digest: 'sha1', mgf: 'sha1' } },
  { uri: mgf1p, oaep: { digest: 'sha256', mgf: 'sha1' } },
  { uri: oaep, oaep: { digest: 'sha256', mgf: 'sha256' } },
  { uri: oaep, oaep: { digest: 'sha256', mgf: 'sha1' } },
  { uri: oaep, oaep: { digest: 'sha1', mgf: 'sha1' } },
  { uri: oaep, oaep: { digest: 'sha384', mgf: 'sha384' } },
  { uri: oaep, oaep: { digest: 'sha512', mgf: 'sha512' } },
  { uri: keyTransports['rsa-1_5'], oaep: undefined },
];

/** Whether its digest and mask may be used as well as itself. */
export const isPermitted = ({ uri, oaep: options }: KeyTransport, policy: AlgorithmPolicy): boolean =>
  policy.permits(uri) &&
  (options === undefined || (policy.permits(oaepDigests[options.digest]) && policy.permits(maskFunctions[options.mgf])));

/** Whether a method that metadata names is this transport; where it does not name digest or mask, any will do. */
const isMeant = ({ uri, oaep: options }: KeyTransport, { algorithm, digest, mgf }: EncryptionMethod): boolean =>
  algorithm === uri &&
  (options === undefined ||
    ((digest === undefined || oaepDigests[options.digest] === digest) &&
      (mgf === undefined || uri === mgf1p || maskFunctions[options.mgf] === mgf)));

/** Bytes that OAEP takes beside its content: two digests and two more (RFC 8017 §7.1.1); of rsa-1_5, eleven. */
const overhead = { sha1: 42, sha256: 66, sha384: 98, sha512: 130 } as const satisfies Record<OaepHash, number>;

/** Whether the modulus has room for the content's key. */
const hasRoom = (key: KeyObject, { oaep: options }: KeyTransport, { keyLength }: DataCipher): boolean =>
  keyLength + (options === undefined ? 11 : overhead[options.digest]) <= (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;

const dataUris: ReadonlySet<string> = new Set(ciphers.map(({ uri }) => uri));
const transportUris: ReadonlySet<string> = new Set(Object.values(keyTransports));
// Of a kind that we do not know, yet of that purpose: metadata that names it alone shares nothing with us.
const isData = ({ algorithm }: EncryptionMethod): boolean =>
  dataUris.has(algorithm) || algorithm.endsWith('-cbc') || algorithm.endsWith('-gcm');
const isTransport = ({ algorithm }: EncryptionMethod): boolean => transportUris.has(algorithm);

function chooseFor(
  { key, methods }: EncryptionKey,
  wish: Protection['encryption'],
  policy: AlgorithmPolicy,
): ChosenEncryption | undefined {
  if (key.asymmetricKeyType !== 'rsa') return undefined;
  const data = methods.filter(isData);
  const wrapping = methods.filter(isTransport);
  const wantedCipher: DataCipherName | undefined = wish.algorithm;
  const wantedTransport: KeyTransportName | undefined = wish.keyTransport;
  const cipher = ciphers.find(
    (each) =>
      policy.permits(each.uri) &&
      (wantedCipher === undefined || dataCiphers[wantedCipher].uri === each.uri) &&
      (data.length === 0 || data.some(({ algorithm }) => algorithm === each.uri)),
  );
  if (cipher === undefined) return undefined;
  const transport = transports.find(
    (each) =>
      isPermitted(each, policy) &&
      hasRoom(key, each, cipher) &&
      (wantedTransport === undefined || keyTransports[wantedTransport] === each.uri) &&
      (wish.digest === undefined || each.oaep === undefined || each.oaep.digest === wish.digest) &&
      (wrapping.length === 0 || wrapping.some((method) => isMeant(each, method))),
  );
  return transport && { key, cipher, transport };
}

/** With the first of the keys that shares algorithms with us; undefined where none does. Where metadata names none, any will do. */
export function chooseEncryption(
  keys: readonly EncryptionKey[],
  wish: Protection['encryption'],
  policy: AlgorithmPolicy,
): ChosenEncryption | undefined {
  for (const key of keys) {
    const chosen = chooseFor(key, wish, policy);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

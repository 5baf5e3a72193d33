/** Which signatures and keys of certificates are believed: RSA from 2,048 bits and ECDSA from P-256, with SHA-256 and better. */
import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { context, DerMistake, fieldsOf, readObjectIdentifier, readSmall, tags, within, type Der } from './der.ts';

export interface SignatureAlgorithm {
  readonly key: 'rsa' | 'ec';
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** Of RSASSA-PSS. */
  readonly saltLength?: number;
}

/** RFC 4055 §5, RFC 5758 §3.2. */
const algorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
};
const rsassaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';
const hashes: Readonly<Record<string, SignatureAlgorithm['hash']>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const curves: readonly (string | undefined)[] = ['prime256v1', 'secp384r1', 'secp521r1'];
/** The longer ones would only cost time. */
const rsaBits = { least: 2_048, most: 8_192 };

function hashOf(algorithm: Der): SignatureAlgorithm['hash'] | undefined {
  return hashes[readObjectIdentifier(fieldsOf(algorithm).next())];
}

/** RFC 4055 §3.1: what is left out is SHA-1, which is not believed. */
function readPss(parameters: Der): SignatureAlgorithm | undefined {
  const fields = fieldsOf(parameters);
  const hashing = fields.optional(context(0));
  const masking = fields.optional(context(1));
  const salt = fields.optional(context(2));
  const trailer = fields.optional(context(3));
  fields.end();
  if (hashing === undefined || masking === undefined || trailer !== undefined) return undefined;
  const hash = hashOf(within(hashing));
  const mask = fieldsOf(within(masking));
  const isSound = readObjectIdentifier(mask.next()) === mgf1 && hashOf(mask.next(tags.sequence)) === hash;
  const saltLength = salt === undefined ? 20 : readSmall(within(salt, tags.integer));
  return hash === undefined || !isSound || saltLength > 64 ? undefined : { key: 'rsa', hash, saltLength };
}

/** The algorithm of an AlgorithmIdentifier; undefined for one that is not believed. @throws DerMistake */
export function readSignatureAlgorithm(identifier: Der): SignatureAlgorithm | undefined {
  const fields = fieldsOf(identifier);
  const oid = readObjectIdentifier(fields.next());
  if (oid !== rsassaPss) return algorithms[oid];
  return fields.done ? undefined : readPss(fields.next(tags.sequence));
}

/** The key of a SubjectPublicKeyInfo. @throws DerMistake where there is none that can be read */
export function readPublicKey(subjectPublicKeyInfo: Buffer): KeyObject {
  try {
    return createPublicKey({ key: subjectPublicKeyInfo, format: 'der', type: 'spki' });
  } catch {
    throw new DerMistake('a key that cannot be read');
  }
}

export function isSoundKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'ec') return curves.includes(details?.namedCurve);
  if (type !== 'rsa' && type !== 'rsa-pss') return false;
  const { modulusLength = 0, publicExponent = 0n } = details ?? {};
  return modulusLength >= rsaBits.least && modulusLength <= rsaBits.most && publicExponent >= 3n && publicExponent < 2n ** 64n;
}

/** Something that was signed, and how; undefined: in a way that is not believed. */
export interface Signed {
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

function isRight(key: KeyObject, { key: kind, hash, saltLength }: SignatureAlgorithm, { signed, signature }: Signed): boolean {
  const type = key.asymmetricKeyType;
  if (kind === 'ec') return type === 'ec' && verify(hash, signed, { key, dsaEncoding: 'der' }, signature);
  if (saltLength === undefined)
    return type === 'rsa' && verify(hash, signed, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
  if (type !== 'rsa' && type !== 'rsa-pss') return false;
  return verify(hash, signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
}

/** Whether a sound key made that signature. */
export function isSignedBy(key: KeyObject, what: Signed): boolean {
  if (what.algorithm === undefined || !isSoundKey(key)) return false;
  try {
    return isRight(key, what.algorithm, what);
  } catch {
    // A key of RSASSA-PSS may be bound to another hash, which OpenSSL tells by an error.
    return false;
  }
}

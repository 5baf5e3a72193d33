/** Reads a certificate (RFC 5280 §4.1) into what its verification looks at. */
import { hash, type KeyObject } from 'node:crypto';
import {
  context,
  DerMistake,
  fieldsOf,
  readBits,
  readBoolean,
  readDer,
  readInteger,
  readObjectIdentifier,
  readOctets,
  readSmall,
  readTime,
  tags,
  valuesIn,
  within,
  type Der,
} from './der.ts';
import { readGeneralNames, type GeneralNames } from './general-names.ts';
import { readPublicKey, readSignatureAlgorithm, type SignatureAlgorithm } from './signature.ts';

export interface Extension {
  readonly critical: boolean;
  readonly value: Buffer;
}

export type Extensions = ReadonlyMap<string, Extension>;

export interface Certificate {
  readonly raw: Buffer;
  /** SHA-256 of all of it, in hexadecimal: two of the same are one. */
  readonly fingerprint: string;
  /** The octets of the INTEGER. */
  readonly serialNumber: Buffer;
  /** DER. */
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subjectPublicKeyInfo: Buffer;
  /** The key alone, which key identifiers are made of (RFC 5280 §4.2.1.2). */
  readonly publicKeyBits: Buffer;
  readonly publicKey: KeyObject;
  /** What was signed, how (undefined: in a way that is not believed), and the signature. */
  readonly signed: Buffer;
  readonly algorithm: SignatureAlgorithm | undefined;
  readonly signature: Buffer;
  readonly extensions: Extensions;
  /** basicConstraints. */
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  /** By the numbers of RFC 5280 §4.2.1.3; undefined where it is not said. */
  readonly keyUsage: ReadonlySet<number> | undefined;
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly subjectKeyIdentifier: Buffer | undefined;
  readonly names: GeneralNames;
}

export const keyUsages = { digitalSignature: 0, keyCertSign: 5, cRLSign: 6 } as const;

export const extensionIds = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  crlDistributionPoints: '2.5.29.31',
  extendedKeyUsage: '2.5.29.37',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  /** szOID_NTDS_CA_SECURITY_EXT (MS-WCCE §2.2.2.7.7.4). */
  securityIdentifier: '1.3.6.1.4.1.311.25.2',
} as const;

const largest = 32 * 1024;
const mostExtensions = 64;
const mostPurposes = 64;

/** Extensions of a certificate, a list or a response, which have one form. @throws DerMistake where one occurs twice */
export function readExtensions(list: Der): Extensions {
  const extensions = new Map<string, Extension>();
  for (const value of valuesIn(list)) {
    const fields = fieldsOf(value);
    const id = readObjectIdentifier(fields.next());
    const critical = fields.optional(tags.boolean);
    const content = fields.next(tags.octetString).content;
    fields.end();
    // X.690 §11.5: a default is left out; but many write it all the same.
    extensions.set(id, { critical: critical !== undefined && readBoolean(critical), value: content });
  }
  const count = [...valuesIn(list)].length;
  if (count !== extensions.size || count > mostExtensions) throw new DerMistake('extensions that repeat, or too many');
  return extensions;
}

function readBasicConstraints(extension: Extension | undefined): Pick<Certificate, 'isAuthority' | 'pathLength'> {
  if (extension === undefined) return { isAuthority: false, pathLength: undefined };
  const fields = fieldsOf(readDer(extension.value));
  const authority = fields.optional(tags.boolean);
  const pathLength = fields.optional(tags.integer);
  fields.end();
  const isAuthority = authority !== undefined && readBoolean(authority);
  return { isAuthority, pathLength: pathLength && readSmall(pathLength) };
}

function readKeyUsage(extension: Extension | undefined): ReadonlySet<number> | undefined {
  if (extension === undefined) return undefined;
  const { bytes } = readBits(readDer(extension.value, tags.bitString));
  const used = [...bytes].flatMap((octet, at) =>
    [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (octet & (0x80 >> bit)) !== 0).map((bit) => at * 8 + bit),
  );
  return new Set(used);
}

function readPurposes(extension: Extension | undefined): readonly string[] | undefined {
  if (extension === undefined) return undefined;
  const purposes = [...valuesIn(readDer(extension.value, tags.sequence))];
  if (purposes.length > mostPurposes) throw new DerMistake('too many purposes');
  return purposes.map(readObjectIdentifier);
}

const noNames: GeneralNames = { userPrincipalNames: [], rfc822Names: [], uris: [] };

/** @throws DerMistake */
export function readCertificate(raw: Buffer): Certificate {
  if (raw.length > largest) throw new DerMistake('it is too large');
  const outer = fieldsOf(readDer(raw, tags.sequence));
  const toBeSigned = outer.next(tags.sequence);
  const outerAlgorithm = outer.next(tags.sequence);
  const signature = readOctets(outer.next(tags.bitString));
  outer.end();

  const fields = fieldsOf(toBeSigned);
  const version = fields.optional(context(0));
  const number = version === undefined ? 0 : readSmall(within(version, tags.integer));
  if (version !== undefined && number !== 1 && number !== 2) throw new DerMistake('its version');
  const serialNumber = readInteger(fields.next(tags.integer));
  const innerAlgorithm = fields.next(tags.sequence);
  // RFC 5280 §4.1.1.2
  if (!innerAlgorithm.raw.equals(outerAlgorithm.raw)) throw new DerMistake('two algorithms');
  const issuer = fields.next(tags.sequence).raw;
  const validity = fieldsOf(fields.next(tags.sequence));
  const [notBefore, notAfter] = [readTime(validity.next()), readTime(validity.next())];
  validity.end();
  const subject = fields.next(tags.sequence).raw;
  const key = fields.next(tags.sequence);
  fields.optional(context(1, false));
  fields.optional(context(2, false));
  const list = fields.optional(context(3));
  fields.end();
  // RFC 5280 §4.1.2.9
  if (list !== undefined && number !== 2) throw new DerMistake('extensions in a version that has none');

  const keyFields = fieldsOf(key);
  keyFields.next(tags.sequence);
  const publicKeyBits = readOctets(keyFields.next(tags.bitString));
  const extensions = list === undefined ? new Map<string, Extension>() : readExtensions(within(list, tags.sequence));
  const names = extensions.get(extensionIds.subjectAltName);
  const identifier = extensions.get(extensionIds.subjectKeyIdentifier);
  return {
    raw,
    fingerprint: hash('sha256', raw, 'hex'),
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectPublicKeyInfo: key.raw,
    publicKeyBits,
    publicKey: readPublicKey(key.raw),
    signed: toBeSigned.raw,
    algorithm: readSignatureAlgorithm(outerAlgorithm),
    signature,
    extensions,
    ...readBasicConstraints(extensions.get(extensionIds.basicConstraints)),
    keyUsage: readKeyUsage(extensions.get(extensionIds.keyUsage)),
    extendedKeyUsage: readPurposes(extensions.get(extensionIds.extendedKeyUsage)),
    subjectKeyIdentifier: identifier && readDer(identifier.value, tags.octetString).content,
    names: names === undefined ? noNames : readGeneralNames(readDer(names.value, tags.sequence)),
  };
}

/** Reads the keys of a role (saml-metadata §2.4.1.1). A certificate is a container of its key and nothing else. */
import { createPublicKey, ECDH, X509Certificate } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mistaken } from './metadata-mistake.ts';
import { childrenNamed, requireAttribute, requireBytes } from './metadata-values.ts';
import { namespaces } from './names.ts';
import type { EncryptionKey, EncryptionMethod } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

export interface RoleKeys {
  /** In the order of the metadata. */
  readonly signingKeys: readonly KeyObject[];
  readonly encryptionKeys: readonly EncryptionKey[];
}

/** RFC 5480 §2.1.1.1, with the names that OpenSSL and JWK (RFC 7518 §6.2.1.1) have for them. */
const curves: Readonly<Record<string, { readonly openssl: string; readonly jwk: string }>> = {
  'urn:oid:1.2.840.10045.3.1.7': { openssl: 'prime256v1', jwk: 'P-256' },
  'urn:oid:1.3.132.0.34': { openssl: 'secp384r1', jwk: 'P-384' },
  'urn:oid:1.3.132.0.35': { openssl: 'secp521r1', jwk: 'P-521' },
};
const usableCurves: ReadonlySet<string | undefined> = new Set(Object.values(curves).map(({ openssl }) => openssl));
/** Below it anybody can make signatures; above it OpenSSL refuses to look at one. */
const rsaBits = { least: 1024, most: 16_384 };

const readCertificate = (element: XmlElement): KeyObject => {
  const bytes = requireBytes(element);
  try {
    // saml2-metadata-iop §2.5: its dates, names and signature mean nothing.
    return new X509Certificate(bytes).publicKey;
  } catch {
    return mistaken(element, 'does not hold a certificate');
  }
};

const requireChild = (element: XmlElement, localName: string, namespace: string): XmlElement =>
  childrenNamed(element, localName, namespace)[0] ?? mistaken(element, `has no ${localName}`);

const readRsaKey = (element: XmlElement): KeyObject => {
  const part = (name: string): string => requireBytes(requireChild(element, name, namespaces.ds)).toString('base64url');
  const [n, e] = [part('Modulus'), part('Exponent')];
  try {
    return createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
  } catch {
    return mistaken(element, 'does not hold an RSA key');
  }
};

/** XML Signature 1.1 §4.5.2.3; undefined for a curve that is not one of ours. */
const readEcKey = (element: XmlElement): KeyObject | undefined => {
  const name = childrenNamed(element, 'NamedCurve', namespaces.dsig11)[0]?.attributes.get('URI')?.trim() ?? '';
  const curve = Object.hasOwn(curves, name) ? curves[name] : undefined;
  if (curve === undefined) return undefined;
  const written = requireBytes(requireChild(element, 'PublicKey', namespaces.dsig11));
  try {
    const point = Buffer.from(ECDH.convertKey(written, curve.openssl, undefined, undefined, 'uncompressed'));
    const half = (point.length - 1) / 2;
    const x = point.subarray(1, 1 + half).toString('base64url');
    const y = point.subarray(1 + half).toString('base64url');
    return createPublicKey({ key: { kty: 'EC', crv: curve.jwk, x, y }, format: 'jwk' });
  } catch {
    return mistaken(element, 'does not hold a point of its curve');
  }
};

const readDerKey = (element: XmlElement): KeyObject => {
  const key = requireBytes(element);
  try {
    return createPublicKey({ key, format: 'der', type: 'spki' });
  } catch {
    return mistaken(element, 'does not hold a public key');
  }
};

const readers: Readonly<Record<string, (element: XmlElement) => KeyObject | undefined>> = {
  [`{${namespaces.ds}}X509Certificate`]: readCertificate,
  [`{${namespaces.ds}}RSAKeyValue`]: readRsaKey,
  [`{${namespaces.dsig11}}ECKeyValue`]: readEcKey,
  [`{${namespaces.dsig11}}DEREncodedKeyValue`]: readDerKey,
};
const holders: ReadonlySet<string> = new Set(['X509Data', 'KeyValue']);

/** Whether it verifies signatures. */
const isUsable = ({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean =>
  type === 'rsa' || type === 'rsa-pss' || (type === 'ec' && usableCurves.has(details?.namedCurve));

/** @throws MetadataMistake for an RSA key that hides nothing, or costs too much */
const requireSound = (form: XmlElement, { asymmetricKeyDetails: details }: KeyObject): void => {
  const { modulusLength: bits, publicExponent: exponent } = details ?? {};
  if (bits !== undefined && (bits < rsaBits.least || bits > rsaBits.most)) {
    mistaken(form, `holds an RSA key of ${bits} bits, which is less than ${rsaBits.least} or more than ${rsaBits.most}`);
  }
  // RFC 8017 §3.1; by the exponent 1 anybody signs, and what is encrypted is not.
  if (exponent !== undefined && (exponent < 3n || exponent % 2n === 0n)) {
    mistaken(form, 'holds an RSA key whose public exponent is even or less than 3');
  }
};

/** The one key that a KeyInfo holds, in however many forms; undefined where it is of a kind that we do not know. */
const readKeyInfo = (descriptor: XmlElement): KeyObject | undefined => {
  const [keyInfo, another] = childrenNamed(descriptor, 'KeyInfo', namespaces.ds);
  if (keyInfo === undefined || another !== undefined) return mistaken(descriptor, 'has not exactly one KeyInfo');
  const forms = keyInfo.children.flatMap((child) =>
    child.namespace === namespaces.ds && holders.has(child.localName) ? child.children : [child],
  );
  const certificates = forms.filter(({ localName, namespace }) => localName === 'X509Certificate' && namespace === namespaces.ds);
  if (certificates[1] !== undefined) {
    mistaken(certificates[1], 'is the second certificate of one KeyDescriptor; leave only the one that holds the key');
  }
  let found: KeyObject | undefined;
  for (const form of forms) {
    const name = `{${form.namespace}}${form.localName}`;
    const key = Object.hasOwn(readers, name) ? readers[name]?.(form) : undefined;
    if (key === undefined) continue;
    if (isUsable(key)) requireSound(form, key);
    // saml2-metadata-iop §2.5: every form represents the same key.
    if (found !== undefined && !found.equals(key)) mistaken(form, 'holds another key than the rest of its KeyInfo');
    found ??= key;
  }
  return found;
};

const readMethods = (descriptor: XmlElement): readonly EncryptionMethod[] =>
  childrenNamed(descriptor, 'EncryptionMethod').map((method) => ({
    algorithm: requireAttribute(method, 'Algorithm').trim(),
    digest: childrenNamed(method, 'DigestMethod', namespaces.ds)[0]?.attributes.get('Algorithm')?.trim(),
    mgf: childrenNamed(method, 'MGF', namespaces.xenc11)[0]?.attributes.get('Algorithm')?.trim(),
  }));

/** The keys of the KeyDescriptors of a role; one without `use` serves both purposes. @throws MetadataMistake */
export const readKeyDescriptors = (role: XmlElement): RoleKeys => {
  const signingKeys: KeyObject[] = [];
  const encryptionKeys: EncryptionKey[] = [];
  for (const descriptor of childrenNamed(role, 'KeyDescriptor')) {
    const use = descriptor.attributes.get('use')?.trim();
    if (use !== undefined && use !== 'signing' && use !== 'encryption') {
      mistaken(descriptor, 'has a use other than signing or encryption');
    }
    const key = readKeyInfo(descriptor);
    if (key === undefined) continue;
    if (use !== 'encryption' && isUsable(key)) signingKeys.push(key);
    // Keys are transported by RSA alone; one of another kind that is there for nothing else is not passed over in the clear.
    if (use === 'encryption' || (use === undefined && key.asymmetricKeyType === 'rsa')) {
      encryptionKeys.push({ key, methods: readMethods(descriptor) });
    }
  }
  return { signingKeys, encryptionKeys };
};

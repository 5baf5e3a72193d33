/** Reads a service provider from its metadata (saml-metadata §2.3 and §2.4), which an administrator vouches for. */
import { X509Certificate, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import { decodeBase64 } from './base64.ts';
import { parseDateTime } from './date-time.ts';
import { bindings, namespaces } from './names.ts';
import { type AssertionConsumerService, type ServiceProvider, unsaid } from './service-provider.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

const limits = { size: 2_097_152, depth: 64, nodes: 50_000, attributes: 64 };
const longestUri = 1024;
const usableKeyTypes: ReadonlySet<string | undefined> = new Set(['rsa', 'ec']);

/** Metadata that cannot be used, and where: a mistake of configuration, told in one sentence. */
export class MetadataMistake extends Error {
  readonly line: number | undefined;

  constructor(sentence: string, line?: number) {
    super(line === undefined ? sentence : `Line ${line}: ${sentence}`);
    this.name = 'MetadataMistake';
    this.line = line;
  }
}

const mistaken = (element: XmlElement, what: string): never => {
  throw new MetadataMistake(`the element ${element.localName.slice(0, 64)} ${what}.`, element.line);
};

const childrenNamed = (element: XmlElement, localName: string, namespace: string = namespaces.metadata): readonly XmlElement[] =>
  element.children.filter((child) => child.localName === localName && child.namespace === namespace);

const requireAttribute = (element: XmlElement, name: string): string =>
  element.attributes.get(name) ?? mistaken(element, `has no ${name}`);

const readBoolean = (element: XmlElement, name: string): boolean | undefined => {
  const value = element.attributes.get(name)?.trim();
  if (value === undefined) return undefined;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0'
    ? false
    : mistaken(element, `has ${name}="${value.slice(0, 64)}", which is neither true nor false`);
};

const requireValid = (element: XmlElement, now: number): void => {
  const value = element.attributes.get('validUntil');
  if (value === undefined) return;
  const until = parseDateTime(value.trim()) ?? mistaken(element, 'has a validUntil that is no instant in UTC');
  if (until <= now) mistaken(element, `was valid until ${value.slice(0, 64)} only; get the current metadata`);
};

const bytesOf = (element: XmlElement): Buffer => {
  const bytes = decodeBase64(element.text.replace(/[ \t\r\n]+/g, ''));
  return bytes === undefined || bytes.length === 0 ? mistaken(element, 'does not hold base64') : bytes;
};

const readCertificate = (element: XmlElement): KeyObject => {
  const bytes = bytesOf(element);
  try {
    // saml2-metadata-iop: a certificate is a container of its key; its dates, names and signature mean nothing.
    return new X509Certificate(bytes).publicKey;
  } catch {
    return mistaken(element, 'does not hold a certificate');
  }
};

const readKeyValue = (element: XmlElement): KeyObject | undefined => {
  const [rsa] = childrenNamed(element, 'RSAKeyValue', namespaces.ds);
  if (rsa === undefined) return undefined;
  const part = (name: string): string =>
    bytesOf(childrenNamed(rsa, name, namespaces.ds)[0] ?? mistaken(rsa, `has no ${name}`)).toString('base64url');
  const [n, e] = [part('Modulus'), part('Exponent')];
  try {
    return createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' });
  } catch {
    return mistaken(rsa, 'does not hold an RSA key');
  }
};

/** The key of a KeyDescriptor; undefined where it is of a kind that verifies nothing here. */
const readKey = (descriptor: XmlElement): KeyObject | undefined => {
  const keyInfos = childrenNamed(descriptor, 'KeyInfo', namespaces.ds);
  if (keyInfos.length !== 1) mistaken(descriptor, 'has not exactly one KeyInfo');
  const certificates = keyInfos
    .flatMap((keyInfo) => childrenNamed(keyInfo, 'X509Data', namespaces.ds))
    .flatMap((holder) => childrenNamed(holder, 'X509Certificate', namespaces.ds));
  const [certificate, second] = certificates;
  if (second !== undefined)
    mistaken(second, 'is the second certificate of one KeyDescriptor; leave only the one that holds the key');
  const key =
    certificate === undefined
      ? keyInfos.flatMap((keyInfo) => childrenNamed(keyInfo, 'KeyValue', namespaces.ds)).map(readKeyValue)[0]
      : readCertificate(certificate);
  return usableKeyTypes.has(key?.asymmetricKeyType) ? key : undefined;
};

const readSigningKeys = (role: XmlElement): readonly KeyObject[] =>
  childrenNamed(role, 'KeyDescriptor')
    .filter((descriptor) => {
      const use = descriptor.attributes.get('use');
      if (use !== undefined && use !== 'signing' && use !== 'encryption')
        mistaken(descriptor, 'has a use other than signing or encryption');
      // saml-metadata §2.4.1.1: without use it serves both.
      return use !== 'encryption';
    })
    .flatMap((descriptor) => readKey(descriptor) ?? []);

const readIndex = (element: XmlElement): number => {
  const value = requireAttribute(element, 'index').trim();
  const index = /^\d{1,5}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
  return index <= 65_535 ? index : mistaken(element, `has index="${value.slice(0, 64)}", which is no number from 0 to 65535`);
};

const readLocation = (element: XmlElement): string => {
  const location = requireAttribute(element, 'Location');
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const plain = /^[\x21-\x7e]+$/.test(location) && !/["'<>\\]/.test(location) && url?.username === '' && url.password === '';
  if (!plain || location.length > longestUri || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return mistaken(element, 'has a Location that is no plain https URL');
  }
  return location;
};

/** The endpoints, of which exactly one over HTTP-POST is marked as the default. */
const readAssertionConsumerServices = (role: XmlElement): readonly AssertionConsumerService[] => {
  const indexes = new Set<number>();
  const services = childrenNamed(role, 'AssertionConsumerService').map((element) => {
    const index = readIndex(element);
    if (indexes.has(index)) mistaken(element, `repeats index="${index}"`);
    indexes.add(index);
    const binding = requireAttribute(element, 'Binding').trim();
    return { index, binding, location: readLocation(element), asked: readBoolean(element, 'isDefault') };
  });
  const usable = services.filter(({ binding }) => binding === bindings.httpPost);
  // saml-metadata §2.2.3: the first that says so, else the first that does not deny it, else the first.
  const byDefault = usable.find(({ asked }) => asked) ?? usable.find(({ asked }) => asked === undefined) ?? usable[0];
  if (byDefault === undefined) return mistaken(role, 'has no AssertionConsumerService over HTTP-POST');
  return services.map((service) => ({
    index: service.index,
    binding: service.binding,
    location: service.location,
    isDefault: service === byDefault,
  }));
};

const parse = (xml: string): XmlElement => {
  try {
    return parseXml(xml.startsWith('\uFEFF') ? xml.slice(1) : xml, { limits, lenient: true });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const { line, why } = cause.detail;
    const what = typeof why === 'string' ? `this is not usable XML: ${why}.` : 'the metadata is too large.';
    throw new MetadataMistake(what, typeof line === 'number' ? line : undefined);
  }
};

const findRole = (entity: XmlElement): XmlElement => {
  const roles = childrenNamed(entity, 'SPSSODescriptor').filter((role) =>
    requireAttribute(role, 'protocolSupportEnumeration')
      .split(/[ \t\r\n]+/)
      .includes(namespaces.protocol),
  );
  const [role, second] = roles;
  if (second !== undefined) mistaken(second, 'is the second of its kind for SAML 2.0; leave only one');
  return role ?? mistaken(entity, 'has no SPSSODescriptor for SAML 2.0, so this is no service provider’s metadata');
};

/**
 * The service provider of an md:EntityDescriptor; `now` in milliseconds since the epoch. A signature on the metadata is not
 * looked at: who may place the file may say what is in it.
 * @throws MetadataMistake
 */
export const readServiceProviderMetadata = (xml: string, now: number): ServiceProvider => {
  const entity = parse(xml);
  if (entity.localName !== 'EntityDescriptor' || entity.namespace !== namespaces.metadata) {
    mistaken(entity, 'stands where an md:EntityDescriptor belongs');
  }
  const entityID = requireAttribute(entity, 'entityID');
  if (entityID === '' || entityID.length > longestUri)
    mistaken(entity, `has an entityID that is empty or longer than ${longestUri} characters`);
  requireValid(entity, now);
  const role = findRole(entity);
  requireValid(role, now);
  const signingKeys = readSigningKeys(role);
  const authnRequestsSigned = readBoolean(role, 'AuthnRequestsSigned') ?? false;
  if (authnRequestsSigned && signingKeys.length === 0) {
    mistaken(role, 'says AuthnRequestsSigned="true", yet has no RSA or ECDSA key to verify requests with');
  }
  return {
    ...unsaid,
    entityID,
    assertionConsumerServices: readAssertionConsumerServices(role),
    signingKeys,
    authnRequestsSigned,
    wantAssertionsSigned: readBoolean(role, 'WantAssertionsSigned') ?? false,
    nameIDFormats: childrenNamed(role, 'NameIDFormat').map(({ text }) => text.trim()),
  };
};

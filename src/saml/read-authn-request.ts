/** Reads a samlp:AuthnRequest (saml-core §3.4.1) as its schema has it; whether it may be believed is decided elsewhere. */
import { Refusal } from '../refusal.ts';
import type { NameIDPolicy, RequestedAuthnContext, SubjectNameID } from './authn-request.ts';
import { parseDateTime } from './date-time.ts';
import { nameIDFormats, namespaces } from './names.ts';
import { isBlank, isNcName } from './xml-characters.ts';
import type { XmlElement } from './xml.ts';

/** What the message says, word for word. */
export interface AuthnRequestContent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  readonly destination: string | undefined;
  readonly issuer: string;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly protocolBinding: string | undefined;
  readonly assertionConsumerServiceURL: string | undefined;
  readonly assertionConsumerServiceIndex: number | undefined;
  readonly nameIDPolicy: NameIDPolicy | undefined;
  readonly requestedAuthnContext: RequestedAuthnContext | undefined;
  readonly subject: SubjectNameID | 'unreadable' | undefined;
}

const longestValue = 1024;
const mostContexts = 64;

const { assertion, protocol } = namespaces;

/** The children of AuthnRequest in the order of its schema, each at most once. */
const sequence = [
  `${assertion} Issuer`,
  `${namespaces.ds} Signature`,
  `${protocol} Extensions`,
  `${assertion} Subject`,
  `${protocol} NameIDPolicy`,
  `${assertion} Conditions`,
  `${protocol} RequestedAuthnContext`,
  `${protocol} Scoping`,
];

const invalid = (element: XmlElement, why: string): never => {
  throw new Refusal('request-invalid', { line: element.line, element: element.localName.slice(0, 64), why });
};

const is = (element: XmlElement | undefined, namespace: string, localName: string): boolean =>
  element?.localName === localName && element.namespace === namespace;

const readString = (element: XmlElement, attribute: string): string | undefined => {
  const value = element.attributes.get(attribute);
  return value !== undefined && value.length > longestValue ? invalid(element, `${attribute} is too long`) : value;
};

const readBoolean = (element: XmlElement, attribute: string): boolean => {
  const value = element.attributes.get(attribute);
  if (value === undefined || value === 'false' || value === '0') return false;
  return value === 'true' || value === '1' || invalid(element, `${attribute} is no xs:boolean`);
};

const readText = (element: XmlElement): string => {
  if (element.children.length > 0) invalid(element, 'elements where text belongs');
  return element.text === '' || element.text.length > longestValue ? invalid(element, 'empty or too long') : element.text;
};

const requireElementsOnly = (element: XmlElement): void => {
  if (!isBlank(element.text)) invalid(element, 'text between the elements');
};

const readIndex = (root: XmlElement): number | undefined => {
  const value = root.attributes.get('AssertionConsumerServiceIndex');
  if (value === undefined) return undefined;
  const index = /^\d{1,5}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
  return index <= 65_535 ? index : invalid(root, 'AssertionConsumerServiceIndex is no xs:unsignedShort');
};

const readChildren = (root: XmlElement): ReadonlyMap<string, XmlElement> => {
  requireElementsOnly(root);
  const found = new Map<string, XmlElement>();
  let position = -1;
  for (const child of root.children) {
    const name = `${child.namespace} ${child.localName}`;
    const next = sequence.indexOf(name);
    if (next <= position) invalid(child, 'unknown, repeated or out of order');
    position = next;
    found.set(child.localName, child);
  }
  return found;
};

/**
 * The entity ID in the Issuer (saml-profiles §4.1.4.1: never absent), exactly as written.
 * @throws Refusal request-invalid
 */
export const readIssuer = (root: XmlElement): string => {
  const issuer = root.children[0];
  if (issuer === undefined || !is(issuer, assertion, 'Issuer')) return invalid(root, 'its first element is not the Issuer');
  const format = issuer.attributes.get('Format');
  if (format !== undefined && format !== nameIDFormats.entity) invalid(issuer, 'its Format is not that of an entity');
  // saml-core §8.3.6
  if (['NameQualifier', 'SPNameQualifier', 'SPProvidedID'].some((attribute) => issuer.attributes.has(attribute))) {
    invalid(issuer, 'an entity has no qualifier');
  }
  return readText(issuer);
};

const readNameIDPolicy = (element: XmlElement): NameIDPolicy => {
  requireElementsOnly(element);
  if (element.children.length > 0) invalid(element, 'it has no content');
  return {
    format: readString(element, 'Format'),
    spNameQualifier: readString(element, 'SPNameQualifier'),
    allowCreate: readBoolean(element, 'AllowCreate'),
  };
};

const readRequestedAuthnContext = (element: XmlElement): RequestedAuthnContext => {
  requireElementsOnly(element);
  const comparison = element.attributes.get('Comparison') ?? 'exact';
  if (comparison !== 'exact' && comparison !== 'minimum' && comparison !== 'maximum' && comparison !== 'better') {
    return invalid(element, 'its Comparison');
  }
  const name = element.children[0]?.localName;
  const known = name === 'AuthnContextClassRef' || name === 'AuthnContextDeclRef';
  if (!known || !element.children.every((child) => is(child, assertion, name)) || element.children.length > mostContexts) {
    return invalid(element, 'its content');
  }
  // xs:anyURI: white space around it is no part of it.
  const references = element.children.map((child) => readText(child).trim());
  return {
    comparison,
    authnContextClassRefs: name === 'AuthnContextClassRef' ? references : [],
    authnContextDeclRefs: name === 'AuthnContextDeclRef' ? references : [],
  };
};

const readSubject = (element: XmlElement): SubjectNameID | 'unreadable' => {
  requireElementsOnly(element);
  const [nameID, ...others] = element.children;
  // saml-profiles §4.1.4.1 has no SubjectConfirmation here; SPProvidedID names somebody by a name that we do not keep.
  if (nameID === undefined || others.length > 0 || !is(nameID, assertion, 'NameID') || nameID.attributes.has('SPProvidedID')) {
    return 'unreadable';
  }
  return {
    value: readText(nameID),
    format: readString(nameID, 'Format'),
    nameQualifier: readString(nameID, 'NameQualifier'),
    spNameQualifier: readString(nameID, 'SPNameQualifier'),
  };
};

/** @throws Refusal request-not-authn-request */
export const requireAuthnRequest = (root: XmlElement): void => {
  if (!is(root, protocol, 'AuthnRequest')) {
    throw new Refusal('request-not-authn-request', { root: root.localName.slice(0, 64) });
  }
};

/**
 * Extensions are let through unread, as are attributes that the schema does not know.
 * @throws Refusal request-not-authn-request, request-version or request-invalid
 */
export const readAuthnRequest = (root: XmlElement): AuthnRequestContent => {
  requireAuthnRequest(root);
  const version = readString(root, 'Version') ?? invalid(root, 'no Version');
  if (version !== '2.0') throw new Refusal('request-version', { version: version.slice(0, 64) });
  const children = readChildren(root);
  const id = readString(root, 'ID') ?? '';
  if (!isNcName(id)) invalid(root, 'its ID is missing or no NCName');
  const nameIDPolicy = children.get('NameIDPolicy');
  const requestedAuthnContext = children.get('RequestedAuthnContext');
  const subject = children.get('Subject');
  return {
    id,
    issueInstant: parseDateTime(root.attributes.get('IssueInstant') ?? '') ?? invalid(root, 'IssueInstant is no instant in UTC'),
    destination: readString(root, 'Destination'),
    issuer: readIssuer(root),
    forceAuthn: readBoolean(root, 'ForceAuthn'),
    isPassive: readBoolean(root, 'IsPassive'),
    protocolBinding: readString(root, 'ProtocolBinding'),
    assertionConsumerServiceURL: readString(root, 'AssertionConsumerServiceURL'),
    assertionConsumerServiceIndex: readIndex(root),
    nameIDPolicy: nameIDPolicy && readNameIDPolicy(nameIDPolicy),
    requestedAuthnContext: requestedAuthnContext && readRequestedAuthnContext(requestedAuthnContext),
    subject: subject && readSubject(subject),
  };
};

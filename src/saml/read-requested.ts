/** Reads what an AuthnRequest asks of its answer (saml-core §3.4.1): by which name, about whom, how proven, by whom. */
import type { NameIDPolicy, RequestedAuthnContext, RequestedSubject, Scoping } from './authn-request.ts';
import type { NameID } from './name-id.ts';
import { nameIDFormats, namespaces } from './names.ts';
import { invalid, is, readBoolean, readCount, readString, readText, readUri, requireElementsOnly } from './read-element.ts';
import type { XmlElement } from './xml.ts';

const mostContexts = 64;
const mostProviders = 256;

const { assertion, protocol } = namespaces;

/** @throws Refusal request-invalid */
export const readNameIDPolicy = (element: XmlElement): NameIDPolicy => {
  requireElementsOnly(element);
  if (element.children.length > 0) invalid(element, 'it has no content');
  return {
    format: readString(element, 'Format'),
    spNameQualifier: readString(element, 'SPNameQualifier'),
    allowCreate: readBoolean(element, 'AllowCreate'),
  };
};

/** @throws Refusal request-invalid */
export const readRequestedAuthnContext = (element: XmlElement): RequestedAuthnContext => {
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
  const references = element.children.map(readUri);
  return {
    comparison,
    authnContextClassRefs: name === 'AuthnContextClassRef' ? references : [],
    authnContextDeclRefs: name === 'AuthnContextDeclRef' ? references : [],
  };
};

/** Whom a NameID names; undefined where nobody here answers to such a name. @throws Refusal request-invalid */
export const readNameID = (element: XmlElement): NameID | undefined => {
  const nameID = {
    value: readText(element),
    format: readString(element, 'Format'),
    nameQualifier: readString(element, 'NameQualifier'),
    spNameQualifier: readString(element, 'SPNameQualifier'),
  };
  // A name of the service provider's own making was never told to us; a transient one was new each time (saml-core §8.3.8).
  return nameID.format === nameIDFormats.transient || element.attributes.has('SPProvidedID') ? undefined : nameID;
};

/** @throws Refusal request-invalid */
export const readSubject = (element: XmlElement): RequestedSubject => {
  requireElementsOnly(element);
  const [identifier, ...others] = element.children;
  if (identifier === undefined) return invalid(element, 'it has no content');
  // saml-profiles §4.1.4.1: none, since who presents the assertion is settled by the profile.
  const confirmation = element.children.find((child) => is(child, assertion, 'SubjectConfirmation'));
  if (confirmation !== undefined) invalid(confirmation, 'the profile has none in a request');
  if (others.length > 0) invalid(element, 'more than one identifier');
  if (is(identifier, assertion, 'EncryptedID')) return { encryptedID: identifier };
  if (is(identifier, assertion, 'BaseID')) return 'nobody';
  if (!is(identifier, assertion, 'NameID')) return invalid(identifier, 'it is no identifier');
  const nameID = readNameID(identifier);
  return nameID === undefined ? 'nobody' : { nameID };
};

/** What a GetComplete would add is not fetched: its address is a stranger’s choice. */
const readIDPList = (list: XmlElement): readonly string[] => {
  requireElementsOnly(list);
  const entries = list.children.filter((child) => is(child, protocol, 'IDPEntry'));
  const rest = list.children.slice(entries.length);
  const complete = rest.length === 0 || (rest.length === 1 && is(rest[0], protocol, 'GetComplete'));
  if (entries.length === 0 || entries.length > mostProviders || !complete) return invalid(list, 'its content');
  return entries.map((entry) => readString(entry, 'ProviderID') ?? invalid(entry, 'no ProviderID'));
};

/** @throws Refusal request-invalid */
export const readScoping = (element: XmlElement): Scoping => {
  requireElementsOnly(element);
  readCount(element, 'ProxyCount');
  const [first] = element.children;
  const list = is(first, protocol, 'IDPList') ? first : undefined;
  const requesters = list === undefined ? element.children : element.children.slice(1);
  if (!requesters.every((child) => is(child, protocol, 'RequesterID')) || requesters.length > mostProviders) {
    invalid(element, 'its content');
  }
  return { idpList: list && readIDPList(list) };
};

/** What a Response and its Assertion say (saml-core §2.3, §3.2.2), read from a tree whose signature was verified. */
import { parseDateTime } from './date-time.ts';
import { namespaces } from './names.ts';
import type { XmlElement } from './xml.ts';

export interface ReadResponse {
  readonly id: string;
  readonly issuer: string;
  readonly version: string | undefined;
  readonly destination: string | undefined;
  readonly inResponseTo: string | undefined;
  /** Milliseconds since the epoch, as all times here; undefined where absent or malformed. */
  readonly issueInstant: number | undefined;
  /** The top-level code, then the nested ones. */
  readonly statusCodes: readonly string[];
  readonly statusMessage: string | undefined;
}

export interface ReadSubjectConfirmation {
  readonly method: string;
  readonly recipient: string | undefined;
  readonly inResponseTo: string | undefined;
  readonly notBefore: string | undefined;
  readonly notOnOrAfter: number | undefined;
}

export interface ReadAuthnStatement {
  readonly authnInstant: number | undefined;
  readonly sessionIndex: string | undefined;
  /** Undefined where absent, NaN where malformed. */
  readonly sessionNotOnOrAfter: number | undefined;
  readonly authnContextClassRef: string | undefined;
}

export interface ReadAttribute {
  readonly name: string;
  readonly nameFormat: string | undefined;
  readonly values: readonly string[];
}

export interface ReadAssertion {
  readonly id: string;
  readonly issuer: string;
  readonly version: string | undefined;
  readonly issueInstant: number | undefined;
  readonly nameID: { readonly value: string; readonly format: string | undefined } | undefined;
  readonly subjectConfirmations: readonly ReadSubjectConfirmation[];
  readonly notBefore: number | undefined;
  readonly notOnOrAfter: number | undefined;
  /** One list of audiences for each AudienceRestriction. */
  readonly audiences: readonly (readonly string[])[];
  readonly authnStatements: readonly ReadAuthnStatement[];
  readonly attributes: readonly ReadAttribute[];
  /** Bytes of all AttributeStatements, as they stand in the canonical form. */
  readonly attributeBytes: number;
}

function all(parent: XmlElement | undefined, localName: string, namespace: string = namespaces.assertion): readonly XmlElement[] {
  return parent?.children.filter((child) => child.namespace === namespace && child.localName === localName) ?? [];
}

const first = (...parameters: Parameters<typeof all>): XmlElement | undefined => all(...parameters)[0];

function time(element: XmlElement | undefined, attribute: string): number | undefined {
  const text = element?.attributes.get(attribute);
  return text === undefined ? undefined : parseDateTime(text);
}

export function readResponse(response: XmlElement): ReadResponse {
  const codes: string[] = [];
  const status = first(response, 'Status', namespaces.protocol);
  for (let code = first(status, 'StatusCode', namespaces.protocol); code !== undefined;) {
    codes.push(code.attributes.get('Value') ?? '');
    code = first(code, 'StatusCode', namespaces.protocol);
  }
  return {
    id: response.attributes.get('ID') ?? '',
    issuer: first(response, 'Issuer')?.text ?? '',
    version: response.attributes.get('Version'),
    destination: response.attributes.get('Destination'),
    inResponseTo: response.attributes.get('InResponseTo'),
    issueInstant: time(response, 'IssueInstant'),
    statusCodes: codes,
    statusMessage: first(status, 'StatusMessage', namespaces.protocol)?.text,
  };
}

function readSubjectConfirmation(confirmation: XmlElement): ReadSubjectConfirmation {
  const given = first(confirmation, 'SubjectConfirmationData');
  return {
    method: confirmation.attributes.get('Method') ?? '',
    recipient: given?.attributes.get('Recipient'),
    inResponseTo: given?.attributes.get('InResponseTo'),
    notBefore: given?.attributes.get('NotBefore'),
    notOnOrAfter: time(given, 'NotOnOrAfter'),
  };
}

function readAuthnStatement(statement: XmlElement): ReadAuthnStatement {
  const until = statement.attributes.has('SessionNotOnOrAfter');
  return {
    authnInstant: time(statement, 'AuthnInstant'),
    sessionIndex: statement.attributes.get('SessionIndex'),
    sessionNotOnOrAfter: until ? (time(statement, 'SessionNotOnOrAfter') ?? Number.NaN) : undefined,
    authnContextClassRef: first(first(statement, 'AuthnContext'), 'AuthnContextClassRef')?.text,
  };
}

function readAttribute(attribute: XmlElement): ReadAttribute {
  return {
    name: attribute.attributes.get('Name') ?? '',
    nameFormat: attribute.attributes.get('NameFormat'),
    values: all(attribute, 'AttributeValue').map((value) => value.text),
  };
}

/** `canonical` is the text that `assertion` was parsed from. */
export function readAssertion(assertion: XmlElement, canonical: string): ReadAssertion {
  const subject = first(assertion, 'Subject');
  const nameID = first(subject, 'NameID');
  const conditions = first(assertion, 'Conditions');
  const statements = all(assertion, 'AttributeStatement');
  return {
    id: assertion.attributes.get('ID') ?? '',
    issuer: first(assertion, 'Issuer')?.text ?? '',
    version: assertion.attributes.get('Version'),
    issueInstant: time(assertion, 'IssueInstant'),
    nameID: nameID === undefined ? undefined : { value: nameID.text, format: nameID.attributes.get('Format') },
    subjectConfirmations: all(subject, 'SubjectConfirmation').map(readSubjectConfirmation),
    notBefore: time(conditions, 'NotBefore'),
    notOnOrAfter: time(conditions, 'NotOnOrAfter'),
    audiences: all(conditions, 'AudienceRestriction').map((restriction) => all(restriction, 'Audience').map(({ text }) => text)),
    authnStatements: all(assertion, 'AuthnStatement').map(readAuthnStatement),
    attributes: statements.flatMap((statement) => all(statement, 'Attribute')).map(readAttribute),
    attributeBytes: statements.reduce((sum, { start, end }) => sum + Buffer.byteLength(canonical.slice(start, end)), 0),
  };
}

/** Builds Responses (saml-core §3.2.2, saml-profiles §4.1.4.2) straight in exclusive canonical form, escaped by construction. */
import type { StatusCode } from '../refusal.ts';
import type { Encryption } from './encrypt.ts';
import { type ProxyRestriction, writeRestrictions } from './conditions.ts';
import { escapeAttribute, escapeText, protectLineEnds } from './escape.ts';
import { confirmationBearer, namespaces, statusPrefix } from './names.ts';
import { writeNameID, type NameID } from './name-id.ts';
import { sign, type Signer } from './signer.ts';

export interface Attribute {
  readonly name: string;
  readonly nameFormat: string;
  readonly friendlyName?: string;
  readonly values: readonly string[];
}

/** What every Response says. Identifiers are NCNames; times are milliseconds since the epoch. */
interface ResponseFrame {
  readonly id: string;
  readonly issuer: string;
  readonly issueInstant: number;
  /** The AssertionConsumerService that it goes to. */
  readonly destination: string;
  readonly inResponseTo: string | undefined;
}

export interface Success extends ResponseFrame {
  readonly assertionID: string;
  readonly audience: string;
  /** Undefined: the assertion says that somebody signed in, and not who (saml-core §2.4.1). */
  readonly nameID: NameID | undefined;
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  readonly oneTimeUse?: boolean;
  readonly proxyRestriction?: ProxyRestriction | undefined;
  readonly authnInstant: number;
  readonly authnContextClassRef: string;
  readonly sessionIndex: string;
  readonly sessionNotOnOrAfter: number;
  /** A saml:Advice in exclusive canonical form, for the inside of the assertion; empty for none. */
  readonly advice?: string;
  readonly attributes: readonly Attribute[];
  readonly sign: { readonly response: boolean; readonly assertion: boolean };
}

export interface Failure extends ResponseFrame {
  readonly status: readonly [StatusCode, StatusCode?];
  /** For the administrator on the other side: no personal data. */
  readonly message: string;
}

const dateTime = (instant: number): string => new Date(instant).toISOString();

const issuer = (value: string): string =>
  `<saml:Issuer xmlns:saml="${namespaces.assertion}">${escapeText(value, 'Issuer')}</saml:Issuer>`;

function responseStart(frame: ResponseFrame): string {
  const inResponseTo =
    frame.inResponseTo === undefined ? '' : ` InResponseTo="${escapeAttribute(frame.inResponseTo, 'InResponseTo')}"`;
  return (
    `<samlp:Response xmlns:samlp="${namespaces.protocol}" Destination="${escapeAttribute(frame.destination, 'Destination')}"` +
    ` ID="${frame.id}"${inResponseTo} IssueInstant="${dateTime(frame.issueInstant)}" Version="2.0">${issuer(frame.issuer)}`
  );
}

function attributeStatement(attributes: readonly Attribute[]): string {
  if (attributes.length === 0) return '';
  let text = '<saml:AttributeStatement>';
  for (const attribute of attributes) {
    const { friendlyName } = attribute;
    const friendly = friendlyName === undefined ? '' : ` FriendlyName="${escapeAttribute(friendlyName, attribute.name)}"`;
    text += `<saml:Attribute${friendly} Name="${escapeAttribute(attribute.name, 'Attribute')}" NameFormat="${escapeAttribute(attribute.nameFormat, attribute.name)}">`;
    for (const value of attribute.values) {
      text += `<saml:AttributeValue>${escapeText(value, attribute.name)}</saml:AttributeValue>`;
    }
    text += '</saml:Attribute>';
  }
  return `${text}</saml:AttributeStatement>`;
}

/** The assertion around its signature's place: after its Issuer (saml-core §5.4.1). */
function assertionParts(success: Success, encryption: Encryption | undefined): [before: string, after: string] {
  const { nameID } = success;
  const who =
    encryption?.nameID === true && nameID !== undefined ? encryption.encryptNameID(nameID) : nameID && writeNameID(nameID);
  const notOnOrAfter = dateTime(success.notOnOrAfter);
  const inResponseTo =
    success.inResponseTo === undefined ? '' : ` InResponseTo="${escapeAttribute(success.inResponseTo, 'InResponseTo')}"`;
  const before =
    `<saml:Assertion xmlns:saml="${namespaces.assertion}" ID="${success.assertionID}"` +
    ` IssueInstant="${dateTime(success.issueInstant)}" Version="2.0"><saml:Issuer>${escapeText(success.issuer, 'Issuer')}</saml:Issuer>`;
  const after =
    `<saml:Subject>${who ?? ''}` +
    `<saml:SubjectConfirmation Method="${confirmationBearer}"><saml:SubjectConfirmationData${inResponseTo}` +
    ` NotOnOrAfter="${notOnOrAfter}" Recipient="${escapeAttribute(success.destination, 'Recipient')}"></saml:SubjectConfirmationData>` +
    `</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${dateTime(success.notBefore)}" NotOnOrAfter="${notOnOrAfter}">` +
    `<saml:AudienceRestriction><saml:Audience>${escapeText(success.audience, 'Audience')}</saml:Audience></saml:AudienceRestriction>${writeRestrictions(success)}</saml:Conditions>${success.advice ?? ''}` +
    `<saml:AuthnStatement AuthnInstant="${dateTime(success.authnInstant)}" SessionIndex="${success.sessionIndex}"` +
    ` SessionNotOnOrAfter="${dateTime(success.sessionNotOnOrAfter)}"><saml:AuthnContext><saml:AuthnContextClassRef>` +
    `${escapeText(success.authnContextClassRef, 'AuthnContextClassRef')}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>` +
    `${attributeStatement(success.attributes)}</saml:Assertion>`;
  return [before, after];
}

/**
 * A Response with one assertion about the person, signed as `success.sign` says; at least one of the two must be signed. Where
 * `encryption` says so, the assertion is encrypted once it is signed, and the Response signed once that is done.
 * @returns the XML document
 * @throws Refusal attribute-character-forbidden
 */
export async function buildSuccess(success: Success, signer: Signer, encryption?: Encryption): Promise<string> {
  if (!success.sign.response && !success.sign.assertion) throw new Error('a Response needs a signature');
  const [before, after] = assertionParts(success, encryption);
  const plain = success.sign.assertion ? await sign(before, after, success.assertionID, signer) : before + after;
  const assertion = encryption?.assertion === true ? encryption.encryptAssertion(plain) : plain;
  const start = responseStart(success);
  const end =
    `<samlp:Status><samlp:StatusCode Value="${statusPrefix}Success"></samlp:StatusCode></samlp:Status>` +
    `${assertion}</samlp:Response>`;
  return protectLineEnds(success.sign.response ? await sign(start, end, success.id, signer) : start + end);
}

/**
 * A signed Response that says why there is no assertion (saml-core §3.2.2.2).
 * @returns the XML document
 */
export async function buildFailure(failure: Failure, signer: Signer): Promise<string> {
  const [first, second] = failure.status;
  const inner = second === undefined ? '' : `<samlp:StatusCode Value="${statusPrefix}${second}"></samlp:StatusCode>`;
  const end =
    `<samlp:Status><samlp:StatusCode Value="${statusPrefix}${first}">${inner}</samlp:StatusCode>` +
    `<samlp:StatusMessage>${escapeText(failure.message, 'StatusMessage')}</samlp:StatusMessage></samlp:Status></samlp:Response>`;
  return sign(responseStart(failure), end, failure.id, signer);
}

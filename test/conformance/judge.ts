/** A service provider that believes nothing: every rule for Responses that saml-core and saml-profiles §4.1.4 give it to check. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { responseOf } from '../fixtures/visitor.ts';
import { decrypt, type EncryptionFacts } from './decrypt.ts';
import { all, attribute, instant, isXmlId, maybe, one, parse } from './dom.ts';
import type { Outcome } from './exchange.ts';
import { judgeNameID, type GivenNameID } from './judge-name-id.ts';
import { assertValid } from './schema.ts';
import { judgeSignature, type SignatureFacts } from './signatures.ts';

import type { Stage } from './stage.ts';

const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
const entityFormat = 'urn:oasis:names:tc:SAML:2.0:nameid-format:entity';
const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:';
/** Milliseconds that a test may take between the message and its judgement. */
const patience = 60_000;

export interface GivenAttribute {
  readonly name: string;
  readonly nameFormat: string | undefined;
  readonly values: readonly string[];
}

export interface Answer {
  readonly xml: string;
  readonly response: Element;
  readonly assertion: Element;
  readonly nameID: GivenNameID | undefined;
  readonly attributes: readonly GivenAttribute[];
  readonly sessionIndex: string;
  readonly classRef: string;
  readonly authnInstant: number;
  readonly signatures: { readonly response: SignatureFacts | undefined; readonly assertion: SignatureFacts | undefined };
  readonly encryption: EncryptionFacts | undefined;
}

export interface Expected {
  /** The endpoint, where it is not the default one. */
  readonly acs?: string;
  /** Nobody asked: there is nothing to answer to. */
  readonly unsolicited?: boolean;
  /** What decrypts, where it is not the service provider’s own key. */
  readonly privateKey?: string;
}

function judgeIssuer(element: Element, { provider }: Stage): void {
  const issuer = one('saml:Issuer', element);
  assert.equal(issuer.textContent, provider.entityID);
  assert.ok([undefined, entityFormat].includes(attribute(issuer, 'Format')), 'saml-profiles §4.1.4.2: Format of the Issuer');
}

function judgeFrame(element: Element, stage: Stage): void {
  assert.equal(attribute(element, 'Version'), '2.0');
  const issueInstant = instant(element, 'IssueInstant') ?? assert.fail('no IssueInstant');
  assert.ok(Math.abs(issueInstant - stage.house.now()) < patience, 'IssueInstant is not now');
  judgeIssuer(element, stage);
}

/** The message that a page posts, once the page is what saml-bindings §3.5 makes of it. */
function unpack(partner: ForeignServiceProvider, outcome: Outcome, { acs = partner.acs }: Expected): string {
  const { location, raw, relayState } = responseOf(outcome.page);
  assert.equal(location, acs, 'posted elsewhere');
  assert.equal(relayState, outcome.relayState, 'RelayState');
  assert.match(outcome.page.body, /<form[^>]* method="post"/i);
  assert.match(raw, /^[A-Za-z0-9+/]+={0,2}$/, 'saml-bindings §3.5.4: base64');
  const bytes = Buffer.from(raw, 'base64');
  const xml = bytes.toString();
  assert.ok(Buffer.from(xml).equals(bytes), 'not UTF-8');
  return xml;
}

/** What every Response must be, whatever it says and by whatever binding it came. */
function judgeResponse(stage: Stage, xml: string, acs: string, inResponseTo: string | undefined) {
  assert.doesNotMatch(xml, /<[!?](?!\?xml )/, 'a DTD, comment, CDATA section or processing instruction');
  assertValid(xml);
  const response = parse(xml);
  assert.equal(response.localName, 'Response');
  judgeFrame(response, stage);
  assert.equal(attribute(response, 'Destination'), acs);
  assert.equal(attribute(response, 'InResponseTo'), inResponseTo);
  const ids = all('//*[@ID]', response).map((element) => attribute(element, 'ID') ?? '');
  assert.equal(new Set(ids).size, ids.length, 'an ID occurs twice');
  for (const id of ids) assert.ok(isXmlId(id), id);
  const signature = judgeSignature(xml, response, stage.provider.certificates);
  const codes = all('samlp:Status//samlp:StatusCode', response).map((code) => attribute(code, 'Value') ?? '');
  return { response, signature, codes };
}

function judgeSubject(stage: Stage, assertion: Element, acs: string, inResponseTo: string | undefined): void {
  const now = stage.house.now();
  const data = one(`saml:Subject/saml:SubjectConfirmation[@Method="${bearer}"]/saml:SubjectConfirmationData`, assertion);
  assert.equal(attribute(data, 'Recipient'), acs);
  assert.equal(attribute(data, 'InResponseTo'), inResponseTo);
  assert.equal(attribute(data, 'NotBefore'), undefined, 'saml-profiles §4.1.4.2');
  const end = instant(data, 'NotOnOrAfter') ?? assert.fail('no NotOnOrAfter');
  assert.ok(end > now && end <= now + 600_000, 'the bearer may come too late');
}

function judgeConditions(stage: Stage, partner: ForeignServiceProvider, assertion: Element): void {
  const now = stage.house.now();
  const conditions = one('saml:Conditions', assertion);
  const [start, end] = [instant(conditions, 'NotBefore'), instant(conditions, 'NotOnOrAfter')];
  assert.ok(start === undefined || start <= now);
  assert.ok(end === undefined || end > now);
  const audiences = all('saml:AudienceRestriction', conditions).map((each) =>
    all('saml:Audience', each).map((a) => a.textContent),
  );
  // saml-core §2.5.1.4: each restriction must be met by itself.
  assert.ok(audiences.length > 0 && audiences.every((each) => each.includes(partner.entityID)), 'Audience');
}

function judgeStatement(stage: Stage, assertion: Element): Pick<Answer, 'sessionIndex' | 'classRef' | 'authnInstant'> {
  const statement = one('saml:AuthnStatement', assertion);
  const authnInstant = instant(statement, 'AuthnInstant') ?? assert.fail('no AuthnInstant');
  assert.ok(authnInstant <= stage.house.now() + 1000);
  const sessionEnd = instant(statement, 'SessionNotOnOrAfter');
  assert.ok(sessionEnd === undefined || sessionEnd > stage.house.now());
  const sessionIndex = attribute(statement, 'SessionIndex') ?? '';
  assert.notEqual(sessionIndex, '', 'saml-profiles §4.1.4.2: single logout needs a SessionIndex');
  const classRef = one('saml:AuthnContext/saml:AuthnContextClassRef', statement).textContent;
  return { sessionIndex, classRef, authnInstant };
}

/** A Response about somebody, for this service provider, now, in answer to that request; by whatever binding it came. */
export function judgeMessage(
  stage: Stage,
  partner: ForeignServiceProvider,
  xml: string,
  inResponseTo: string | undefined,
  { acs = partner.acs, privateKey = partner.credential.privateKey }: Expected = {},
): Answer {
  const { response, signature, codes } = judgeResponse(stage, xml, acs, inResponseTo);
  assert.deepEqual(codes, [`${statusPrefix}Success`], xml);
  const encrypted = maybe('saml:EncryptedAssertion', response);
  const opened = encrypted && decrypt(encrypted, privateKey);
  if (opened !== undefined) assert.equal(all('saml:Assertion', response).length, 0, 'an assertion beside the encrypted one');
  const assertion = opened?.element ?? one('saml:Assertion', response);
  judgeFrame(assertion, stage);
  const assertionSignature = judgeSignature(opened?.xml ?? xml, assertion, stage.provider.certificates);
  // saml-profiles §4.1.4.5: over HTTP-POST the assertion or all around it is signed.
  assert.ok(signature !== undefined || assertionSignature !== undefined, 'nothing is signed');
  judgeSubject(stage, assertion, acs, inResponseTo);
  judgeConditions(stage, partner, assertion);
  return {
    xml,
    response,
    assertion,
    nameID: judgeNameID(assertion, stage.provider.entityID),
    attributes: all('saml:AttributeStatement/saml:Attribute', assertion).map((each) => ({
      name: attribute(each, 'Name') ?? '',
      nameFormat: attribute(each, 'NameFormat'),
      values: all('saml:AttributeValue', each).map(({ textContent }) => textContent),
    })),
    ...judgeStatement(stage, assertion),
    signatures: { response: signature, assertion: assertionSignature },
    encryption: opened?.facts,
  };
}

/** A page that posts such a Response to where it belongs. */
export function judge(stage: Stage, partner: ForeignServiceProvider, outcome: Outcome, expected: Expected = {}): Answer {
  const xml = unpack(partner, outcome, expected);
  return judgeMessage(stage, partner, xml, expected.unsolicited === true ? undefined : outcome.id, expected);
}

/**
 * A signed Response without an assertion, whose status is that: the second-level code, below any fitting first-level one, or all of
 * them, outermost first; each without its prefix.
 */
export function judgeFailureMessage(
  stage: Stage,
  xml: string,
  inResponseTo: string | undefined,
  expected: string | readonly string[],
  acs: string,
): void {
  const { response, signature, codes } = judgeResponse(stage, xml, acs, inResponseTo);
  assert.ok(signature !== undefined, 'an error that nobody signed');
  assert.equal(all('saml:Assertion | saml:EncryptedAssertion', response).length, 0);
  const [first = '', ...second] = codes.map((code) => (code.startsWith(statusPrefix) ? code.slice(statusPrefix.length) : code));
  assert.ok(['Requester', 'Responder', 'VersionMismatch'].includes(first), `saml-core §3.2.2.2: ${first} at the top`);
  assert.deepEqual(typeof expected === 'string' ? second : [first, ...second], [expected].flat(), xml);
}

/** A page that posts such an error to where it belongs. */
export function judgeFailure(
  stage: Stage,
  partner: ForeignServiceProvider,
  outcome: Outcome,
  expected: string | readonly string[],
  where: Expected = {},
): void {
  judgeFailureMessage(stage, unpack(partner, outcome, where), outcome.id, expected, where.acs ?? partner.acs);
}

/**
 * Nobody gains anything: a page of refusal, or an error that is signed and goes where the service provider registered. Where the ID of
 * the request could not be read, the error answers to none (saml-core §3.2.2).
 */
export function judgeRefusal(stage: Stage, partner: ForeignServiceProvider, outcome: Outcome, where: Expected = {}): void {
  if (outcome.page.form?.fields.SAMLResponse === undefined) {
    judgeRefusalPage(outcome);
    return;
  }
  const xml = unpack(partner, outcome, where);
  const answered = attribute(parse(xml), 'InResponseTo');
  assert.ok([undefined, outcome.id].includes(answered), `an answer to ${String(answered)}`);
  const { response, signature, codes } = judgeResponse(stage, xml, where.acs ?? partner.acs, answered);
  assert.ok(signature !== undefined, 'an error that nobody signed');
  assert.notEqual(codes[0], `${statusPrefix}Success`);
  assert.equal(all('saml:Assertion | saml:EncryptedAssertion', response).length, 0);
}

/** A page of ours with a reference: no Response, since nobody is known who may have it. */
export function judgeRefusalPage({ page }: Pick<Outcome, 'page'>): void {
  // 503 where what it would take to know them does not answer.
  assert.ok(
    (page.status >= 400 && page.status < 500) || page.status === 503,
    `${String(page.status)}: ${page.body.slice(0, 1000)}`,
  );
  assert.equal(page.form?.fields.SAMLResponse, undefined, 'a Response was sent');
  assert.ok(page.reference !== undefined, 'a page without a reference');
  assert.equal(page.headers.get('location'), null);
}

/** Judges a verified Response as strictly as Google does; every check is made, so that a page can show them all. */
import { confirmationBearer, nameIDFormats, statusPrefix, statusSuccess } from '../saml/names.ts';
import type { ReadAssertion } from '../saml/read-response.ts';
import type { VerifiedResponse } from '../saml/verify-response.ts';
import type { Party } from './parties.ts';

export type Judged =
  | 'version'
  | 'destination'
  | 'status'
  | 'issuer'
  | 'in-response-to'
  | 'relay-state'
  | 'assertion'
  | 'audience'
  | 'window'
  | 'subject-confirmation'
  | 'recipient'
  | 'authn-statement'
  | 'name-id'
  | 'person'
  | 'attributes'
  | 'assertion-id';

export interface Check<Name extends string = string> {
  readonly name: Name;
  /** What is demanded, as a sentence. */
  readonly demand: string;
  readonly passed: boolean;
  /** What was found. */
  readonly found: string;
}

export interface Expectation {
  readonly party: Party;
  /** Entity ID of the identity provider, as its metadata says. */
  readonly issuer: string;
  /** The request that InResponseTo names, where one is waiting for this party; undefined otherwise. */
  readonly pending: { readonly id: string; readonly relayState: string } | undefined;
  readonly relayState: string | undefined;
  /** Addresses of the people who are provisioned. */
  readonly people: readonly string[];
  /** Whether an assertion of this ID was taken before. */
  isUsed(assertionID: string): boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const longestWindow = 300_000;
const skew = 60_000;
const attributeBytes = 2_048;

const shown = (value: string | undefined): string =>
  value === undefined ? 'absent' : value === '' ? 'empty' : value.slice(0, 500);
const shownTime = (instant: number | undefined): string =>
  instant === undefined || Number.isNaN(instant) ? 'absent or malformed' : new Date(instant).toISOString();
const isAscii = (text: string): boolean => /^[\u0000-\u007F]*$/.test(text);

type Verdict = Check<Judged>;
const check = (name: Judged, demand: string, passed: boolean, found: string): Verdict => ({ name, demand, passed, found });

function judgeFrame({ response, assertion }: VerifiedResponse, expected: Expectation): readonly Verdict[] {
  const { party, issuer, pending, relayState } = expected;
  const confirmed = assertion?.subjectConfirmations[0]?.inResponseTo;
  const unsolicited = response.inResponseTo === undefined && (assertion === undefined || confirmed === undefined);
  const answered =
    pending !== undefined && response.inResponseTo === pending.id && (assertion === undefined || confirmed === pending.id);
  const versions = [response.version, ...(assertion === undefined ? [] : [assertion.version])];
  const issuers = [response.issuer, ...(assertion === undefined ? [] : [assertion.issuer])];
  return [
    check(
      'version',
      'Version is 2.0.',
      versions.every((version) => version === '2.0'),
      versions.map(shown).join(', '),
    ),
    check('destination', 'Destination is our ACS.', response.destination === party.acsUrl, shown(response.destination)),
    check(
      'issuer',
      'Both Issuers are the entity ID of the identity provider.',
      issuers.every((each) => each === issuer),
      issuers.map(shown).join(', '),
    ),
    check(
      'in-response-to',
      'InResponseTo names a request of ours that waits for its answer; or there is none, since the identity provider began.',
      unsolicited || answered,
      unsolicited
        ? 'none: the identity provider began'
        : `${shown(response.inResponseTo)}${answered ? '' : ' (unknown, answered before, or another’s)'}`,
    ),
    check(
      'relay-state',
      'RelayState came back byte for byte.',
      unsolicited || (pending !== undefined && relayState === pending.relayState),
      shown(relayState),
    ),
    check(
      'status',
      'Status is Success.',
      response.statusCodes.length === 1 && response.statusCodes[0] === statusSuccess,
      response.statusCodes.map((code) => code.replace(statusPrefix, '')).join(' / ') +
        (response.statusMessage === undefined ? '' : `: ${response.statusMessage}`),
    ),
    check(
      'assertion',
      'There is one Assertion.',
      assertion !== undefined,
      assertion === undefined ? 'none' : shown(assertion.id),
    ),
  ];
}

function judgeSubject(assertion: ReadAssertion, { party, people, now }: Expectation): readonly Verdict[] {
  const [confirmation, ...more] = assertion.subjectConfirmations;
  const { nameID } = assertion;
  const address = nameID?.value;
  const known = address !== undefined && people.includes(address);
  const almost = people.some((person) => person.toLowerCase() === address?.toLowerCase());
  return [
    check(
      'subject-confirmation',
      'One SubjectConfirmation, by bearer, without NotBefore, and still valid.',
      more.length === 0 &&
        confirmation?.method === confirmationBearer &&
        confirmation.notBefore === undefined &&
        confirmation.notOnOrAfter !== undefined &&
        now < confirmation.notOnOrAfter,
      `${shown(confirmation?.method)}, until ${shownTime(confirmation?.notOnOrAfter)}${more.length === 0 ? '' : ', and others'}`,
    ),
    check('recipient', 'Recipient is our ACS.', confirmation?.recipient === party.acsUrl, shown(confirmation?.recipient)),
    check('name-id', 'NameID has the format emailAddress.', nameID?.format === nameIDFormats.emailAddress, shown(nameID?.format)),
    check(
      'person',
      'The address is that of a provisioned person, letter case included.',
      known,
      `${shown(address)}${known ? '' : almost ? ' (differs in letter case)' : ' (not provisioned)'}`,
    ),
  ];
}

function judgeAssertion(assertion: ReadAssertion, expected: Expectation): readonly Verdict[] {
  const { party, now } = expected;
  const { notBefore = Number.NaN, notOnOrAfter = Number.NaN, issueInstant = Number.NaN } = assertion;
  const [statement, ...more] = assertion.authnStatements;
  const texts = assertion.attributes.flatMap(({ name, values }) => [name, ...values]);
  return [
    check(
      'audience',
      'Audience is our entity ID.',
      assertion.audiences.length > 0 && assertion.audiences.every((audiences) => audiences.includes(party.entityID)),
      shown(assertion.audiences.flat().join(', ')),
    ),
    check(
      'window',
      'Now lies between NotBefore and NotOnOrAfter, which are at most 5 minutes apart, and the Assertion was issued in between.',
      notBefore <= now &&
        now < notOnOrAfter &&
        notOnOrAfter - notBefore <= longestWindow &&
        notBefore <= issueInstant &&
        issueInstant <= now + skew,
      `${shownTime(assertion.notBefore)} to ${shownTime(assertion.notOnOrAfter)}`,
    ),
    ...judgeSubject(assertion, expected),
    check(
      'authn-statement',
      'One AuthnStatement with a SessionIndex, of an AuthnInstant that is past.',
      more.length === 0 &&
        statement?.sessionIndex !== undefined &&
        statement.sessionIndex !== '' &&
        statement.authnInstant !== undefined &&
        statement.authnInstant <= now + skew &&
        (statement.sessionNotOnOrAfter === undefined || statement.sessionNotOnOrAfter > now),
      `${shown(statement?.authnContextClassRef)}, SessionIndex ${shown(statement?.sessionIndex)}, at ${shownTime(statement?.authnInstant)}`,
    ),
    check(
      'attributes',
      party.shape === 'legacy'
        ? 'The AttributeStatement has at most 2 kB, all ASCII.'
        : 'The AttributeStatement has at most 2 kB.',
      assertion.attributeBytes <= attributeBytes && (party.shape !== 'legacy' || texts.every(isAscii)),
      `${String(assertion.attributeBytes)} bytes`,
    ),
    check(
      'assertion-id',
      'The Assertion was not taken before.',
      assertion.id !== '' && !expected.isUsed(assertion.id),
      shown(assertion.id),
    ),
  ];
}

/** All checks in the order of the page. Signatures have been verified already. */
export function judgeResponse(verified: VerifiedResponse, expected: Expectation): readonly Verdict[] {
  const frame = judgeFrame(verified, expected);
  return verified.assertion === undefined ? frame : [...frame, ...judgeAssertion(verified.assertion, expected)];
}

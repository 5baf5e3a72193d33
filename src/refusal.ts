/** The one table of refusals: every answer other than success that Passerelle means to give. */

/** Second-level and top-level status codes of saml-core §3.2.2.2, without their common prefix. */
export type StatusCode =
  | 'Requester'
  | 'Responder'
  | 'VersionMismatch'
  | 'AuthnFailed'
  | 'InvalidNameIDPolicy'
  | 'NoAuthnContext'
  | 'NoPassive'
  | 'NoSupportedIDP'
  | 'RequestDenied'
  | 'RequestUnsupported'
  | 'UnknownPrincipal'
  | 'UnsupportedBinding';

interface Row {
  /** HTTP status of the page that tells it. */
  readonly http: number;
  /** Top-level SAML status, then the second-level one where there is a fitting one. */
  readonly status: readonly [StatusCode, StatusCode?];
  /**
   * What happens once a verified request is at hand: the person may try again on the same page; or reads a page that leads
   * back with a signed Response; or the Response is posted at once, because it concerns the service provider alone.
   */
  readonly answer: 'again' | 'tell' | 'post';
  /** Key of the sentence in views/locales; reasons that must not be told apart share one. */
  readonly words: string;
  /** What an administrator should look at. */
  readonly hint: string;
}

const request = (words: string, hint: string, status: Row['status'] = ['Requester'], http = 400): Row => ({
  http,
  status,
  answer: 'post',
  words,
  hint,
});
/** saml-core §3.2.2.2 names RequestDenied for doubts about the sequence of requests. The person reads it: reloading may cause it. */
const untimely = (hint: string): Row => ({ ...request('request-stale', hint, ['Requester', 'RequestDenied']), answer: 'tell' });
const person = (words: string, hint: string, second: StatusCode = 'AuthnFailed', http = 403): Row => ({
  http,
  status: ['Responder', second],
  answer: 'tell',
  words,
  hint,
});
const again = (words: string, hint: string, http = 401): Row => ({
  http,
  status: ['Responder', 'AuthnFailed'],
  answer: 'again',
  words,
  hint,
});

const rows = {
  // The message as it came (saml-bindings §3.4, §3.5).
  'request-missing': request(
    'request-unreadable',
    'The request has no SAMLRequest parameter. Sign-in begins at the service provider, or at /saml/idp-initiated.',
  ),
  'request-parameter-repeated': request(
    'request-unreadable',
    'A parameter occurs twice. A proxy or an attacker rewrote the query.',
  ),
  'request-parameter-disguised': request(
    'request-unreadable',
    'A parameter name is percent-encoded, which no service provider does.',
  ),
  'request-parameter-malformed': request(
    'request-unreadable',
    'The query or form is not valid application/x-www-form-urlencoded UTF-8.',
  ),
  'request-too-large': request(
    'request-unreadable',
    'The message exceeds the limit, before or after inflation.',
    ['Requester'],
    413,
  ),
  'relay-state-too-large': request('request-unreadable', 'RelayState exceeds 64 KiB.', ['Requester'], 413),
  'request-not-base64': request('request-unreadable', 'SAMLRequest is not base64.'),
  'request-not-deflated': request('request-unreadable', 'SAMLRequest of the HTTP-Redirect binding is not raw DEFLATE data.'),
  'request-not-xml': request('request-unreadable', 'The message is not well-formed XML with namespaces.'),
  'request-forbidden-markup': request(
    'request-unreadable',
    'The message holds a DOCTYPE, a processing instruction, a comment or a CDATA section.',
  ),
  'request-too-complex': request('request-unreadable', 'The message nests too deeply or has too many nodes.'),
  'request-not-authn-request': request('request-unreadable', 'The root element is not samlp:AuthnRequest.', [
    'Requester',
    'RequestUnsupported',
  ]),
  'request-invalid': request(
    'request-unreadable',
    'The AuthnRequest breaks its schema: a required part is missing or a value has the wrong form.',
  ),
  'request-version': request('request-unreadable', 'Version is not 2.0.', ['VersionMismatch']),
  'request-wrong-destination': request(
    'request-unreadable',
    'Destination is not the address of this endpoint. Compare the sign-in page URL at the service provider with publicUrl.',
    ['Requester', 'RequestDenied'],
  ),
  'request-stale': untimely('IssueInstant is too old. The page was left open or bookmarked, or a clock is wrong.'),
  'request-from-future': untimely('IssueInstant lies in the future. Compare both clocks.'),
  'request-replayed': untimely('This request ID was answered before. The person reloaded or went back.'),
  'service-provider-unknown': request('service-provider-unknown', 'No service provider with this entity ID is configured.'),
  'metadata-unusable': request(
    'metadata-unusable',
    'The metadata of this service provider hold a mistake or have expired; the event names the source, the element and its line.',
  ),
  'metadata-unavailable': request(
    'metadata-unavailable',
    'No metadata responder answered, and no copy is at hand. The event names the source.',
    ['Responder'],
    503,
  ),
  'acs-not-registered': request(
    'service-provider-unknown',
    'The AssertionConsumerService asked for is not one that the service provider registered.',
  ),
  'binding-unsupported': request(
    'request-unreadable',
    'The binding asked for is none that can carry the answer there: HTTP-POST or HTTP-Artifact for a browser, PAOS for an enhanced client.',
    ['Requester', 'UnsupportedBinding'],
  ),
  'signature-missing': request(
    'request-not-trusted',
    'The service provider must sign its requests (AuthnRequestsSigned) and this one is not signed.',
  ),
  'signature-malformed': request(
    'request-not-trusted',
    'The signature is not one enveloped signature on the root with exclusive canonicalization.',
  ),
  'signature-algorithm-forbidden': request('request-not-trusted', 'The signature uses an algorithm that is not allowed.'),
  'signature-invalid': request('request-not-trusted', 'The signature fits none of the service provider’s registered keys.'),
  'decryption-failed': request(
    'request-unreadable',
    'An EncryptedID does not open by any of our decryption keys, or by the algorithms that may be used, of which the weak ones open in signed messages alone. Give the service provider our current metadata.',
  ),
  // What comes without a browser (saml-bindings §3.2, saml-ecp-v2.0): told by a SOAP fault.
  'soap-malformed': request(
    'request-unreadable',
    'What came to a SOAP endpoint is no SOAP 1.1 envelope of type text/xml with one message in its body.',
    ['Requester'],
    500,
  ),
  'soap-version-mismatch': request(
    'request-unreadable',
    'The envelope is of another SOAP than 1.1, the only one that SAML uses.',
    ['Requester'],
    500,
  ),
  'soap-header-not-understood': request(
    'request-unreadable',
    'A header block that must be understood is not. An enhanced client removes those of the service provider before it comes here.',
    ['Requester'],
    500,
  ),
  'channel-bindings-unverified': request(
    'request-not-trusted',
    'Service provider and client do not send the same channel bindings, or the request is not signed: somebody may stand between them.',
    ['Requester', 'RequestDenied'],
  ),
  // Signing out (saml-core §3.7).
  'request-not-logout': request(
    'logout-refused',
    'What came to the single logout endpoint is no LogoutRequest or LogoutResponse.',
    ['Requester', 'RequestUnsupported'],
  ),
  'logout-principal-unknown': request(
    'logout-refused',
    'The NameID or SessionIndex of the LogoutRequest names no session that this service provider took part in.',
    ['Requester', 'UnknownPrincipal'],
  ),
  'logout-identifier-unreadable': request(
    'logout-refused',
    'The LogoutRequest names its principal by a BaseID, which is a form of nobody’s here.',
    ['Requester', 'UnknownPrincipal'],
  ),
  'logout-unexpected': request(
    'logout-refused',
    'The LogoutResponse answers no LogoutRequest that waits for an answer of this service provider.',
  ),
  'logout-unknown': request(
    'logout-refused',
    'The sign-out is over or expired, or began in another browser; sessions that it ended stay ended.',
  ),
  // What the request asks for.
  'name-id-policy-unsupported': request(
    'request-unmet',
    'NameIDPolicy asks for a format or qualifier that this service provider is not given; see nameId in its settings.',
    ['Requester', 'InvalidNameIDPolicy'],
  ),
  'name-id-not-created': request(
    'request-unmet',
    'The person has no persistent identifier toward this service provider yet, and the request forbids making one (AllowCreate).',
    ['Requester', 'InvalidNameIDPolicy'],
  ),
  'conditions-unmet': request('request-unmet', 'The request asks for Conditions under which no assertion can be of use to it.', [
    'Requester',
    'RequestUnsupported',
  ]),
  'identity-provider-not-listed': request(
    'request-unmet',
    'The IDPList of the request names other identity providers alone, and Passerelle asks none of them.',
    ['Responder', 'NoSupportedIDP'],
  ),
  'authn-context-unmet': request('request-unmet', 'RequestedAuthnContext cannot be met by the configured authenticators.', [
    'Responder',
    'NoAuthnContext',
  ]),
  'subject-mismatch': request('request-unmet', 'The request names a Subject who is not the person who signed in.', [
    'Responder',
    'UnknownPrincipal',
  ]),
  'algorithms-not-shared': request(
    'request-unmet',
    'What the service provider’s metadata says it takes, the settings of that service provider, and what algorithms lets us use have nothing in common; or it has no key to encrypt to.',
    ['Responder', 'RequestUnsupported'],
  ),
  'attribute-consuming-service-unknown': request(
    'request-unmet',
    'The service provider’s metadata have AttributeConsumingServices, and none of the AttributeConsumingServiceIndex asked for.',
    ['Requester', 'RequestUnsupported'],
  ),
  'passive-impossible': request('request-unmet', 'IsPassive, and the person would have to be asked.', ['Responder', 'NoPassive']),
  // The browser's part of the sign-in.
  'signin-unknown': request(
    'signin-unknown',
    'The sign-in is over or expired, or another window has answered it.',
    ['Requester'],
    400,
  ),
  'form-malformed': request('request-unreadable', 'The posted form lacks a field, repeats one, or comes from another site.'),
  'page-unknown': request('page-unknown', 'No such page.', ['Requester'], 404),
  'method-unknown': request('page-unknown', 'The page does not answer this method.', ['Requester'], 405),
  // Who the person is. Those that share 'not-accepted' must not be told apart from outside.
  'person-unknown': again('not-accepted', 'No person of that name in the directory (or the entry is not a person).'),
  'person-ambiguous': again('not-accepted', 'Several people answer to that name. Sign in with the user principal name.'),
  'password-wrong': again('not-accepted', 'The directory refused the password (data 52e).'),
  'password-unusable': again('not-accepted', 'The password is empty, too long or holds NUL; it never reached the directory.'),
  'person-locked': again('not-accepted', 'The account is locked out in the directory (data 775).'),
  // It may come before the password is judged, as data 52f does for members of Protected Users.
  'bind-refused': again(
    'not-accepted',
    'The directory refused the bind with a code that Passerelle does not know; see the code in the event.',
  ),
  'attempts-exhausted': again(
    'too-many-attempts',
    'Too many failed attempts for this name; the directory was not asked, so that its own lockout does not begin.',
    429,
  ),
  'person-attempts-exhausted': again(
    'not-accepted',
    'Too many failed attempts for this person under several names; the password was not tried, so that the directory’s own lockout does not begin.',
  ),
  'address-attempts-exhausted': again('too-many-attempts', 'Too many failed attempts from this network address.', 429),
  'address-room-exhausted': person(
    'too-many-attempts',
    'Sign-ins begun from this network address fill the room in the store that it may take (throttle.megabytesPerAddress).',
    'RequestDenied',
    429,
  ),
  'directory-unavailable': again(
    'directory-unavailable',
    'No directory server answered in time. The person’s password was not judged.',
    503,
  ),
  'directory-refused': again(
    'directory-unavailable',
    'The directory answered with an error to the service account: check its password and rights.',
    503,
  ),
  'person-disabled': person('person-disabled', 'The account is disabled in the directory.'),
  'person-expired': person('person-disabled', 'The account has expired in the directory (accountExpires).'),
  'person-gone': person(
    'person-disabled',
    'The person was deleted from the directory, or moved out of baseDn, after signing in.',
    'UnknownPrincipal',
  ),
  'password-expired': person('password-expired', 'The password has expired.'),
  'password-must-change': person('password-expired', 'The person must change the password before the next sign-in.'),
  'logon-hours': person('logon-restricted', 'The account may not sign in at this hour (logonHours).'),
  'logon-workstation': person('logon-restricted', 'The account may sign in at named workstations only (userWorkstations).'),
  // Which address the person has.
  'no-user-principal-name': person(
    'no-address',
    'The person has no userPrincipalName and mapping.source asks for it.',
    'UnknownPrincipal',
  ),
  'no-mail': person('no-address', 'The person has no mail attribute and mapping.source asks for it.', 'UnknownPrincipal'),
  'not-an-email-address': person('no-address', 'The source value is not a valid e-mail address.', 'UnknownPrincipal'),
  'address-not-in-domains': person(
    'no-address',
    'The address lies in none of the domains of the Cloud Identity account (mapping.domains).',
    'UnknownPrincipal',
  ),
  'address-not-unique': person(
    'no-address',
    'Two people map to this address. Change one of them in the directory.',
    'UnknownPrincipal',
  ),
  // What goes out.
  'attribute-character-forbidden': person(
    'attributes-unusable',
    'A directory attribute holds a character that XML forbids.',
    'RequestDenied',
  ),
  'attributes-too-large': person(
    'attributes-unusable',
    'The attributes exceed the 2 kB that Google accepts, or the 256 kB that anybody else is sent and a session holds.',
    'RequestDenied',
  ),
  'attributes-not-ascii': person('attributes-unusable', 'Google’s legacy profile takes ASCII attributes only.', 'RequestDenied'),
} as const satisfies Record<string, Row>;

export type Reason = keyof typeof rows;

/** All rows, by reason, for the generated reference page and the tests that demand one proof each. */
export const refusals: Readonly<Record<Reason, Row>> = rows;

/** What the audit event may carry beside the reason. Never a secret. */
export type RefusalDetail = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer that we meant to give. Anything else thrown is a fault. */
export class Refusal extends Error {
  readonly reason: Reason;
  readonly detail: RefusalDetail;

  constructor(reason: Reason, detail: RefusalDetail = {}) {
    super(reason);
    this.name = 'Refusal';
    this.reason = reason;
    this.detail = detail;
  }

  /** The same refusal, which names whose it is (objectGUID). */
  about(person: string): Refusal {
    return new Refusal(this.reason, { person, ...this.detail });
  }

  get row(): Row {
    return rows[this.reason];
  }
}

/** Refusals of messages: unreadable, not trusted, or asking for what cannot be given. */
import { request, untimely, type Row } from './row.ts';

export const messageRows = {
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
} as const satisfies Record<string, Row>;

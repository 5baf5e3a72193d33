/** Reads a samlp:AuthnRequest (saml-core §3.4.1) as its schema has it; whether it may be believed is decided elsewhere. */
import type { AuthnRequest } from './authn-request.ts';
import { readConditions } from './conditions.ts';
import { namespaces } from './names.ts';
import { readBoolean, readIndex, readString } from './read-element.ts';
import { beginning, readFrame, readID, readSequence } from './read-message.ts';
import { readNameIDPolicy, readRequestedAuthnContext, readScoping, readSubject } from './read-requested.ts';
import type { XmlElement } from './xml.ts';

/** Where the message wants its answer, word for word. */
export interface AnswerAsked {
  readonly protocolBinding: string | undefined;
  readonly assertionConsumerServiceURL: string | undefined;
  readonly assertionConsumerServiceIndex: number | undefined;
}

/** What else it says. */
export interface AuthnRequestContent extends Omit<
  AuthnRequest,
  'id' | 'serviceProvider' | 'assertionConsumerService' | 'signed' | 'relayState'
> {
  readonly id: string;
  readonly destination: string | undefined;
}

const { assertion, protocol } = namespaces;

const steps = [
  ...beginning,
  [`${assertion} Subject`],
  [`${protocol} NameIDPolicy`],
  [`${assertion} Conditions`],
  [`${protocol} RequestedAuthnContext`],
  [`${protocol} Scoping`],
];

/** @throws Refusal request-invalid */
export const readAnswerAsked = (root: XmlElement): AnswerAsked => ({
  protocolBinding: readString(root, 'ProtocolBinding'),
  assertionConsumerServiceURL: readString(root, 'AssertionConsumerServiceURL'),
  assertionConsumerServiceIndex: readIndex(root, 'AssertionConsumerServiceIndex'),
});

/**
 * Extensions are let through unread, as are attributes that the schema does not know.
 * @throws Refusal request-version or request-invalid
 */
export const readAuthnRequest = (root: XmlElement): AuthnRequestContent => {
  const frame = readFrame(root);
  const [, , , [subject] = [], [nameIDPolicy] = [], [conditions] = [], [context] = [], [scoping] = []] = readSequence(
    root,
    steps,
  );
  return {
    id: readID(root),
    ...frame,
    forceAuthn: readBoolean(root, 'ForceAuthn'),
    isPassive: readBoolean(root, 'IsPassive'),
    attributeConsumingServiceIndex: readIndex(root, 'AttributeConsumingServiceIndex'),
    nameIDPolicy: nameIDPolicy && readNameIDPolicy(nameIDPolicy),
    conditions: conditions && readConditions(conditions),
    requestedAuthnContext: context && readRequestedAuthnContext(context),
    scoping: scoping && readScoping(scoping),
    subject: subject && readSubject(subject),
  };
};

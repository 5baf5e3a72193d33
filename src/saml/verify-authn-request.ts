/** The only maker of `Verified<AuthnRequest>`: each check of a request, in order (saml-core §3.4.1, saml-profiles §4.1.4.1). */
import type { KeyObject } from 'node:crypto';
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, Verified } from './authn-request.ts';
import { chooseAssertionConsumerService, defaultAssertionConsumerService } from './choose-assertion-consumer-service.ts';
import type { Chosen } from './choose-assertion-consumer-service.ts';
import { decodeMessage } from './message.ts';
import type { Binding, Message } from './message.ts';
import type { Parameters } from './parameters.ts';
import { readAuthnRequest, readIssuer, requireAuthnRequest } from './read-authn-request.ts';
import type { AuthnRequestContent } from './read-authn-request.ts';
import type { ServiceProvider } from './service-provider.ts';
import { findSignature, verifyEnvelopedSignature } from './verify-enveloped-signature.ts';
import { verifyWithKeys } from './verify-with-keys.ts';
import { parseXml } from './xml.ts';
import type { XmlElement } from './xml.ts';

export interface Carried {
  readonly binding: Binding;
  readonly parameters: Parameters;
}

export interface VerificationContext<SP extends ServiceProvider> {
  /** Those registered under an entity ID, compared as an exact string; Google's legacy profiles share theirs. */
  readonly serviceProviders: (entityID: string) => readonly SP[];
  /** URL of our endpoint that the message came to, as we publish it. */
  readonly destination: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds that a service provider's clock may be off. */
  readonly clockSkew: number;
  /** Milliseconds that a request stays good. */
  readonly maxAge: number;
}

interface Proven<SP extends ServiceProvider> {
  /** The only thing that is read from here on: where it is signed, what the signature covers. */
  readonly root: XmlElement;
  readonly signed: boolean;
  /** Those whose key signed it; all where it is not signed. */
  readonly candidates: readonly SP[];
}

const requireKnown = <SP extends ServiceProvider>(
  entityID: string,
  { serviceProviders }: VerificationContext<SP>,
): readonly SP[] => {
  const candidates = serviceProviders(entityID);
  if (candidates.length === 0) throw new Refusal('service-provider-unknown', { entityID: entityID.slice(0, 256) });
  return candidates;
};

const verifySignature = <SP extends ServiceProvider>(
  binding: Binding,
  { xml, signature: detached }: Message,
  claimed: XmlElement,
  known: readonly SP[],
): Proven<SP> => {
  const keys = known.flatMap(({ signingKeys }) => signingKeys);
  const signedBy = (key: KeyObject): readonly SP[] => known.filter(({ signingKeys }) => signingKeys.includes(key));
  const enveloped = findSignature(claimed);
  if (enveloped === undefined && detached === undefined) return { root: claimed, signed: false, candidates: known };
  if (enveloped === undefined && detached !== undefined) {
    const key = verifyWithKeys(detached.algorithm, detached.octets, detached.value, keys);
    return { root: claimed, signed: true, candidates: signedBy(key) };
  }
  // saml-bindings §3.4.4.1: the message itself carries no signature there.
  if (enveloped === undefined || binding === 'HTTP-Redirect') {
    throw new Refusal('signature-malformed', { why: 'a signature within the message of the HTTP-Redirect binding' });
  }
  const { root, key } = verifyEnvelopedSignature(xml, claimed, enveloped, keys);
  return { root, signed: true, candidates: signedBy(key) };
};

const requireDestination = (content: AuthnRequestContent, signed: boolean, destination: string): void => {
  // saml-bindings §3.4.5.2 and §3.5.5.2: a signed message names its destination.
  if (content.destination === undefined ? signed : content.destination !== destination) {
    throw new Refusal('request-wrong-destination', { destination: content.destination?.slice(0, 256), expected: destination });
  }
};

const requireFresh = (
  { issueInstant }: AuthnRequestContent,
  { now, clockSkew, maxAge }: VerificationContext<ServiceProvider>,
): void => {
  const age = now - issueInstant;
  if (age > maxAge + clockSkew) throw new Refusal('request-stale', { age });
  if (age < -clockSkew) throw new Refusal('request-from-future', { age });
};

const requireSignatureWhereAsked = ({ serviceProvider }: Chosen<ServiceProvider>, signed: boolean): void => {
  if (serviceProvider.authnRequestsSigned && !signed)
    throw new Refusal('signature-missing', { entityID: serviceProvider.entityID });
};

/**
 * Verifies a request as it came. Whether its ID is new, and whether what it asks for can be met, is for others to judge.
 * @throws Refusal any of those that the table gives for a message as it came, request-replayed left out
 */
export const verifyAuthnRequest = <SP extends ServiceProvider>(
  { binding, parameters }: Carried,
  context: VerificationContext<SP>,
): Verified<AuthnRequest<SP>> => {
  const message = decodeMessage(binding, parameters);
  const claimed = parseXml(message.xml);
  requireAuthnRequest(claimed);
  const issuer = readIssuer(claimed);
  const known = requireKnown(issuer, context);
  const { root, signed, candidates } = verifySignature(binding, message, claimed, known);
  const content = readAuthnRequest(root);
  // Whose keys were tried must be who speaks in the signed bytes.
  if (content.issuer !== issuer) throw new Refusal('signature-invalid', { why: 'another Issuer is signed' });
  requireDestination(content, signed, context.destination);
  requireFresh(content, context);
  const chosen = chooseAssertionConsumerService(content, candidates);
  requireSignatureWhereAsked(chosen, signed);
  const { id, issueInstant, forceAuthn, isPassive, nameIDPolicy, requestedAuthnContext, subject } = content;
  return {
    id,
    ...chosen,
    issueInstant,
    forceAuthn,
    isPassive,
    nameIDPolicy,
    requestedAuthnContext,
    subject,
    relayState: message.relayState,
  } as Verified<AuthnRequest<SP>>;
};

/**
 * The request that a service provider would have made, where the sign-in begins here (saml-profiles §4.1.5); `now` in
 * milliseconds since the epoch.
 * @throws Refusal acs-not-registered where it has no AssertionConsumerService over HTTP-POST
 */
export const unsolicited = <SP extends ServiceProvider>(
  serviceProvider: SP,
  relayState: string | undefined,
  now: number,
): Verified<AuthnRequest<SP>> => {
  const assertionConsumerService = defaultAssertionConsumerService(serviceProvider);
  if (assertionConsumerService === undefined) throw new Refusal('acs-not-registered', { entityID: serviceProvider.entityID });
  return {
    id: undefined,
    serviceProvider,
    assertionConsumerService,
    issueInstant: now,
    forceAuthn: false,
    isPassive: false,
    nameIDPolicy: undefined,
    requestedAuthnContext: undefined,
    subject: undefined,
    relayState,
  } as Verified<AuthnRequest<SP>>;
};

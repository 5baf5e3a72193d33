/** The only maker of `Verified<AuthnRequest>`: each check of a request, in order (saml-core §3.4.1, saml-profiles §4.1.4.1). */
import { noSteps } from '../audit/steps.ts';
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, ReturnAddress, Verified } from './authn-request.ts';
import { chooseAssertionConsumerService, defaultAssertionConsumerService } from './choose-assertion-consumer-service.ts';
import type { Chosen, Usable } from './choose-assertion-consumer-service.ts';
import { type AnswerAsked, readAnswerAsked, readAuthnRequest } from './read-authn-request.ts';
import { readAnswerableID, requireRoot } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { requireDestination, requireFresh, verifyMessage } from './verify-message.ts';
import type { Carried, Proven, VerificationContext } from './verify-message.ts';

/** Learns where an answer may go, as soon as that is certain: refusals thrown after it are answered there, those before it not. */
export type Addressed<SP extends ServiceProvider> = (to: Verified<ReturnAddress<SP>>) => void;

const mustSign = ({ serviceProvider }: Chosen<ServiceProvider>, signed: boolean): boolean =>
  serviceProvider.authnRequestsSigned && !signed;

/**
 * Where a request is told that it cannot be answered as it asks: at the endpoint that it names, if that is registered, else the
 * default of whoever registered the endpoint by another binding.
 */
const addressForTrouble = <SP extends ServiceProvider>(
  { assertionConsumerServiceURL: url, assertionConsumerServiceIndex: index }: AnswerAsked,
  candidates: readonly SP[],
  usable: Usable,
): Chosen<SP> | undefined => {
  const asked = { protocolBinding: undefined, assertionConsumerServiceURL: url, assertionConsumerServiceIndex: undefined };
  try {
    return chooseAssertionConsumerService(
      url === undefined ? { ...asked, assertionConsumerServiceIndex: index } : asked,
      candidates,
      usable,
    );
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const named = candidates.filter(({ assertionConsumerServices }) =>
      assertionConsumerServices.some((service) => (url === undefined ? service.index === index : service.location === url)),
    );
    const [serviceProvider] = named;
    const byDefault = named.length === 1 && serviceProvider && defaultAssertionConsumerService(serviceProvider, usable);
    return byDefault ? { serviceProvider, assertionConsumerService: byDefault } : undefined;
  }
};

/** Why the answer goes there, in words. */
function whyThere(asked: AnswerAsked, { serviceProvider, assertionConsumerService }: Chosen<ServiceProvider>): string {
  const { assertionConsumerServiceURL, assertionConsumerServiceIndex, protocolBinding } = asked;
  const registered = serviceProvider.assertionConsumerServices.length;
  if (assertionConsumerServiceURL !== undefined) return 'the request names its URL';
  if (assertionConsumerServiceIndex !== undefined) return 'the request names its index';
  const among = protocolBinding === undefined ? '' : ' of the binding that the request names';
  if (registered === 1) return 'it is the only one that is registered';
  return assertionConsumerService.isDefault ? `it is the default${among}` : `it is the first${among}`;
}

const describeChosen = ({ assertionConsumerService: { location, binding, index } }: Chosen<ServiceProvider>) => ({
  location,
  by: binding,
  index,
});

/**
 * What there is to verify of a request once it is known whose it is. Its return address is told before anything else of it is
 * judged: what follows is answered to the service provider (docs/decisions/0010-refusals-that-are-answered.md).
 * @throws Refusal acs-not-registered, binding-unsupported, signature-missing, request-version, request-invalid,
 *   request-wrong-destination, request-stale, request-from-future
 */
export const verifyProven = <SP extends ServiceProvider>(
  { root, signed, candidates, relayState }: Proven<SP>,
  context: Omit<VerificationContext<SP>, 'serviceProviders'>,
  addressed: Addressed<SP> = () => undefined,
  usable: Usable = 'browser',
): Verified<AuthnRequest<SP>> => {
  const asked = readAnswerAsked(root);
  const id = readAnswerableID(root);
  const tell = (chosen: Chosen<SP> | undefined, isPassive = false): void => {
    if (chosen !== undefined && !mustSign(chosen, signed))
      addressed({ id, ...chosen, relayState, isPassive } as Verified<ReturnAddress<SP>>);
  };
  let chosen: Chosen<SP>;
  try {
    chosen = chooseAssertionConsumerService(asked, candidates, usable);
  } catch (cause) {
    tell(addressForTrouble(asked, candidates, usable));
    throw cause;
  }
  (context.steps ?? noSteps).tell('return-address', { ...describeChosen(chosen), because: whyThere(asked, chosen) });
  // saml-metadata §2.4.4: whoever signs always signs, so that nobody else makes us answer in their place.
  if (mustSign(chosen, signed)) throw new Refusal('signature-missing', { entityID: chosen.serviceProvider.entityID });
  tell(chosen);
  const { destination, ...content } = readAuthnRequest(root);
  tell(chosen, content.isPassive);
  // saml-bindings §3.2: a message in a SOAP body need not say where it goes, even where it is signed.
  requireDestination(destination, signed && usable === 'browser', context.destination);
  requireFresh(content.issueInstant, context);
  return { ...content, ...chosen, signed, relayState } as Verified<AuthnRequest<SP>>;
};

/**
 * Verifies a request as it came. Whether its ID is new, and whether what it asks for can be met, is for others to judge.
 * @throws Refusal any of those that the table gives for a message as it came, request-replayed left out
 */
export const verifyAuthnRequest = async <SP extends ServiceProvider>(
  carried: Carried,
  context: VerificationContext<SP>,
  addressed?: Addressed<SP>,
): Promise<Verified<AuthnRequest<SP>>> =>
  verifyProven(
    await verifyMessage(carried, requireRoot('AuthnRequest', 'request-not-authn-request'), context),
    context,
    addressed,
  );

/**
 * The request that a service provider would have made, where the sign-in begins here (saml-profiles §4.1.5); `now` in
 * milliseconds since the epoch.
 * @throws Refusal acs-not-registered where it has no AssertionConsumerService that a browser can go to
 */
export const unsolicited = <SP extends ServiceProvider>(
  serviceProvider: SP,
  relayState: string | undefined,
  now: number,
): Verified<AuthnRequest<SP>> => {
  const assertionConsumerService = defaultAssertionConsumerService(serviceProvider);
  if (assertionConsumerService === undefined) throw new Refusal('acs-not-registered', { entityID: serviceProvider.entityID });
  const request: AuthnRequest<SP> = {
    id: undefined,
    serviceProvider,
    assertionConsumerService,
    signed: false,
    issueInstant: now,
    forceAuthn: false,
    isPassive: false,
    attributeConsumingServiceIndex: undefined,
    nameIDPolicy: undefined,
    conditions: undefined,
    requestedAuthnContext: undefined,
    scoping: undefined,
    subject: undefined,
    relayState,
  };
  return request as Verified<AuthnRequest<SP>>;
};

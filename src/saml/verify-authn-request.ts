/** The only maker of `Verified<AuthnRequest>`: each check of a request, in order (saml-core §3.4.1, saml-profiles §4.1.4.1). */
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, Verified } from './authn-request.ts';
import { chooseAssertionConsumerService, defaultAssertionConsumerService } from './choose-assertion-consumer-service.ts';
import type { Chosen } from './choose-assertion-consumer-service.ts';
import { readAuthnRequest, requireAuthnRequest } from './read-authn-request.ts';
import type { ServiceProvider } from './service-provider.ts';
import { requireDestination, requireFresh, verifyMessage } from './verify-message.ts';
import type { Carried, VerificationContext } from './verify-message.ts';

const requireSignatureWhereAsked = ({ serviceProvider }: Chosen<ServiceProvider>, signed: boolean): void => {
  if (serviceProvider.authnRequestsSigned && !signed)
    throw new Refusal('signature-missing', { entityID: serviceProvider.entityID });
};

/**
 * Verifies a request as it came. Whether its ID is new, and whether what it asks for can be met, is for others to judge.
 * @throws Refusal any of those that the table gives for a message as it came, request-replayed left out
 */
export const verifyAuthnRequest = async <SP extends ServiceProvider>(
  carried: Carried,
  context: VerificationContext<SP>,
): Promise<Verified<AuthnRequest<SP>>> => {
  const { root, signed, candidates, relayState } = await verifyMessage(carried, requireAuthnRequest, context);
  const content = readAuthnRequest(root);
  requireDestination(content.destination, signed, context.destination);
  requireFresh(content.issueInstant, context);
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
    relayState,
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

/** The only maker of `Verified<LogoutRequest>`: each check of a request to sign out, in order (saml-profiles §4.4.4.1). */
import { Refusal } from '../refusal.ts';
import type { Verified } from './authn-request.ts';
import type { Decrypter } from './decrypt.ts';
import { type LogoutRequestContent, readLogoutRequest } from './read-logout-request.ts';
import { readID, requireRoot } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { requireDestination, requireFresh, type VerificationContext, verifyMessage } from './verify-message.ts';
import type { Carried } from './verify-message.ts';

/** A request whose sender is proven: a refusal of it may be told to that service provider. */
export interface LogoutSender<SP extends ServiceProvider> {
  readonly id: string;
  readonly serviceProvider: SP;
  readonly relayState: string | undefined;
}

export type LogoutRequest = LogoutRequestContent;

const requireUnexpired = (notOnOrAfter: number | undefined, { now, clockSkew }: VerificationContext<ServiceProvider>): void => {
  if (notOnOrAfter !== undefined && now >= notOnOrAfter + clockSkew) throw new Refusal('request-stale', { notOnOrAfter });
};

/**
 * Verifies who sent the request, that it is meant for us and for now. What it asks is read by `read`, whose refusals may be
 * answered to the sender; whether its ID is new is for others to judge.
 * @throws Refusal any of those that the table gives for a message as it came, request-replayed left out
 */
export const verifyLogoutRequest = async <SP extends ServiceProvider>(
  carried: Carried,
  context: VerificationContext<SP>,
  decrypter: Decrypter,
): Promise<{ readonly sender: LogoutSender<SP>; /** @throws Refusal */ read(): Verified<LogoutRequest> }> => {
  const { root, signed, candidates, relayState } = await verifyMessage(
    carried,
    requireRoot('LogoutRequest', 'request-not-logout'),
    context,
  );
  const [serviceProvider] = candidates;
  // saml-profiles §4.4.3.1: through a browser, none is believed unsigned.
  if (!signed || serviceProvider === undefined) throw new Refusal('signature-missing', { entityID: candidates[0]?.entityID });
  const id = readID(root);
  requireDestination(root.attributes.get('Destination'), signed, context.destination);
  return {
    sender: { id, serviceProvider, relayState },
    read() {
      const { entityID } = serviceProvider;
      const content = readLogoutRequest(root, (encrypted) => decrypter.decrypt(encrypted, { entityID, signed }));
      requireFresh(content.issueInstant, context);
      requireUnexpired(content.notOnOrAfter, context);
      return content as Verified<LogoutRequest>;
    },
  };
};

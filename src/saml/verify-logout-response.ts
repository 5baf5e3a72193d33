/** The only maker of `Verified<LogoutResponse>`: each check of an answer to our LogoutRequest, in order (saml-profiles §4.4.4.2). */
import { Refusal } from '../refusal.ts';
import type { Verified } from './authn-request.ts';
import { type LogoutResponseContent, readLogoutResponse } from './read-logout-response.ts';
import { requireRoot } from './read-message.ts';
import type { ServiceProvider } from './service-provider.ts';
import { requireDestination, requireFresh, type VerificationContext, verifyMessage } from './verify-message.ts';
import type { Carried } from './verify-message.ts';

export interface LogoutResponse extends LogoutResponseContent {
  /** Entity ID of the service provider that signed it. */
  readonly issuer: string;
}

/**
 * Verifies a response as it came. Whether we sent what it answers is for others to judge.
 * @throws Refusal any of those that the table gives for a message as it came, request-replayed left out
 */
export const verifyLogoutResponse = async <SP extends ServiceProvider>(
  carried: Omit<Carried, 'holder'>,
  context: VerificationContext<SP>,
): Promise<Verified<LogoutResponse>> => {
  const { root, signed, issuer } = await verifyMessage(
    { ...carried, holder: 'SAMLResponse' },
    requireRoot('LogoutResponse', 'request-not-logout'),
    context,
  );
  if (!signed) throw new Refusal('signature-missing', { entityID: issuer.slice(0, 256) });
  const content = readLogoutResponse(root);
  requireDestination(content.destination, signed, context.destination);
  requireFresh(content.issueInstant, context);
  return { ...content, issuer } as Verified<LogoutResponse>;
};

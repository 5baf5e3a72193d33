/** What the routes need of Kerberos, from its configuration. */
import type { Kerberos } from '../authenticators/kerberos.ts';
import type { KerberosConfig } from '../config/kerberos-schema.ts';
import type { AuthnContexts } from '../signin/authn-context.ts';
import type { Request } from '../signin/verify-requested.ts';
import { createKerberosOffer } from './kerberos-offer.ts';
import type { KerberosDoor } from './kerberos-routes.ts';
import { createSignedOutCookie } from './signed-out-cookie.ts';

/** @param contextsOf says what could prove the person to a request. @throws Refusal where nothing could */
export function openKerberosDoor(
  authenticator: Kerberos | undefined,
  config: KerberosConfig | undefined,
  contextsOf: (request: Request) => AuthnContexts,
): KerberosDoor | undefined {
  if (authenticator === undefined || config === undefined) return undefined;
  const signedOut = createSignedOutCookie(config.afterSignOut);
  return {
    authenticator,
    offer: createKerberosOffer({ config, signedOut, allows: (request) => contextsOf(request).has('kerberos') }),
    signedOut,
    allowsPassword: (request) => contextsOf(request).has('password'),
  };
}

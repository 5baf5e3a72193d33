/** What the routes need of Kerberos, from its configuration. */
import type { Kerberos } from '../authenticators/kerberos.ts';
import type { KerberosConfig } from '../config/kerberos-schema.ts';
import { createKerberosOffer } from './kerberos-offer.ts';
import type { KerberosDoor } from './kerberos-routes.ts';
import { createSignedOutCookie } from './signed-out-cookie.ts';

export function openKerberosDoor(
  authenticator: Kerberos | undefined,
  config: KerberosConfig | undefined,
): KerberosDoor | undefined {
  if (authenticator === undefined || config === undefined) return undefined;
  const signedOut = createSignedOutCookie(config.afterSignOut);
  return {
    authenticator,
    offer: createKerberosOffer({ config, signedOut }),
    signedOut,
  };
}

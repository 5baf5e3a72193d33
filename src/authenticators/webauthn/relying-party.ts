/** What we are to keys: the host that they are bound to, and the page that may ask them (W3C WebAuthn §4, Relying Party Identifier). */
import type { WebauthnConfig } from '../../config/webauthn-schema.ts';

export interface RelyingParty {
  /** A domain: the host of `origin`, or a parent of it. */
  readonly id: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What people see. */
  readonly name: string;
  readonly userVerification: WebauthnConfig['userVerification'];
}

/** @param publicUrl an origin */
export function relyingPartyOf(publicUrl: string, name: string, { rpId, userVerification }: WebauthnConfig): RelyingParty {
  const { hostname, origin } = new URL(publicUrl);
  return { id: rpId?.toLowerCase() ?? hostname, origin, name, userVerification };
}

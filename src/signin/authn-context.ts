/** The authentication contexts that an assertion may state, of those asked for (saml-core §3.3.2.2.1). */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import { Refusal } from '../refusal.ts';
import type { RequestedAuthnContext } from '../saml/authn-request.ts';
import { authnContextClasses } from '../saml/names.ts';

const { unspecified, password, passwordProtectedTransport, kerberos, x509, tlsClient } = authnContextClasses;

/** Weakest first. */
const ranking: readonly string[] = [unspecified, password, passwordProtectedTransport, kerberos, x509, tlsClient];
/** What evidence of each satisfies, weakest first, over the TLS that all of it comes by. */
const satisfied: Readonly<Record<AuthenticatorName, readonly [string, ...string[]]>> = {
  password: [unspecified, password, passwordProtectedTransport],
  kerberos: [unspecified, kerberos],
  certificate: [unspecified, x509, tlsClient],
};

/** The AuthnContextClassRef to state, by the authenticator that may prove the person; of no other is evidence of use. */
export type AuthnContexts = ReadonlyMap<AuthenticatorName, string>;

const rankOf = (classRef: string): number => ranking.indexOf(classRef);

/**
 * Declarations are published by nobody here, so that one asked for by AuthnContextDeclRef is never met.
 * @param enabled what people may prove themselves by
 * @throws Refusal authn-context-unmet
 */
export function chooseAuthnContexts(
  requested: RequestedAuthnContext | undefined,
  enabled: readonly AuthenticatorName[],
): AuthnContexts {
  const contexts = new Map<AuthenticatorName, string>();
  const offered = enabled.flatMap((name) => satisfied[name]);
  for (const name of enabled) {
    const chosen = requested === undefined ? satisfied[name].at(-1) : choose(requested, satisfied[name], offered);
    if (chosen !== undefined) contexts.set(name, chosen);
  }
  if (contexts.size === 0) {
    const { comparison, authnContextClassRefs = [], authnContextDeclRefs = [] } = requested ?? {};
    const all = [...authnContextClassRefs, ...authnContextDeclRefs].join(' ').slice(0, 1_024);
    throw new Refusal('authn-context-unmet', { requested: all, comparison });
  }
  return contexts;
}

function choose(
  { comparison, authnContextClassRefs: named }: RequestedAuthnContext,
  classes: readonly [string, ...string[]],
  offered: readonly string[],
): string | undefined {
  const known = named.filter((classRef) => offered.includes(classRef)).map(rankOf);
  const strongest = classes.at(-1) ?? classes[0];
  if (known.length === 0) return undefined;
  switch (comparison) {
    case 'exact':
      // The first is the most preferred.
      return named.find((classRef) => classes.includes(classRef));
    case 'minimum':
      return rankOf(strongest) >= Math.min(...known) ? strongest : undefined;
    case 'maximum':
      return classes.findLast((classRef) => rankOf(classRef) <= Math.max(...known));
    case 'better':
      // Stronger than any one named; one that we cannot rank might be stronger than ours.
      return known.length === named.length && rankOf(strongest) > Math.max(...known) ? strongest : undefined;
  }
}

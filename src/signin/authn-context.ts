/** The authentication context that an assertion states, of those asked for (saml-core §3.3.2.2.1). */
import { Refusal } from '../refusal.ts';
import type { RequestedAuthnContext } from '../saml/authn-request.ts';
import { authnContextClasses } from '../saml/names.ts';

/** What a password over TLS satisfies, weakest first. */
const classes: readonly string[] = [
  authnContextClasses.unspecified,
  authnContextClasses.password,
  authnContextClasses.passwordProtectedTransport,
];
const strongest = authnContextClasses.passwordProtectedTransport;

/**
 * The AuthnContextClassRef to state. Declarations are published by nobody here, so that one asked for by AuthnContextDeclRef is
 * never met.
 * @throws Refusal authn-context-unmet
 */
export function chooseAuthnContextClass(requested: RequestedAuthnContext | undefined): string {
  if (requested === undefined) return strongest;
  const { comparison, authnContextClassRefs: named, authnContextDeclRefs: declarations } = requested;
  const known = named.filter((classRef) => classes.includes(classRef));
  const unmet = new Refusal('authn-context-unmet', {
    requested: [...named, ...declarations].join(' ').slice(0, 1_024),
    comparison,
  });
  const [first] = known;
  if (first === undefined) throw unmet;
  switch (comparison) {
    case 'exact':
      // The first is the most preferred.
      return first;
    case 'minimum':
      return strongest;
    case 'maximum':
      return classes.findLast((classRef) => known.includes(classRef)) ?? first;
    case 'better':
      // Stronger than any one named; one that we cannot rank might be stronger than ours.
      if (known.length < named.length || known.includes(strongest)) throw unmet;
      return strongest;
  }
}

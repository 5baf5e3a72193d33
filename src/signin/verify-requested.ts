/** What a request asks of its answer, granted or refused before anybody is asked for a password. */
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, RequestedAuthnContext, Verified } from '../saml/authn-request.ts';
import { authnContextClasses, nameIDFormats } from '../saml/names.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';

export type Request = Verified<AuthnRequest<RegisteredServiceProvider>>;

/** What a password over TLS satisfies, weakest first. */
const classes: readonly string[] = [
  authnContextClasses.unspecified,
  authnContextClasses.password,
  authnContextClasses.passwordProtectedTransport,
];
const strongest = authnContextClasses.passwordProtectedTransport;

/** saml-core §8.3.1: unspecified leaves the choice to us; the prefix of SAML 2.0 is an older Google's. */
const emailFormats: readonly (string | undefined)[] = [
  undefined,
  nameIDFormats.unspecified,
  nameIDFormats.unspecified20,
  nameIDFormats.emailAddress,
];

/** saml-core §3.3.2.2.1: the AuthnContextClassRef of the answer. */
function chooseClass(requested: RequestedAuthnContext | undefined): string {
  if (requested === undefined) return strongest;
  const named = requested.authnContextClassRefs;
  const known = named.filter((classRef) => classes.includes(classRef));
  const unmet = new Refusal('authn-context-unmet', { requested: named.join(' '), comparison: requested.comparison });
  const [first] = known;
  if (first === undefined) throw unmet;
  switch (requested.comparison) {
    case 'exact':
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

/** saml-core §3.4.1.1. */
function verifyNameIDPolicy({ nameIDPolicy, serviceProvider }: Request): void {
  if (nameIDPolicy === undefined) return;
  const { format, spNameQualifier } = nameIDPolicy;
  const foreign = spNameQualifier !== undefined && spNameQualifier !== serviceProvider.entityID;
  if (foreign || !emailFormats.includes(format)) throw new Refusal('name-id-policy-unsupported', { format, spNameQualifier });
}

/**
 * Grants what the request asks, and answers the AuthnContextClassRef to state.
 * @throws Refusal authn-context-unmet, name-id-policy-unsupported
 */
export function verifyRequested(request: Request): string {
  verifyNameIDPolicy(request);
  return chooseClass(request.requestedAuthnContext);
}

/**
 * saml-core §3.4.1.4: the Subject asked for must strongly match the one that the assertion is about.
 * @throws Refusal subject-mismatch
 */
export function verifySubject({ subject, serviceProvider }: Request, address: string): void {
  if (subject === undefined) return;
  const matches =
    subject !== 'unreadable' &&
    subject.value === address &&
    emailFormats.includes(subject.format) &&
    subject.nameQualifier === undefined &&
    (subject.spNameQualifier === undefined || subject.spNameQualifier === serviceProvider.entityID);
  if (!matches) throw new Refusal('subject-mismatch');
}

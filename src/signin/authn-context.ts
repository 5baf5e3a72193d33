/** The authentication contexts that an assertion may state, of those asked for (saml-core §3.3.2.2.1). */
import type { AuthenticatorName, Evidence } from '../authenticators/authenticator.ts';
import { Refusal } from '../refusal.ts';
import type { RequestedAuthnContext } from '../saml/authn-request.ts';
import { authnContextClasses } from '../saml/names.ts';
import { anyOf, fills, type AnyOf } from './requirement.ts';

const { unspecified, password, passwordProtectedTransport, kerberos, x509, tlsClient, timeSyncToken } = authnContextClasses;
const { refedsSfa, refedsMfa, multipleAuthn } = authnContextClasses;

/** What makes a second factor of a first one. A passkey is both at once: the key, and what it knew its person by. */
const seconds: readonly AuthenticatorName[] = [
  'totp',
  'webauthn',
  'radius',
  'webhook',
  'duo',
  'own',
  'recovery-code',
  'certificate',
  'passkey',
];
const firsts: readonly AuthenticatorName[] = ['password', 'kerberos', 'passkey'];
const any: readonly AuthenticatorName[] = [...new Set([...firsts, ...seconds])];

/** Weakest first, each with the sets that evidence must fill, over the TLS that all of it comes by. */
const classes: ReadonlyMap<string, readonly (readonly AuthenticatorName[])[]> = new Map([
  [unspecified, [any]],
  [password, [['password']]],
  [passwordProtectedTransport, [['password']]],
  [refedsSfa, [any]],
  [kerberos, [['kerberos']]],
  [x509, [['certificate']]],
  [tlsClient, [['certificate']]],
  [timeSyncToken, [['totp']]],
  [multipleAuthn, [firsts, seconds]],
  [refedsMfa, [firsts, seconds]],
]);
const ranking = [...classes.keys()];
/** Told to those alone who name them: others would not know what they mean. */
const profiles: ReadonlySet<string> = new Set([refedsSfa, multipleAuthn, refedsMfa]);

/** What an assertion may state, the most preferred first; undefined where nothing was asked for. */
export type AuthnContexts = readonly [string, ...string[]] | undefined;

const rankOf = (classRef: string): number => ranking.indexOf(classRef);

/** The sets of a class, of what people can prove themselves by; undefined where one of them is empty. */
function setsOf(classRef: string, enabled: readonly AuthenticatorName[]): readonly AnyOf[] | undefined {
  const sets = (classes.get(classRef) ?? []).map((names) => anyOf(enabled.filter((name) => names.includes(name))));
  const filled = sets.filter((set) => set !== undefined);
  return filled.length === 0 || filled.length < sets.length ? undefined : filled;
}

/**
 * Declarations are published by nobody here, so that one asked for by AuthnContextDeclRef is never met.
 * @param enabled what people may prove themselves by
 * @throws Refusal authn-context-unmet
 */
export function chooseAuthnContexts(
  requested: RequestedAuthnContext | undefined,
  enabled: readonly AuthenticatorName[],
): AuthnContexts {
  if (requested === undefined) return undefined;
  const offered = ranking.filter((classRef) => setsOf(classRef, enabled) !== undefined);
  const [first, ...others] = accepted(requested, offered);
  if (first !== undefined) return [first, ...others];
  const { comparison, authnContextClassRefs, authnContextDeclRefs } = requested;
  const all = [...authnContextClassRefs, ...authnContextDeclRefs].join(' ').slice(0, 1_024);
  throw new Refusal('authn-context-unmet', { requested: all, comparison });
}

function accepted(
  { comparison, authnContextClassRefs: named }: RequestedAuthnContext,
  offered: readonly string[],
): readonly string[] {
  // The first is the most preferred.
  if (comparison === 'exact') return named.filter((classRef) => offered.includes(classRef));
  const known = named.filter((classRef) => offered.includes(classRef)).map(rankOf);
  if (known.length === 0) return [];
  const strongestFirst = offered.filter((classRef) => !profiles.has(classRef) || named.includes(classRef)).toReversed();
  switch (comparison) {
    case 'minimum':
      return strongestFirst.filter((classRef) => rankOf(classRef) >= Math.min(...known));
    case 'maximum':
      return strongestFirst.filter((classRef) => rankOf(classRef) <= Math.max(...known));
    case 'better':
      // Stronger than any one named; one that we cannot rank might be stronger than ours.
      return known.length < named.length ? [] : strongestFirst.filter((classRef) => rankOf(classRef) > Math.max(...known));
  }
}

/** What must be proven so that one of the contexts can be stated: of those by one authenticator any, else the first one's sets. */
export function needsOf(contexts: AuthnContexts, enabled: readonly AuthenticatorName[]): readonly AnyOf[] {
  if (contexts === undefined) return [];
  const all = contexts.map((classRef) => setsOf(classRef, enabled)).filter((sets) => sets !== undefined);
  const single = anyOf(all.flatMap((sets) => (sets.length === 1 ? sets.flat() : [])));
  return single === undefined ? (all[0] ?? []) : [single];
}

/** Where nothing was asked for: by the first piece of evidence, as service providers know it that ask for nothing. */
function unasked([first]: readonly Evidence[]): string {
  const known = ranking.findLast((classRef) => {
    const [names = [], ...further] = classes.get(classRef) ?? [];
    return further.length === 0 && first !== undefined && names.length === 1 && names[0] === first.authenticator;
  });
  return known ?? unspecified;
}

/** The AuthnContextClassRef to state of that evidence. */
export function contextOf(contexts: AuthnContexts, evidence: readonly Evidence[]): string {
  if (contexts === undefined) return unasked(evidence);
  const met = contexts.find((classRef) => fills(setsOf(classRef, any) ?? [], evidence));
  if (met === undefined) throw new Error('evidence that was not asked for');
  return met;
}

/**
 * The one decision of a sign-in: given the request, what is asked of people, and what a session remembers.
 *
 *     request ──▶ unmet context? ──▶ refuse
 *                 requirement met by evidence that counts? ──▶ issue
 *                 IsPassive? ──▶ refuse
 *                 else ──▶ ask for the first authenticator that is missing
 */
import type { AuthenticatorName, Evidence } from '../authenticators/authenticator.ts';
import type { Reason } from '../refusal.ts';

/** A list of any-of sets, none of them empty: a second factor is a longer list. */
export type Requirement = readonly [AnyOf, ...AnyOf[]];
export type AnyOf = readonly [AuthenticatorName, ...AuthenticatorName[]];

/** What matters of a request and of the sign-in that answers it. */
export interface SignIn {
  /** Undefined where it was not yet worth remembering: no evidence can have been presented in it. */
  readonly id: string | undefined;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly requirement: Requirement;
}

/** What matters of a session. */
export interface Remembered {
  readonly objectGUID: string;
  readonly evidence: readonly Evidence[];
  /** Milliseconds since the epoch; from then on nothing in it counts. */
  readonly endsAt: number;
}

export type Step =
  | { readonly step: 'issue'; readonly evidence: readonly [Evidence, ...Evidence[]] }
  | { readonly step: 'ask'; readonly authenticator: AuthenticatorName }
  | { readonly step: 'refuse'; readonly reason: Reason };

/** Evidence carried over is single sign-on; ForceAuthn (saml-core §3.4.1) is evidence not carried over. */
function counts(evidence: Evidence, signIn: SignIn, session: Remembered, now: number): boolean {
  return (
    evidence.objectGUID === session.objectGUID &&
    evidence.at <= now &&
    now < session.endsAt &&
    (!signIn.forceAuthn || (signIn.id !== undefined && evidence.signIn === signIn.id))
  );
}

/** Pure. `now` in milliseconds since the epoch. */
export function nextStep(signIn: SignIn, session: Remembered | undefined, now: number): Step {
  const counting = session?.evidence.filter((evidence) => counts(evidence, signIn, session, now)) ?? [];
  const used: Evidence[] = [];
  for (const anyOf of signIn.requirement) {
    const found = counting.find((evidence) => anyOf.includes(evidence.authenticator));
    if (found === undefined) {
      return signIn.isPassive ? { step: 'refuse', reason: 'passive-impossible' } : { step: 'ask', authenticator: anyOf[0] };
    }
    used.push(found);
  }
  const [first, ...others] = used;
  if (first === undefined) throw new Error('an empty requirement: the type forbids it');
  return { step: 'issue', evidence: [first, ...others] };
}

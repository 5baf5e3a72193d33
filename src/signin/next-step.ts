/**
 * The one decision of a sign-in: given the request, what is asked of people, and what a session remembers.
 *
 *     request ──▶ unmet context? ──▶ refuse
 *                 requirement met by evidence that counts? ──▶ issue
 *                 IsPassive? ──▶ refuse
 *                 of the first set that is missing:
 *                   nobody known by evidence that counts? ──▶ ask for any of it
 *                   something that the person has? ──▶ ask for it
 *                   something that they may set up? ──▶ enrol
 *                   else ──▶ refuse
 */
import type { AuthenticatorName, Evidence } from '../authenticators/authenticator.ts';
import type { Reason } from '../refusal.ts';
import { anyOf, type AnyOf, type Requirement } from './requirement.ts';

/** What matters of a request and of the sign-in that answers it. */
export interface SignIn {
  /** Undefined where it was not yet worth remembering: no evidence can have been presented in it. */
  readonly id: string | undefined;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly requirement: Requirement;
  /** How old evidence may be, in milliseconds; undefined: as old as its end lets it be. */
  readonly maxAge?: number | undefined;
  /** What the session's person lacks: `enrol` where they may set it up now. Whatever is not named can be asked for. */
  readonly lacks?: ReadonlyMap<AuthenticatorName, 'enrol' | 'nothing'> | undefined;
}

/** What matters of a session. */
export interface Remembered {
  readonly objectGUID: string;
  readonly evidence: readonly Evidence[];
  /** Milliseconds since the epoch; from then on nothing in it counts. */
  readonly endsAt: number;
}

export type Step =
  /** A piece for each set of the requirement, in its order. */
  | { readonly step: 'issue'; readonly evidence: readonly [Evidence, ...Evidence[]] }
  /** By any of them; in the order of the requirement. */
  | { readonly step: 'ask'; readonly ways: AnyOf }
  | { readonly step: 'enrol'; readonly ways: AnyOf }
  | { readonly step: 'refuse'; readonly reason: Extract<Reason, 'passive-impossible' | 'no-way-left'> };

/** Why a piece of evidence does not count, in words; undefined where it does. Pure. */
export function whyNot(evidence: Evidence, signIn: SignIn, session: Remembered, now: number): string | undefined {
  if (evidence.objectGUID !== session.objectGUID) return 'it is somebody else’s';
  if (evidence.at > now) return 'it lies in the future';
  if (now >= evidence.endsAt || now >= session.endsAt) return 'it has ended';
  if (signIn.maxAge !== undefined && now - evidence.at >= signIn.maxAge) return 'the policy wants it younger';
  // Evidence carried over is single sign-on; ForceAuthn (saml-core §3.4.1) is evidence not carried over.
  const isOfThis = signIn.id !== undefined && evidence.signIn === signIn.id;
  return signIn.forceAuthn && !isOfThis ? 'the request wants it anew (ForceAuthn)' : undefined;
}

/** @param isKnown whether anything was proven that counts: before that, whoever is at the browser may be somebody else */
function missing(set: AnyOf, { isPassive, lacks }: SignIn, isKnown: boolean): Step {
  if (isPassive) return { step: 'refuse', reason: 'passive-impossible' };
  if (!isKnown) return { step: 'ask', ways: set };
  const ways = anyOf(set.filter((name) => lacks?.get(name) === undefined));
  if (ways !== undefined) return { step: 'ask', ways };
  const enrollable = anyOf(set.filter((name) => lacks?.get(name) === 'enrol'));
  return enrollable === undefined ? { step: 'refuse', reason: 'no-way-left' } : { step: 'enrol', ways: enrollable };
}

/** Pure. `now` in milliseconds since the epoch. */
export function nextStep(signIn: SignIn, session: Remembered | undefined, now: number): Step {
  const counting = session?.evidence.filter((evidence) => whyNot(evidence, signIn, session, now) === undefined) ?? [];
  const used: Evidence[] = [];
  for (const set of signIn.requirement) {
    const found = counting.find((evidence) => set.includes(evidence.authenticator));
    if (found === undefined) return missing(set, signIn, counting.length > 0);
    used.push(found);
  }
  const [first, ...others] = used;
  if (first === undefined) throw new Error('an empty requirement: the type forbids it');
  return { step: 'issue', evidence: [first, ...others] };
}

/** What the person's own page asks of whoever opens it: a first proof, and where they have a second factor, that too, both just now. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { EnrolmentGate } from './enrolment-gate.ts';
import type { OwnPage } from './own-page.ts';
import { defaultRule, type PolicyParts } from './policy.ts';
import type { RemovedFactors } from './removed-factors.ts';
import { anyOf, both } from './requirement.ts';

const removable: ReadonlySet<AuthenticatorName> = new Set<AuthenticatorName>(['totp', 'webauthn']);

/**
 * What the rules of the policy ask of it, as of any service provider (its entity ID is its URL), and the second factor beside.
 * @param parts `maxAge` in milliseconds; `hasPasskeys`: whether keys can be more than a factor
 */
export function createOwnPolicy(parts: {
  page: Pick<OwnPage, 'isFor'>;
  hasPasskeys: boolean;
  gate: Pick<EnrolmentGate, 'present' | 'freshFor'>;
  removed: Pick<RemovedFactors, 'of'>;
  maxAge: number;
}): NonNullable<PolicyParts['own']> {
  const { page, hasPasskeys, gate, removed, maxAge } = parts;

  return async (request, session, byRules) => {
    if (!page.isFor(request)) return undefined;
    const decision = await byRules();
    const {
      requirement: [begin, ...others],
    } = decision;
    // Where no rule says otherwise, a passkey opens it as a password does.
    const first = hasPasskeys && decision.rule === defaultRule ? ([...begin, 'passkey'] as const) : begin;
    const youngest = Math.min(maxAge, decision.maxAge ?? maxAge);
    const asked = { ...decision, requirement: [first, ...others] as const, maxAge: youngest };
    if (session === undefined) return asked;
    const present = await gate.present(session.person);
    // Whoever has nothing may set up the first one there.
    if (present.length === 0) return { ...asked, maxAge: Math.min(youngest, gate.freshFor) };
    // What was just removed in this session was proven all the same; in another, it may be because of whoever is here.
    const isAnyGone = session.evidence.some(({ authenticator: by }) => removable.has(by) && !present.includes(by));
    const gone = isAnyGone ? await removed.of(session) : [];
    // A passkey is both at once.
    const passkey = hasPasskeys && present.includes('webauthn') ? (['passkey'] as const) : [];
    const second = anyOf([...present, ...passkey, ...gone]);
    if (second === undefined) return asked;
    const [next, ...rest] = others;
    return { ...asked, requirement: [first, ...(next === undefined ? [second] : both([next, ...rest], [second]))] };
  };
}

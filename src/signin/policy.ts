/**
 * What a sign-in must prove: the first rule that fits. As long as nobody is known, some rules may or may not fit; then people begin
 * with what any of these would have them begin with, and nothing is decided.
 */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { PolicyRule, Risk } from '../config/policy-schema.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import { createHoldsGroup } from '../service-providers/access.ts';
import { evaluatePolicy, type Facts, type ReportedRule } from './evaluate-policy.ts';
import { anyOf, type AnyOf, type Requirement } from './requirement.ts';
import type { Session } from './session.ts';
import type { Request } from './verify-requested.ts';

/** Whose browser asks. */
export interface Caller {
  /** Token of the session that the browser has. */
  readonly session: string | undefined;
  readonly remoteAddress: string;
  /** Token by which the browser is remembered, if it brings one. */
  readonly device?: string | undefined;
}

export interface Decision {
  /** The name of the rule that fired. */
  readonly rule: string;
  readonly requirement: Requirement;
  /** How old evidence may be, in milliseconds. */
  readonly maxAge?: number | undefined;
  /** Whether nothing may be issued by it, since the person is not known whom the rules ask about. */
  readonly preliminary?: boolean | undefined;
  /** For how long the browser may be remembered, and the person stay signed in, in milliseconds; undefined: not offered. */
  readonly rememberDevice?: number | undefined;
  readonly keepSignedIn?: number | undefined;
}

export interface Policy {
  /** `session` undefined: nobody is known yet. @throws Refusal policy-refused, and those of the directory */
  decide(request: Request, session: Session | undefined, caller: Caller): Promise<Decision>;
  /**
   * Every rule that is looked at when that person signs in, for whoever asks why, and what is decided by them.
   * @throws Refusal those of the directory
   */
  explain(asked: Pick<Facts, 'serviceProvider' | 'authnContexts'>, person: Person, caller: Caller): Promise<Explained>;
}

export interface Explained {
  readonly rules: readonly ReportedRule[];
  /** @throws Refusal policy-refused */
  readonly decision: () => Decision;
}

export interface PolicyParts {
  readonly rules: readonly PolicyRule[];
  /** What a person may begin with where no rule fits. */
  readonly first: readonly AuthenticatorName[];
  readonly directory: Pick<Directory, 'readFurther'>;
  /** Whether the browser is one that the person had remembered. */
  readonly isRemembered: (person: Person, caller: Caller) => Promise<boolean>;
  /** What smart lockout noticed; `session` undefined: by the person and the place alone. */
  readonly risksOf: (person: Person, caller: Caller, session: Session | undefined) => Promise<ReadonlySet<Risk>>;
  /** What is asked for the person's own page; undefined for any other request. */
  readonly own?:
    | ((request: Request, session: Session | undefined, byRules: () => Promise<Decision>) => Promise<Decision | undefined>)
    | undefined;
  readonly steps?: Pick<Steps, 'tell'> | undefined;
  readonly clock: Pick<Clock, 'now'>;
}

/** The name of what holds where no rule does. */
export const defaultRule = 'default';

/** The set of the schema, which has no empty ones. */
function setOf(names: readonly AuthenticatorName[]): AnyOf {
  const set = anyOf(names);
  if (set === undefined) throw new Error('people must be able to prove who they are');
  return set;
}

function requirementOf([first, ...others]: NonNullable<PolicyRule['require']>): Requirement {
  return [setOf(first ?? []), ...others.map(setOf)];
}

/** How long ago the oldest evidence was given that still counts. */
function ageOf(session: Session | undefined, now: number): Facts['evidenceAge'] {
  const ages = (session?.evidence ?? []).filter(({ endsAt }) => now < endsAt).map(({ at }) => now - at);
  return ages.length === 0 ? 'none' : Math.max(...ages);
}

export function createPolicy(parts: PolicyParts): Policy {
  const { rules, first, directory, isRemembered, risksOf, own, steps = noSteps, clock } = parts;
  const fallback: Decision = { rule: defaultRule, requirement: [setOf(first)] };
  const holdsGroup = createHoldsGroup(directory);

  function decisionOf({ name, require, maxAge, rememberDevice, keepSignedIn }: PolicyRule): Decision {
    if (require === undefined) throw new Refusal('policy-refused', { rule: name });
    return { rule: name, requirement: requirementOf(require), maxAge, rememberDevice, keepSignedIn };
  }

  /** What the rules ask about the person, of those that are not settled without: nothing else is read. */
  async function learn(before: Facts, person: Person, caller: Caller, session: Session | undefined): Promise<Facts> {
    const open = evaluatePolicy(rules, before).filter(({ holds }) => holds === 'unknown');
    const asks = (condition: keyof PolicyRule['when']): boolean =>
      open.some(({ conditions }) => conditions.some((each) => each.condition === condition && each.holds === 'unknown'));
    const groups = open.flatMap(({ rule }) => rule.when.groups ?? []);
    const [device, risks, isIn] = await Promise.all([
      asks('device') ? isRemembered(person, caller) : undefined,
      asks('risks') ? risksOf(person, caller, session) : undefined,
      asks('groups') ? holdsGroup(person, groups) : undefined,
    ]);
    const told = device === undefined ? before.device : device ? 'remembered' : 'unknown';
    return { ...before, device: told, risks, isIn };
  }

  const factsOf = (
    asked: Pick<Facts, 'serviceProvider' | 'authnContexts'>,
    caller: Caller,
    age: Facts['evidenceAge'],
  ): Facts => ({
    ...asked,
    remoteAddress: caller.remoteAddress,
    evidenceAge: age,
    isIn: undefined,
    // Nobody had a browser remembered that brings nothing to be known by.
    device: caller.device === undefined ? 'unknown' : undefined,
    risks: undefined,
  });

  /** Of rules that may fit and of the one that does, or of the fallback: what any of them begins with. */
  function preliminary(reported: readonly ReportedRule[]): Decision {
    const open = reported.filter(({ holds }) => holds !== 'no');
    const begins = open.flatMap(({ rule }) => rule.require?.[0] ?? []);
    const names = open.at(-1)?.holds === 'yes' ? begins : [...begins, ...first];
    if (names.length === 0) throw new Refusal('policy-refused', { rule: open.at(-1)?.rule.name });
    const offers = open.flatMap(({ rule }) => rule.keepSignedIn ?? []);
    return {
      rule: open.map(({ rule }) => rule.name).join(' or '),
      requirement: [setOf(names)],
      preliminary: true,
      // Who is asked is asked once: whether it is granted is decided when the person is known.
      keepSignedIn: offers.length === 0 ? undefined : Math.max(...offers),
    };
  }

  function conclude(reported: readonly ReportedRule[]): Decision {
    const last = reported.findLast(({ holds }) => holds !== 'no');
    if (last === undefined) return fallback;
    if (reported.some(({ holds }) => holds === 'unknown')) throw new Error('a rule was not settled');
    return decisionOf(last.rule);
  }

  /** A trail holds so many of a list. */
  const mostTold = 30;

  /** Each rule as it came out, down to the first that holds, and what they were held against. */
  function tell(facts: Facts, reported: readonly ReportedRule[], person: Person | undefined): void {
    const { serviceProvider: _, evidenceAge, isIn, risks, ...known } = facts;
    const groups = isIn && reported.flatMap(({ rule }) => rule.when.groups ?? []).filter(isIn);
    const told = {
      ...known,
      evidenceAge,
      ...(risks && { risks: [...risks] }),
      ...(groups && { groups }),
      known: person !== undefined,
    };
    for (let from = 0; from < reported.length; from += mostTold) {
      const those = reported.slice(from, from + mostTold).map(({ rule, holds, conditions }) => ({
        rule: rule.name,
        holds,
        conditions: conditions.map(({ condition, holds: each }) => `${condition} ${each}`),
      }));
      steps.tell('policy', { rules: those, facts: told, notReached: rules.length - reported.length });
    }
  }

  async function byRules(request: Request, session: Session | undefined, caller: Caller): Promise<Decision> {
    if (rules.length === 0) {
      steps.tell('policy', { rules: [] });
      return fallback;
    }
    const now = clock.now();
    const asked = {
      serviceProvider: request.serviceProvider.entityID,
      authnContexts: request.requestedAuthnContext?.authnContextClassRefs ?? [],
    };
    const facts = factsOf(asked, caller, ageOf(session, now));
    const reported = evaluatePolicy(rules, facts);
    if (session === undefined || !reported.some(({ holds }) => holds === 'unknown')) {
      tell(facts, reported, session?.person);
      return reported.some(({ holds }) => holds === 'unknown') ? preliminary(reported) : conclude(reported);
    }
    const learnt = await learn(facts, session.person, caller, session);
    const settled = evaluatePolicy(rules, learnt);
    tell(learnt, settled, session.person);
    return conclude(settled);
  }

  return {
    async decide(request, session, caller) {
      const rule = (): Promise<Decision> => byRules(request, session, caller);
      return (await own?.(request, session, rule)) ?? rule();
    },

    async explain(asked, person, caller) {
      const facts = factsOf(asked, caller, 'none');
      const reported = evaluatePolicy(rules, await learn(facts, person, caller, undefined));
      return { rules: reported, decision: () => conclude(reported) };
    },
  };
}

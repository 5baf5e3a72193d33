/** What a person would have to prove, and by which rule of the policy. */
import { createEnrolments, type Enrolments } from '../authenticators/enrolments.ts';
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { PolicyRule } from '../config/policy-schema.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import { chooseAuthnContexts, needsOf } from '../signin/authn-context.ts';
import type { Holds, ReportedCondition } from '../signin/evaluate-policy.ts';
import { createFamiliarPlaces } from '../signin/familiar-places.ts';
import { createPolicy } from '../signin/policy.ts';
import { both } from '../signin/requirement.ts';
import { createRisks } from '../signin/risks.ts';
import { createSuspicions } from '../signin/suspicions.ts';
import { configuredWays } from '../signin/ways.ts';
import { within } from '../signin/within-store.ts';
import type { Store } from '../store/store.ts';

export interface Circumstances {
  /** Entity ID. */
  readonly serviceProvider: string;
  /** An IP address; undefined: one that is in no network. */
  readonly network: string | undefined;
  /** AuthnContextClassRefs of the request. */
  readonly contexts: readonly string[];
  readonly remembered: boolean;
}

export interface PolicyReport {
  readonly rules: readonly {
    readonly name: string;
    /** `not reached`: an earlier rule holds. */
    readonly holds: Holds | 'not reached';
    /** Each with what the rule wants. */
    readonly conditions: readonly (ReportedCondition & { readonly wanted: readonly string[] })[];
    readonly outcome: Pick<PolicyRule, 'require' | 'refuse'>;
  }[];
  /** The one that fired; null where the sign-in is refused before any could. */
  readonly rule: string | null;
  /** What is asked, set by set: any one way of each. `enrolled` is null where others know, who are not asked. */
  readonly asked: readonly (readonly { readonly way: AuthenticatorName; readonly enrolled: boolean | null }[])[];
}

function enrolledIn({ totp, webauthn, recovery }: Enrolments, way: AuthenticatorName): boolean | null {
  switch (way) {
    case 'totp':
      return totp.length > 0;
    case 'webauthn':
      return webauthn.length > 0;
    case 'passkey':
      return webauthn.some(({ passkey }) => passkey);
    case 'recovery-code':
      return (recovery?.hashes.length ?? 0) > 0;
    default:
      return null;
  }
}

const outcomeOf = ({ require, refuse }: PolicyRule): Pick<PolicyRule, 'require' | 'refuse'> => ({
  ...(require !== undefined && { require }),
  ...(refuse !== undefined && { refuse }),
});

/** As the configuration has it; lengths of time in milliseconds. */
const wantedBy = ({ when }: PolicyRule, condition: keyof PolicyRule['when']): readonly string[] =>
  [when[condition] ?? []].flat().map(String);

/**
 * @param parts `store` undefined: there is none yet, so that nobody enrolled anything
 * @throws Refusal policy-refused, authn-context-unmet, and those of the directory
 */
export async function reportPolicy(
  person: Person,
  { serviceProvider, network = '', contexts, remembered }: Circumstances,
  parts: {
    readonly configuration: Configuration;
    readonly directory: Pick<Directory, 'readFurther'>;
    readonly store: Store | undefined;
    readonly clock: Clock;
  },
): Promise<{ readonly report: PolicyReport; readonly refusal: Refusal | undefined }> {
  const { configuration, directory, store, clock } = parts;
  const { first, enabled } = configuredWays(configuration);
  const places =
    store && createFamiliarPlaces({ store: within(store, 'passed'), clock, keep: configuration.throttle.familiarFor });
  const risks =
    store &&
    places &&
    createRisks({ store, places, suspicions: createSuspicions({ store, clock, window: configuration.throttle.window }), clock });
  const caller = { session: undefined, remoteAddress: network, device: remembered ? 'given' : undefined };
  const policy = createPolicy({
    rules: configuration.policy,
    first,
    directory,
    isRemembered: () => Promise.resolve(remembered),
    risksOf: (...asked) => risks?.of(...asked) ?? Promise.resolve(new Set(['unfamiliar-place'] as const)),
    clock,
  });
  const explained = await policy.explain({ serviceProvider, authnContexts: contexts }, person, caller);
  const looked = explained.rules.map(({ rule, holds, conditions }) => ({
    name: rule.name,
    holds,
    conditions: conditions.map((each) => ({ ...each, wanted: wantedBy(rule, each.condition) })),
    outcome: outcomeOf(rule),
  }));
  const notReached = configuration.policy.slice(looked.length).map((rule) => {
    return { name: rule.name, holds: 'not reached' as const, conditions: [], outcome: outcomeOf(rule) };
  });
  const rules = [...looked, ...notReached];
  try {
    const { rule, requirement } = explained.decision();
    const requested = { comparison: 'exact' as const, authnContextClassRefs: [...contexts], authnContextDeclRefs: [] };
    const needs = needsOf(chooseAuthnContexts(contexts.length === 0 ? undefined : requested, enabled), enabled);
    const enrolments = store && (await createEnrolments({ store }).of(person.objectGUID));
    const none: Enrolments = { totp: [], webauthn: [], recovery: undefined };
    const asked = both(requirement, needs).map((set) =>
      set.map((way) => ({ way, enrolled: enrolledIn(enrolments ?? none, way) })),
    );
    return { report: { rules, rule, asked }, refusal: undefined };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      report: { rules, rule: typeof error.detail.rule === 'string' ? error.detail.rule : null, asked: [] },
      refusal: error,
    };
  }
}

/** The policy, decided: pure, so that a sign-in and `passerelle whatif` cannot differ. */
import { createNetworkList } from '../config/network-list.ts';
import type { PolicyRule, Risk } from '../config/policy-schema.ts';

/** What is known of a sign-in. Undefined: not known yet, which is not the same as no. */
export interface Facts {
  /** Entity ID. */
  readonly serviceProvider: string;
  readonly remoteAddress: string;
  /** AuthnContextClassRefs of the request. */
  readonly authnContexts: readonly string[];
  /** Milliseconds since the oldest evidence that still counts; `none` where there is none. */
  readonly evidenceAge: number | 'none';
  /** Whether the person is in a group, as the configuration writes it. */
  readonly isIn: ((group: string) => boolean) | undefined;
  readonly device: 'remembered' | 'unknown' | undefined;
  readonly risks: ReadonlySet<Risk> | undefined;
}

export type Holds = 'yes' | 'no' | 'unknown';

/** One condition of a rule, and how it came out. */
export interface ReportedCondition {
  readonly condition: keyof PolicyRule['when'];
  readonly holds: Holds;
}

export interface ReportedRule {
  readonly rule: PolicyRule;
  /** `unknown` where something is not known yet that may decide. */
  readonly holds: Holds;
  readonly conditions: readonly ReportedCondition[];
}

/** Undefined where the rule has no such condition. */
type Judge = (when: PolicyRule['when'], facts: Facts) => Holds | undefined;

const toHolds = (value: boolean | undefined): Holds => (value === undefined ? 'unknown' : value ? 'yes' : 'no');

/** Cheap ones first, in the order in which they are told. */
const judges: Readonly<Record<keyof PolicyRule['when'], Judge>> = {
  serviceProviders: ({ serviceProviders }, facts) =>
    serviceProviders && toHolds(serviceProviders.includes(facts.serviceProvider)),
  networks: ({ networks }, { remoteAddress }) => networks && toHolds(createNetworkList(networks)(remoteAddress)),
  authnContexts: ({ authnContexts }, facts) =>
    authnContexts && toHolds(facts.authnContexts.some((asked) => authnContexts.includes(asked))),
  evidenceOlderThan: ({ evidenceOlderThan }, { evidenceAge }) =>
    evidenceOlderThan === undefined ? undefined : toHolds(evidenceAge !== 'none' && evidenceAge > evidenceOlderThan),
  device: ({ device }, facts) => device && toHolds(facts.device && facts.device === device),
  groups: ({ groups }, { isIn }) => groups && toHolds(isIn && groups.some(isIn)),
  risks: ({ risks }, facts) => risks && toHolds(facts.risks && risks.some((risk) => facts.risks?.has(risk))),
};
const conditions = Object.keys(judges) as (keyof PolicyRule['when'])[];

/** Pure. */
function evaluateRule(rule: PolicyRule, facts: Facts): ReportedRule {
  const reported = conditions.flatMap((condition) => {
    const holds = judges[condition](rule.when, facts);
    return holds === undefined ? [] : [{ condition, holds }];
  });
  const worst = (holds: Holds): boolean => reported.some((each) => each.holds === holds);
  return { rule, holds: worst('no') ? 'no' : worst('unknown') ? 'unknown' : 'yes', conditions: reported };
}

/** The rules down to the first that holds for certain; those before it that may hold are `unknown`. Pure. */
export function evaluatePolicy(rules: readonly PolicyRule[], facts: Facts): readonly ReportedRule[] {
  const reported: ReportedRule[] = [];
  for (const rule of rules) {
    const result = evaluateRule(rule, facts);
    reported.push(result);
    if (result.holds === 'yes') break;
  }
  return reported;
}

/** What people set up, and their own page. */
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import { createEnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import { createEnrolments } from '../authenticators/enrolments.ts';
import type { OpenFactors } from '../authenticators/open-factors.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import { createAccountDoor } from '../http/account-door.ts';
import type { AccountRoutesParts } from '../http/account-routes-parts.ts';
import type { AccountParts } from '../signin/account-parts.ts';
import { createAccount } from '../signin/account.ts';
import { createEnrol, type Enrol } from '../signin/enrol.ts';
import { createEnrolmentGate, type EnrolmentGate } from '../signin/enrolment-gate.ts';
import { createHistory, type History } from '../signin/history.ts';
import type { OwnPage } from '../signin/own-page.ts';
import { createOwnPolicy } from '../signin/own-policy.ts';
import type { PolicyParts } from '../signin/policy.ts';
import type { Proceed } from '../signin/proceed.ts';
import type { Receive } from '../signin/receive.ts';
import { createRemovedFactors } from '../signin/removed-factors.ts';
import type { Sessions } from '../signin/session.ts';
import type { Throttle } from '../signin/throttle.ts';
import type { Store } from '../store/store.ts';

interface AccountWing {
  readonly gate: EnrolmentGate;
  readonly history: History;
  /** Of the policy. */
  readonly own: NonNullable<PolicyParts['own']>;
  readonly enrol: Enrol;
  /** Undefined where people have no such page. */
  open(parts: { receive: Receive; proceed: Proceed; origin: string }): AccountRoutesParts['accountPage'];
}

export function createAccountWing(parts: {
  config: Configuration;
  page: OwnPage;
  factors: OpenFactors;
  store: Store;
  sessions: Sessions;
  kept: AccountParts;
  /** That of enrolment passes. */
  throttle: Throttle;
  audit: Audit;
  steps: Steps;
  clock: Clock;
  random: Random;
}): AccountWing {
  const { config, page, factors, store, sessions, kept, throttle, audit, steps, clock, random } = parts;
  const { enrollers, recoveryCodes, passkey } = factors;
  const { enrolment } = config.factors;
  const enrolments = createEnrolments({ store });
  const gate = createEnrolmentGate({ config: enrolment, factors: factors.factors });
  const history = createHistory({ store, keep: config.account.keepHistory, clock, note: audit.note.bind(audit) });
  const removed = createRemovedFactors({ store, clock, keep: config.account.maxAge });
  const passes = createEnrolmentPasses({ store, clock, random, life: enrolment.passLife });
  return {
    gate,
    history,
    own: createOwnPolicy({ page, hasPasskeys: passkey !== undefined, gate, removed, maxAge: config.account.maxAge }),
    enrol: createEnrol({
      ...{ enrollers, enrolments, recoveryCodes, passes, throttle, gate, sessions, store, audit, steps, clock },
      patience: config.requestLifetime,
      floor: config.throttle.floor,
    }),
    open({ receive, proceed, origin }) {
      if (!config.account.enabled) return undefined;
      return {
        door: createAccountDoor({ page, receive, proceed, origin, clock }),
        account: createAccount({ enrolments, gate, removedFactors: removed, rules: config.policy, clock }),
        history,
        kept,
        hasCodes: recoveryCodes !== undefined,
      };
    },
  };
}

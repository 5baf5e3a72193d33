/** What the factors that people enrol here stand on: a store, a seal, a clock in hand. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Asking, Factor, Verdict } from '../../src/authenticators/authenticator.ts';
import { createEnrolments, type EnrolmentRecords } from '../../src/authenticators/enrolments.ts';
import type { Person } from '../../src/directory/directory.ts';
import { createSeal, type Seal, type SealingKey } from '../../src/keys/seal.ts';
import { Refusal } from '../../src/refusal.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { heldClock, type HeldClock } from '../contract/store.ts';

type Keys = readonly [SealingKey, ...SealingKey[]];

export interface FactorStage {
  readonly store: Store;
  readonly enrolments: EnrolmentRecords;
  readonly seal: Seal;
  readonly clock: HeldClock;
  readonly random: typeof randomBytes;
  /** Of the seal; `add` and `forget` turn them as `passerelle store rekey` does. */
  readonly keys: { add(): void; forget(): void; trouble: Error | undefined };
  close(): Promise<void>;
}

const newKey = (): SealingKey => ({ id: randomBytes(4).toString('hex'), key: randomBytes(32) });

/** @param file of the store, to be shared with others */
export async function factorStage(start: number, file = ':memory:'): Promise<FactorStage> {
  const clock = heldClock(start);
  const store = await createSqliteStore({ file, clock });
  let held: Keys = [newKey()];
  const keys: FactorStage['keys'] = {
    add: () => (held = [newKey(), ...held]),
    forget: () => (held = [held[0]]),
    trouble: undefined,
  };
  const current = (): Keys => {
    if (keys.trouble !== undefined) throw keys.trouble;
    return held;
  };
  const seal = createSeal(current, randomBytes);
  return {
    store,
    enrolments: createEnrolments({ store }),
    seal,
    clock,
    random: randomBytes,
    keys,
    close: () => store.close(),
  };
}

export const asking: Asking & { readonly state: unknown } = {
  forceAuthn: false,
  returnUrl: 'https://sso.example.com/signin/factor',
  handle: 'handle',
  locale: 'en',
  remoteAddress: '203.0.113.5',
  serviceProvider: 'Wiki',
  state: undefined,
};

/** What a factor makes of a code: accepted, or the reason why not. Anything else is thrown. */
export async function judged(factor: Factor, person: Person | undefined, code: string): Promise<string> {
  try {
    return (await verdictOn(factor, person, code)).verdict;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.reason;
  }
}

export const verdictOn = (factor: Factor, person: Person | undefined, code: string): Promise<Verdict> =>
  factor.verify(person, { code }, asking);

/** Whether it is that refusal, and its detail names that cause. */
export const isRefusal =
  (reason: string, cause = /^/) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.reason === reason && cause.test(String(error.detail.cause));

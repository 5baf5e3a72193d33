/** What is looked at before a person is asked: nothing that others would have to be asked for without need. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FactorName } from '../../src/authenticators/authenticator.ts';
import { Refusal } from '../../src/refusal.ts';
import { createProceed } from '../../src/signin/proceed.ts';
import type { Requirement } from '../../src/signin/requirement.ts';
import { somebody } from './somebody.ts';

const names: readonly FactorName[] = ['totp', 'webauthn', 'webhook', 'own'];

function proceedWith(requirement: Requirement, has: readonly FactorName[], proven: readonly string[] | undefined) {
  const looked: string[] = [];
  const evidence = proven?.map((authenticator) => ({ authenticator, objectGUID: 'ada', at: 1, endsAt: 100, signIn: 'one' }));
  const session = evidence && { objectGUID: 'ada', person: somebody('ada'), evidence, endsAt: 100 };
  const proceed = createProceed({
    verifyRequested: () => ({ authnContexts: undefined }),
    sessions: { read: () => Promise.resolve(session), counting: (read: unknown) => read },
    policy: { decide: () => Promise.resolve({ rule: 'one', requirement }) },
    enabled: [],
    factors: names.map((name) => ({
      name,
      enrolled: () => {
        looked.push(name);
        return Promise.resolve(has.includes(name));
      },
    })),
    enrollable: ['totp', 'webauthn'],
    gate: { before: (step: unknown) => Promise.resolve(step) },
    isOurs: () => false,
    readPerson: () => Promise.resolve({}),
    clock: { now: () => 10 },
  } as never);
  const next = proceed.next({ forceAuthn: false, isPassive: false } as never, 'one', { session: 'token', remoteAddress: '::1' });
  return next.then(
    (step) => [step.step, 'ways' in step ? step.ways : [], looked],
    (error: unknown) => [error instanceof Refusal ? error.reason : error, [], looked],
  );
}

describe('what a person can be asked for', () => {
  const three: Requirement = [['password'], ['totp', 'webhook'], ['own']];
  for (const [title, requirement, has, proven, expected] of [
    ['is not looked at of nobody', three, [], undefined, ['ask', ['password'], []]],
    ['is not looked at where nothing is missing', [['password']], [], ['password'], ['issue', [], []]],
    ['is looked at where it is missing, alone', three, ['webhook'], ['password'], ['ask', ['webhook'], ['totp', 'webhook']]],
    ['may be nothing that others can help with', three, ['totp'], ['password', 'totp'], ['no-way-left', [], ['own']]],
    ['may be set up', three, [], ['password'], ['enrol', ['totp'], ['totp', 'webhook']]],
    ['is a key, where a passkey is one', [['password'], ['passkey']], [], ['password'], ['no-way-left', [], ['webauthn']]],
  ] as const) {
    it(title, async () => {
      assert.deepEqual(await proceedWith(requirement as Requirement, has, proven), expected);
    });
  }
});

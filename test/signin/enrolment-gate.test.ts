/** Who may set up a factor: nobody beside one that they have by less than that, in whatever order the policy asks. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthenticatorName } from '../../src/authenticators/authenticator.ts';
import { createEnrolmentGate } from '../../src/signin/enrolment-gate.ts';
import { nextStep, type SignIn } from '../../src/signin/next-step.ts';
import type { Requirement } from '../../src/signin/requirement.ts';
import type { Session } from '../../src/signin/session.ts';
import { somebody } from './somebody.ts';

const minute = 60_000;
const now = 100 * minute;
const person = somebody('ada');
/** Minutes since each was proven. */
const sessionOf = (proven: Partial<Record<AuthenticatorName, number>>): Session => ({
  ...{ id: 'id', objectGUID: 'ada', endsAt: Infinity, person, personReadAt: 0 },
  evidence: Object.entries(proven).map(([name, age]) => ({
    authenticator: name as AuthenticatorName,
    ...{ objectGUID: 'ada', at: now - age * minute, endsAt: Infinity, signIn: 'one' },
  })),
});

async function gated(requirement: Requirement, has: readonly AuthenticatorName[], session: Session): Promise<string> {
  const factors = (['totp', 'webauthn', 'recovery-code'] as const).map((name) => ({
    name,
    enrolled: () => Promise.resolve(has.includes(name)),
  }));
  const gate = createEnrolmentGate({ config: { freshFor: 10 * minute, networks: [], pass: 'never' } as never, factors });
  const asked: SignIn = {
    ...{ id: 'one', forceAuthn: false, isPassive: false, requirement },
    lacks: new Map(factors.filter(({ name }) => !has.includes(name)).map(({ name }) => [name, 'enrol'])),
  };
  const step = await gate.before(nextStep(asked, session, now), asked, session, { remoteAddress: '192.0.2.1', now });
  return 'ways' in step ? `${step.step} ${step.ways.join(' ')}` : step.step;
}

describe('what comes before a factor is set up', () => {
  const [usual, codeFirst] = [
    [['password'], ['totp']],
    [['totp'], ['password']],
  ] as const;
  for (const [title, requirement, has, proven, expected] of [
    ['a fresh password is enough for whoever has nothing', usual, [], { password: 1 }, 'enrol totp'],
    ['an old one is asked for again', usual, [], { password: 11 }, 'ask password'],
    ['what there is must be proven', usual, ['webauthn', 'recovery-code'], { password: 1 }, 'ask webauthn recovery-code'],
    ['and is', usual, ['webauthn'], { password: 1, webauthn: 1 }, 'enrol totp'],
    ['long ago is not now', usual, ['webauthn'], { password: 1, webauthn: 11 }, 'ask webauthn'],
    ['a code that comes first', codeFirst, [], { password: 1 }, 'enrol totp'],
    ['a code that comes first, by an old password', codeFirst, [], { password: 11 }, 'ask password'],
    ['a code that comes first, of whoever has a key', codeFirst, ['webauthn'], { password: 1 }, 'ask webauthn'],
    ['a code that comes first, after the key', codeFirst, ['webauthn'], { password: 1, webauthn: 1 }, 'enrol totp'],
    [
      'of two, the second is proven by the first',
      [['password'], ['totp'], ['webauthn']],
      ['totp'],
      { password: 1, totp: 1 },
      'enrol webauthn',
    ],
  ] as const) {
    it(`${title}: ${expected}`, async () => {
      assert.equal(await gated(requirement as unknown as Requirement, has, sessionOf(proven)), expected);
    });
  }
});

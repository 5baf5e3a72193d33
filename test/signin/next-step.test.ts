/** The laws of the one decision: nothing short of the requirement is ever issued, and two people's evidence never mixes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../src/authenticators/authenticator.ts';
import { nextStep, type Remembered, type SignIn } from '../../src/signin/next-step.ts';

const people = fc.constantFrom('person-a', 'person-b');
const signIns = fc.constantFrom('one', 'two');
const evidence: fc.Arbitrary<Evidence> = fc.record({
  authenticator: fc.constant('password'),
  objectGUID: people,
  at: fc.integer({ min: 0, max: 100 }),
  signIn: signIns,
});
const session: fc.Arbitrary<Remembered | undefined> = fc.option(
  fc.record({ objectGUID: people, evidence: fc.array(evidence, { maxLength: 4 }), endsAt: fc.integer({ min: 0, max: 100 }) }),
  { nil: undefined },
);
const signIn: fc.Arbitrary<SignIn> = fc.record({
  id: fc.option(signIns, { nil: undefined }),
  forceAuthn: fc.boolean(),
  isPassive: fc.boolean(),
  requirement: fc.constantFrom([['password']] as const, [['password'], ['password']] as const),
});
const instant = fc.integer({ min: 0, max: 100 });

describe('nextStep', () => {
  it('issues by evidence of the session’s own person, within its life, of this sign-in where ForceAuthn asks for it', () => {
    fc.assert(
      fc.property(signIn, session, instant, (asked, remembered, now) => {
        const step = nextStep(asked, remembered, now);
        if (step.step !== 'issue') return;
        assert.ok(remembered !== undefined && now < remembered.endsAt);
        assert.equal(step.evidence.length, asked.requirement.length);
        for (const piece of step.evidence) {
          assert.equal(piece.objectGUID, remembered.objectGUID);
          assert.ok(piece.at <= now);
          assert.ok(remembered.evidence.includes(piece));
          if (asked.forceAuthn) assert.equal(piece.signIn, asked.id);
        }
      }),
    );
  });

  it('never asks where IsPassive forbids it, and never refuses where it does not', () => {
    fc.assert(
      fc.property(signIn, session, instant, (asked, remembered, now) => {
        const { step } = nextStep(asked, remembered, now);
        assert.notEqual(step, asked.isPassive ? 'ask' : 'refuse');
      }),
    );
  });

  it('asks as soon as one piece of evidence is taken away', () => {
    fc.assert(
      fc.property(signIn, session, instant, (asked, remembered, now) => {
        const step = nextStep(asked, remembered, now);
        if (step.step !== 'issue' || remembered === undefined) return;
        const used: readonly Evidence[] = step.evidence;
        const without = {
          ...remembered,
          evidence: remembered.evidence.filter((piece) => !used.includes(piece) && piece.objectGUID !== remembered.objectGUID),
        };
        assert.notEqual(nextStep(asked, without, now).step, 'issue');
      }),
    );
  });

  const fresh: Evidence = { authenticator: 'password', objectGUID: 'a', at: 10, signIn: 'one' };
  const live: Remembered = { objectGUID: 'a', evidence: [fresh], endsAt: 100 };
  const plain: SignIn = { id: 'two', forceAuthn: false, isPassive: false, requirement: [['password']] };
  for (const [title, asked, remembered, now, expected] of [
    ['asks without a session', plain, undefined, 20, 'ask'],
    ['issues from a live session', plain, live, 20, 'issue'],
    ['issues from a live session at first contact', { ...plain, id: undefined }, live, 20, 'issue'],
    ['asks once the session has ended', plain, live, 100, 'ask'],
    ['asks again for ForceAuthn', { ...plain, forceAuthn: true }, live, 20, 'ask'],
    ['asks again for ForceAuthn at first contact', { ...plain, id: undefined, forceAuthn: true }, live, 20, 'ask'],
    ['issues for ForceAuthn after its own sign-in', { ...plain, id: 'one', forceAuthn: true }, live, 20, 'issue'],
    ['refuses IsPassive without a session', { ...plain, isPassive: true }, undefined, 20, 'refuse'],
    ['refuses IsPassive with ForceAuthn', { ...plain, isPassive: true, forceAuthn: true }, live, 20, 'refuse'],
    ['answers IsPassive from a live session', { ...plain, isPassive: true }, live, 20, 'issue'],
    ['does not take another person’s evidence', plain, { ...live, objectGUID: 'b' }, 20, 'ask'],
    ['does not take evidence from the future', plain, live, 9, 'ask'],
  ] as const) {
    it(title, () => {
      assert.equal(nextStep(asked, remembered, now).step, expected);
    });
  }
});

/** The laws of the one decision: nothing short of the requirement is ever issued, and two people's evidence never mixes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AuthenticatorName, Evidence } from '../../src/authenticators/authenticator.ts';
import { nextStep, type Remembered, type SignIn } from '../../src/signin/next-step.ts';

const ways = ['password', 'totp', 'webauthn', 'passkey'] as const satisfies AuthenticatorName[];
const people = fc.constantFrom('person-a', 'person-b');
const signIns = fc.constantFrom('one', 'two');
const evidence: fc.Arbitrary<Evidence> = fc.record({
  authenticator: fc.constantFrom(...ways),
  objectGUID: people,
  at: fc.integer({ min: 0, max: 100 }),
  endsAt: fc.integer({ min: 0, max: 120 }),
  signIn: signIns,
});
const session: fc.Arbitrary<Remembered | undefined> = fc.option(
  fc.record({ objectGUID: people, evidence: fc.array(evidence, { maxLength: 6 }), endsAt: fc.integer({ min: 0, max: 100 }) }),
  { nil: undefined },
);
const signIn: fc.Arbitrary<SignIn> = fc.record({
  id: fc.option(signIns, { nil: undefined }),
  forceAuthn: fc.boolean(),
  isPassive: fc.boolean(),
  requirement: fc.constantFrom(
    [['password']] as const,
    [['password'], ['totp']] as const,
    [['totp'], ['password']] as const,
    [
      ['password', 'passkey'],
      ['webauthn', 'totp', 'passkey'],
    ] as const,
    [['passkey'], ['totp'], ['webauthn']] as const,
  ),
  maxAge: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
  lacks: fc.option(
    fc
      .dictionary(fc.constantFrom('totp', 'webauthn', 'passkey'), fc.constantFrom('enrol', 'nothing'))
      .map((lacks) => new Map(Object.entries(lacks) as [AuthenticatorName, 'enrol' | 'nothing'][])),
    { nil: undefined },
  ),
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
          assert.ok(piece.at <= now && now < piece.endsAt);
          assert.ok(remembered.evidence.includes(piece));
          if (asked.forceAuthn) assert.equal(piece.signIn, asked.id);
          if (asked.maxAge !== undefined) assert.ok(now - piece.at < asked.maxAge);
        }
        for (const [index, set] of asked.requirement.entries()) assert.ok(set.includes(step.evidence[index]!.authenticator));
      }),
    );
  });

  it('never asks where IsPassive forbids it, and refuses otherwise only somebody who has no way left', () => {
    fc.assert(
      fc.property(signIn, session, instant, (asked, remembered, now) => {
        const step = nextStep(asked, remembered, now);
        if (asked.isPassive) assert.ok(step.step === 'issue' || (step.step === 'refuse' && step.reason === 'passive-impossible'));
        else if (step.step === 'refuse') {
          assert.equal(step.reason, 'no-way-left');
          assert.ok(asked.requirement.some((set) => set.every((name) => asked.lacks?.get(name) === 'nothing')));
        }
      }),
    );
  });

  it('asks by what is required and not there, of somebody known by what they have, of others by all of the first set', () => {
    fc.assert(
      fc.property(signIn, session, instant, (asked, remembered, now) => {
        const step = nextStep(asked, remembered, now);
        if (step.step !== 'ask' && step.step !== 'enrol') return;
        const set = asked.requirement.find((each) => step.ways.every((way) => (each as readonly string[]).includes(way)));
        assert.ok(set !== undefined);
        const counting = (remembered?.evidence ?? []).filter(
          (piece) =>
            nextStep({ ...asked, requirement: [[piece.authenticator]] }, { ...remembered!, evidence: [piece] }, now).step ===
            'issue',
        );
        assert.ok(!counting.some(({ authenticator }) => step.ways.includes(authenticator)), 'what is there is not asked for');
        if (counting.length === 0) assert.deepEqual([step.step, step.ways], ['ask', asked.requirement[0]]);
        else for (const way of step.ways) assert.equal(asked.lacks?.get(way), step.step === 'ask' ? undefined : 'enrol');
      }),
    );
  });

  it('comes to an end: whoever proves each thing that is asked for is issued something, asked for each once', () => {
    fc.assert(
      fc.property(signIn, instant, (asked, now) => {
        let remembered: Remembered = { objectGUID: 'person-a', evidence: [], endsAt: 1_000 };
        const active = { ...asked, id: 'one', isPassive: false, maxAge: undefined, lacks: undefined };
        for (const _ of asked.requirement) {
          const step = nextStep(active, remembered, now);
          if (step.step === 'issue') return;
          assert.ok(step.step === 'ask');
          const [authenticator] = step.ways;
          const piece: Evidence = { authenticator, objectGUID: 'person-a', at: now, endsAt: 1_000, signIn: 'one' };
          remembered = { ...remembered, evidence: [...remembered.evidence, piece] };
        }
        assert.equal(nextStep(active, remembered, now).step, 'issue');
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

  const fresh: Evidence = { authenticator: 'password', objectGUID: 'a', at: 10, endsAt: 110, signIn: 'one' };
  const live: Remembered = { objectGUID: 'a', evidence: [fresh], endsAt: 100 };
  const plain: SignIn = { id: 'two', forceAuthn: false, isPassive: false, requirement: [['password']] };
  const codeFirst: SignIn = { ...plain, requirement: [['totp'], ['password']] };
  const lacking = (what: 'enrol' | 'nothing') => new Map([['totp', what]] as const);
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
    ['does not take evidence that is as old as it may not be', { ...plain, maxAge: 10 }, live, 20, 'ask'],
    ['takes evidence that is younger', { ...plain, maxAge: 11 }, live, 20, 'issue'],
    ['asks for a code before the password that was given', codeFirst, live, 20, 'ask'],
    ['has it set up by whoever is known by the password', { ...codeFirst, lacks: lacking('enrol') }, live, 20, 'enrol'],
    ['says that there is no way to whoever is known by it', { ...codeFirst, lacks: lacking('nothing') }, live, 20, 'refuse'],
    ['says so to nobody whose evidence does not count', { ...codeFirst, lacks: lacking('nothing') }, live, 100, 'ask'],
  ] as const) {
    it(title, () => {
      assert.equal(nextStep(asked, remembered, now).step, expected);
    });
  }
});

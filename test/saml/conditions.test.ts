/** What becomes of requested Conditions: never wider than what was asked, never wider than what would be said unasked. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/refusal.ts';
import { grantConditions, writeRestrictions, type RequestedConditions } from '../../src/saml/conditions.ts';
import { outcome } from './requests.ts';

const now = 1_000_000;
const unasked = { notBefore: now - 60_000, notOnOrAfter: now + 240_000, audience: 'urn:sp' };
const asking = (parts: Partial<RequestedConditions>): RequestedConditions => ({
  notBefore: undefined,
  notOnOrAfter: undefined,
  audienceRestrictions: [],
  oneTimeUse: false,
  proxyRestriction: undefined,
  unknown: false,
  ...parts,
});

describe('requested Conditions', () => {
  for (const [what, asked, expected] of [
    ['none', undefined, [-60_000, 240_000]],
    ['nothing', {}, [-60_000, 240_000]],
    ['a narrower window', { notBefore: now - 10, notOnOrAfter: now + 10 }, [-10, 10]],
    ['a wider window', { notBefore: 0, notOnOrAfter: now * 2 }, [-60_000, 240_000]],
    ['a beginning that is near', { notBefore: now + 10 }, [10, 240_000]],
    ['its own audience', { audienceRestrictions: [['urn:sp'], ['urn:other', 'urn:sp']] }, [-60_000, 240_000]],
    ['a window that is over', { notOnOrAfter: now }, undefined],
    ['a window that comes too late', { notBefore: now + 240_000 }, undefined],
    ['another audience', { audienceRestrictions: [['urn:sp'], ['urn:other']] }, undefined],
    ['a condition that is not known', { unknown: true }, undefined],
  ] as const) {
    it(`${expected === undefined ? 'refuses' : 'grants'} ${what}`, async () => {
      const grant = () => grantConditions(asked && asking(asked), unasked, now);
      assert.equal(await outcome(grant), expected === undefined ? 'conditions-unmet' : 'accepted');
      if (expected === undefined) return;
      const { notBefore, notOnOrAfter } = grant();
      assert.deepEqual([notBefore - now, notOnOrAfter - now], expected);
    });
  }

  it('only ever narrows', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 2 * now }), { nil: undefined });
    fc.assert(
      fc.property(instant, instant, (notBefore, notOnOrAfter) => {
        try {
          const granted = grantConditions(asking({ notBefore, notOnOrAfter }), unasked, now);
          assert.ok(granted.notBefore >= Math.max(unasked.notBefore, notBefore ?? 0));
          assert.ok(granted.notOnOrAfter <= Math.min(unasked.notOnOrAfter, notOnOrAfter ?? Infinity));
          assert.ok(granted.notBefore < granted.notOnOrAfter && granted.notOnOrAfter > now);
        } catch (error) {
          assert.ok(error instanceof Refusal);
        }
      }),
    );
  });

  it('carries OneTimeUse and ProxyRestriction over, escaped', () => {
    const granted = grantConditions(
      asking({ oneTimeUse: true, proxyRestriction: { count: '0', audiences: ['urn:a<&'] } }),
      unasked,
      now,
    );
    assert.equal(
      writeRestrictions(granted),
      '<saml:OneTimeUse></saml:OneTimeUse><saml:ProxyRestriction Count="0"><saml:Audience>urn:a&lt;&amp;</saml:Audience></saml:ProxyRestriction>',
    );
    assert.equal(writeRestrictions({}), '');
    assert.equal(
      writeRestrictions({ oneTimeUse: false, proxyRestriction: { count: undefined, audiences: [] } }),
      '<saml:ProxyRestriction></saml:ProxyRestriction>',
    );
  });
});

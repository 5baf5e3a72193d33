/** What the page that changes a password says about the policy, and how lengths of time read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PasswordPolicy } from '../../src/directory/directory.ts';
import { locales } from '../../src/http/locale.ts';
import { passwordRules } from '../../src/http/password-rules.ts';
import { sayDuration } from '../../src/http/say-duration.ts';
import { Refusal } from '../../src/refusal.ts';

const day = 86_400_000;
const none: PasswordPolicy = {
  fineGrained: undefined,
  minLength: 0,
  history: 0,
  complex: false,
  minAge: 0,
  maxAge: undefined,
  lockoutThreshold: 0,
  lockoutWindow: 0,
  lockoutDuration: undefined,
};
const full = { ...none, minLength: 8, history: 24, complex: true, minAge: day, maxAge: 42 * day };
const brokenBy = (refusal: Refusal): readonly string[] =>
  passwordRules(full, refusal).flatMap(({ label, broken }) => (broken ? [label] : []));

describe('the rules of a password', () => {
  it('are none where none are known, or none hold', () => {
    assert.deepEqual(passwordRules(undefined, undefined), []);
    assert.deepEqual(passwordRules(none, undefined), []);
    assert.deepEqual(passwordRules({ ...none, minLength: 1 }, undefined), []);
  });

  it('are those of the policy', () => {
    assert.deepEqual(
      passwordRules(full, undefined).map(({ label, count, milliseconds }) => [label, count ?? milliseconds]),
      [
        ['length', 8],
        ['kinds', undefined],
        ['names', undefined],
        ['history', 24],
        ['age', day],
        ['life', 42 * day],
      ],
    );
    assert.deepEqual(passwordRules({ ...none, history: 1 }, undefined), [{ label: 'previous', broken: false }]);
  });

  it('are marked where the last one broke them', () => {
    assert.deepEqual(brokenBy(new Refusal('new-password-used')), ['history']);
    assert.deepEqual(brokenBy(new Refusal('password-wrong')), []);
    const breaches = 'new-password-short new-password-simple new-password-name';
    assert.deepEqual(brokenBy(new Refusal('new-password-short', { breaches })), ['length', 'kinds', 'names']);
  });
});

describe('a length of time', () => {
  const rows: readonly (readonly [milliseconds: number, text: string])[] = [
    [0, '1 minute'],
    [30_000, '1 minute'],
    [60_001, '2 minutes'],
    [3_600_000, '1 hour'],
    [3_600_001, '2 hours'],
    [day - 1, '24 hours'],
    [day, '1 day'],
    [41.2 * day, '42 days'],
  ];
  for (const [milliseconds, text] of rows) {
    it(`of ${String(milliseconds)} ms is ${text}`, () => {
      assert.equal(sayDuration('en')(milliseconds), text);
    });
  }

  it('has words in every language', () => {
    assert.equal(new Set(locales.map((locale) => sayDuration(locale)(3 * 3_600_000))).size, locales.length);
  });
});

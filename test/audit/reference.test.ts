/** References are random, and made of nothing that is misread or misheard. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { newReference } from '../../src/audit/reference.ts';

describe('a reference', () => {
  const cases: readonly [string, number[], string][] = [
    ['the least', Array.from({ length: 10 }, () => 0), '0000-000000'],
    ['the greatest', Array.from({ length: 10 }, () => 255), 'ZZZZ-ZZZZZZ'],
    ['each place', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], '0123-456789'],
    ['letters without I, L, O, U', [17, 18, 19, 20, 21, 22, 26, 27, 28, 31], 'HJKM-NPTVWZ'],
    ['five bits a byte', [32, 64, 96, 128, 160, 192, 224, 33, 65, 97], '0000-000111'],
  ];
  for (const [name, bytes, expected] of cases) {
    it(`spells ${name}`, () =>
      assert.equal(
        newReference(() => Buffer.from(bytes)),
        expected,
      ));
  }

  it('takes each character equally often', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 3_200; index += 1) {
      const reference = newReference(randomBytes);
      assert.match(reference, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{6}$/);
      for (const character of reference.replace('-', '')) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    assert.equal(counts.size, 32);
    for (const [character, count] of counts) assert.ok(count > 800 && count < 1_200, `${character}: ${count} of 1000`);
  });

  it('is never met twice among many', () => {
    assert.equal(new Set(Array.from({ length: 10_000 }, () => newReference(randomBytes))).size, 10_000);
  });
});

/** Patterns: what fits and what is captured is what ECMAScript says, whatever is written is matched in linear time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matchPattern } from '../../src/config/match-pattern.ts';
import { parsePattern, PatternMistake } from '../../src/config/pattern.ts';

const matched = (pattern: string, text: string) => matchPattern(parsePattern(pattern), text);
/** The same by the engine of the language, which may go back and forth. */
const expected = (pattern: string, text: string) => {
  const found = new RegExp(`^(?:${pattern})$`, 'u').exec(text);
  return found === null ? undefined : [...found];
};

describe('a pattern', () => {
  const rows: readonly (readonly [pattern: string, ...texts: string[]])[] = [
    ['aws-(\\d{12})-(.+)', 'aws-123456789012-Admin', 'aws-12345678901-Admin', 'aws-123456789012-', 'xaws-123456789012-A'],
    ['(a|ab)(c|bcd)?', 'abcd', 'ab', 'abc', 'a'],
    ['(a+)(a*)', 'aaaa', 'a', ''],
    ['(a+?)(a*)', 'aaaa'],
    ['(?:(a)|(b))*', 'ab', 'ba', '', 'c'],
    ['^abc$', 'abc', 'abcd'],
    ['a|^b|c$', 'a', 'b', 'c', 'ab'],
    ['a^b', 'ab'],
    ['[a-z\\d_.-]+', 'a-z_0.9', 'A', ''],
    ['[^,]+', 'ÄÖ 测试😀', 'a,b'],
    ['[\\]\\\\^-]+', ']\\^-', '['],
    ['.', '😀', '\n', 'é', 'ab'],
    ['\\w+\\s\\S\\W\\D', 'ab c-x', 'ab c--', 'ab c-1'],
    ['\\$\\.\\(\\)\\{\\}\\/\\|', '$.(){}/|'],
    ['(x{0,2}){2}', 'xx', 'xxxx', 'xxxxx'],
    ['a{2,}', 'a', 'aa', 'aaaaa'],
    ['(?:a{0})', '', 'a'],
    ['', '', 'a'],
    ['a||b', '', 'a', 'b'],
    ['\\t\\r\\n', '\t\r\n'],
  ];
  for (const [pattern, ...texts] of rows) {
    it(`${JSON.stringify(pattern)} fits and captures what a regular expression does`, () => {
      for (const text of texts) assert.deepEqual(matched(pattern, text), expected(pattern, text), JSON.stringify(text));
    });
  }

  const refused: readonly (readonly [pattern: string, says: RegExp])[] = [
    ['(a', /brackets/],
    ['a)', /brackets/],
    ['[a', /brackets/],
    ['a]', /backslash/],
    ['{2}', /backslash/],
    ['a}', /backslash/],
    ['*a', /backslash/],
    ['a**', /twice/],
    ['a{1}{2}', /twice/],
    ['^*', /neither/],
    ['(a)\\1', /\\1/],
    ['\\bx', /\\b/],
    ['\\p{L}', /\\p/],
    ['\\u0041', /\\u/],
    ['a\\', /without/],
    ['(?=a)', /\(\?/],
    ['(?!a)', /\(\?/],
    ['(?<n>a)', /\(\?/],
    ['[z-a]', /upwards/],
    ['[a-\\d]', /upwards/],
    ['a{3,2}', /counts/],
    ['a{256}', /counts/],
    ['a{1', /counts/],
    ['a{,2}', /counts/],
    ['(?:a{255}){255}', /repetitions/],
    ['(?:(?:(?:(?:){255}){255}){255}){255}', /repetitions/],
    ['('.repeat(21) + ')'.repeat(21), /nested/],
    ['a'.repeat(257), /characters/],
  ];
  for (const [pattern, says] of refused) {
    it(`is not ${JSON.stringify(pattern.slice(0, 40))}`, () => {
      assert.throws(
        () => parsePattern(pattern),
        (error) => error instanceof PatternMistake && says.test(error.message),
      );
    });
  }

  it('takes linear time where the language’s own engine would not end', () => {
    for (const pattern of ['(a+)+b', '(a|a)*b', '(a|aa)+b', '(.*)*(.*)*(.*)*b', 'a*a*a*a*a*a*a*b', '(?:a?){60}a{60}b']) {
      const started = performance.now();
      assert.equal(matched(pattern, 'a'.repeat(1_024)), undefined);
      assert.ok(performance.now() - started < 2_000, pattern);
    }
    assert.equal(matched('a*', 'a'.repeat(1_025)), undefined);
  });

  const atoms = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '(a)', '(b|a)', '(?:ab|a)', '(a(b))', '(ab|a|b)');
  const parts = fc
    .tuple(atoms, fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{2,}'))
    .map((part) => part.join(''));
  const patterns = fc
    .array(fc.array(parts, { maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((ways) => ways.map((way) => way.join('')).join('|'));
  const texts = fc.string({ unit: fc.constantFrom('a', 'a', 'b', '1', '😀'), maxLength: 8 });

  it('of any kind fits and captures what a regular expression does', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => {
        assert.deepEqual(matched(pattern, text), expected(pattern, text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('that groups repeat fits what a regular expression does', () => {
    fc.assert(
      fc.property(patterns, fc.constantFrom('*', '+', '?', '{2}', '{0,3}'), texts, (pattern, count, text) => {
        assert.equal(matched(`(${pattern})${count}`, text) === undefined, expected(`(${pattern})${count}`, text) === undefined);
      }),
      { numRuns: 1_000 },
    );
  });

  it('made of anything is read or refused', () => {
    const pieces = fc.constantFrom(
      'a',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '*',
      '+',
      '?',
      '|',
      '^',
      '$',
      '\\',
      '-',
      '1',
      ',',
      '.',
      ':',
      '😀',
    );
    fc.assert(
      fc.property(fc.string({ unit: pieces, maxLength: 14 }), (pattern) => {
        try {
          matchPattern(parsePattern(pattern), 'a1-');
        } catch (error) {
          assert.ok(error instanceof PatternMistake, String(error));
          return;
        }
        // Whatever is read is a regular expression of the language, too.
        new RegExp(pattern, 'u');
      }),
      { numRuns: 5_000 },
    );
  });
});

/** The text of a configuration file: what YAML may do here, and what it may not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseSettings } from '../../src/config/settings.ts';
import { brief } from './sound-file.ts';

const parse = (text: string, environment: Readonly<Record<string, string>> = {}) => parseSettings(text, environment);

describe('values', () => {
  const rows: readonly (readonly [string, string, unknown])[] = [
    ['YAML 1.2 truth values', 'a: yes\nb: true\nc: no', { a: 'yes', b: true, c: 'no' }],
    ['numbers', 'a: 1\nb: 0o17\nc: 010\nd: 1.5', { a: 1, b: 15, c: 10, d: 1.5 }],
    ['aliases', 'a: &x [1]\nb: *x', { a: [1], b: [1] }],
    ['a merge key, which is a name like any other', 'a: &x { c: 1 }\n<<: *x', { a: { c: 1 }, '<<': { c: 1 } }],
    ['keys that are numbers', '1: a', { 1: 'a' }],
    ['a core tag', 'a: !!str 1', { a: '1' }],
    ['a byte order mark', '\uFEFFa: 1', { a: 1 }],
    ['Windows line endings', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    ['a version that is ours', '%YAML 1.2\n---\na: 1', { a: 1 }],
    ['names of Object.prototype', 'constructor: 1\ntoString: 2', { constructor: 1, toString: 2 }],
  ];
  for (const [title, text, value] of rows) {
    it(title, () => {
      const settings = parse(text);
      assert.deepEqual(settings.mistakes, []);
      assert.deepEqual(settings.value, value);
    });
  }

  it('reads what JSON is, as JSON does', () => {
    const words = fc.string({ maxLength: 20 }).filter((text) => text !== '__proto__' && !text.includes('${'));
    const values = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        words,
        fc.integer(),
        fc.boolean(),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(words, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).tree;
    fc.assert(
      fc.property(fc.dictionary(words, values, { maxKeys: 4, noNullPrototype: true }), (value) => {
        const settings = parse(JSON.stringify(value));
        assert.deepEqual(settings.mistakes, []);
        assert.deepEqual(settings.value, value);
      }),
      { numRuns: 100 },
    );
  });
});

describe('texts that are refused', () => {
  const rows: readonly (readonly [string, string, ...string[]])[] = [
    ['nothing', '', '1:1  the file is empty'],
    ['comments alone', '# nothing\n', '1:1  the file is empty'],
    ['a word', 'hunter2', '1:1  the file must hold settings'],
    ['a list', '- a: 1', '1:1  the file must hold settings'],
    ['two documents', 'a: 1\n---\nb: 2', '2:1  this is not well-formed YAML'],
    ['another YAML', '%YAML 1.1\n---\na: yes', '1:1  the file asks for another YAML than 1.2'],
    ['a tab', 'a:\n\tb: 1', '2:1  this is not well-formed YAML'],
    ['an open quotation mark', 'a: 1\nb: "x', '2:6  this is not well-formed YAML'],
    ['a colon in a value', 'a: b: c', '1:4  this is not well-formed YAML'],
    ['a key twice', 'a: 1\nb:\n  c: 1\n  c: 2\na: 3', '4:3 b.c is given twice', '5:1 a is given twice'],
    ['a key twice in two forms', '1: a\n"1": b', '2:1 1 is given twice'],
    ['a key that is a list', '? [a]\n: 1\nb: 2', '1:3  has a key that is not a plain word'],
    ['a key that is an alias', 'b: &a 1\n*a : 2', '2:1  has a key that is not a plain word'],
    ['the prototype', '__proto__: { a: 1 }', '1:1  has a key that is not a plain word'],
    ['an alias of nothing', 'a: *hunter2', '1:4 a is an alias of nothing'],
    ['an alias of itself', 'a: &a [*a]', '1:8 a.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 nests too deeply'],
    ['an unknown tag', 'a: !hunter2 x', '1:13 a has a tag that means nothing here'],
    ['a binary tag', 'a: !!binary aHVudGVyMg==', '1:13 a has a tag that means nothing here'],
    ['a scalar too long', `a: ${'x'.repeat(8193)}`, '1:4 a is too long'],
  ];
  for (const [title, text, ...expected] of rows) {
    it(title, () => {
      const { mistakes } = parse(text);
      assert.deepEqual(brief(mistakes).slice(0, 2), expected);
      for (const { hint } of mistakes) assert.match(hint, /^(passerelle|[A-Z]).*\.$/);
      assert.ok(!JSON.stringify(mistakes).includes('hunter2'));
    });
  }

  const bombs: readonly (readonly [string, string, RegExp])[] = [
    [
      'laughing aliases',
      `a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from(
        { length: 12 },
        (_, i) =>
          `a${String(i + 1)}: &a${String(i + 1)} [${Array<string>(9)
            .fill(`*a${String(i)}`)
            .join(',')}]`,
      ).join('\n')}`,
      /too many values/,
    ],
    ['many values', `a: [${'1,'.repeat(20_000)}]`, /too many values/],
    ['many names', Array.from({ length: 20_000 }, (_, index) => `k${String(index)}: 1`).join('\n'), /too many values/],
    ['brackets', `a: ${'['.repeat(20_000)}`, /not well-formed/],
    ['braces', `a: ${'{'.repeat(20_000)}`, /not well-formed/],
    ['dashes', '- '.repeat(20_000), /not well-formed/],
    ['twenty levels', `a: ${'['.repeat(20)}${']'.repeat(20)}`, /nests too deeply/],
  ];
  for (const [title, text, words] of bombs) {
    it(`a bomb: ${title}`, () => {
      const { mistakes } = parse(text);
      assert.match(mistakes.map(({ message }) => message).join(' '), words);
      assert.ok(mistakes.length <= 20, String(mistakes.length));
    });
  }

  it('never throws, whatever the text', () => {
    const pieces = fc.constantFrom(
      'a',
      ': ',
      '\n',
      '  ',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&a ',
      '*a',
      '!t ',
      '"',
      "'",
      '|',
      '>',
      '#',
      '${',
      '${A}',
      '%',
      '\t',
      '?',
      ',',
      '\0',
      '---\n',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const settings = parse(parts.join(''));
        assert.equal(settings.readable || settings.mistakes.length > 0, true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('environment variables', () => {
  const environment = { A: 'one', B_2: '${A}', EMPTY: '' };
  const rows: readonly (readonly [string, string, unknown])[] = [
    ['a whole value', 'x: ${A}', 'one'],
    ['within a value', 'x: a${A}b${A}', 'aonebone'],
    ['in quotation marks', 'x: "${A}"', 'one'],
    ['in a block', 'x: |\n  ${A}\n', 'one\n'],
    ['what it holds is not expanded again', 'x: ${B_2}', '${A}'],
    ['an escape', 'x: $${A}', '${A}'],
    ['an escape before a variable', 'x: $${${A}', '${one'],
    ['dollar signs alone', 'x: $A $$ $', '$A $$ $'],
    ['an empty one', 'x: a${EMPTY}b', 'ab'],
    ['not in a name', 'x: { "${A}": 1 }', { '${A}': 1 }],
  ];
  for (const [title, text, value] of rows) {
    it(title, () => {
      const settings = parse(text, environment);
      assert.deepEqual(settings.mistakes, []);
      assert.deepEqual(settings.at(['x']), value);
    });
  }

  const broken: readonly (readonly [string, string, string])[] = [
    ['one that is not set', 'x: ${NOPE}', '1:4 x needs the environment variable NOPE, which is not set'],
    ['one of Object.prototype', 'x: ${__PROTO__}', '1:4 x needs the environment variable __PROTO__, which is not set'],
    ['no closing brace', 'x: ${A', '1:4 x holds a ${ that names no environment variable'],
    ['lower case, which may be a password', 'x: pa${hunter2}', '1:4 x holds a ${ that names no environment variable'],
    ['a default, which is not for us', 'x: ${A:-b}', '1:4 x holds a ${ that names no environment variable'],
    ['no name', 'x: ${}', '1:4 x holds a ${ that names no environment variable'],
  ];
  for (const [title, text, expected] of broken) {
    it(`refuses ${title}`, () => {
      const settings = parse(text, environment);
      assert.deepEqual(brief(settings.mistakes), [expected]);
      assert.equal(settings.at(['x']), undefined);
      assert.equal(settings.isTold(['x']), true);
    });
  }

  it('escapes so that any text comes back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('$', '{', '}', 'A', ' ', 'x')), (parts) => {
        const text = parts.join('');
        const settings = parse(`x: ${JSON.stringify(text.replaceAll('${', () => '$${'))}`, environment);
        assert.deepEqual(settings.mistakes, []);
        assert.equal(settings.at(['x']), text);
      }),
    );
  });
});

/** The report as JSON: the same value comes back, no piece is long, and nothing in it acts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Advice, Standing } from '../../src/advisor/advice.ts';
import { jsonChunks } from '../../src/advisor/json-chunks.ts';
import { adviceChunks } from '../../src/advisor/write-advice.ts';
import { emptyAdvice } from './empty-advice.ts';
import { guid } from './make-survey.ts';

const acting = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}<>&]/u;
const hostile = [
  '\u001b]0;x\u0007',
  '\u009b2J',
  '</script><script>',
  '\u202egnp',
  '\u{e0041}',
  'a\nb\\u0041',
  '\ud800',
  '__proto__',
];

describe('adviceChunks', () => {
  it('gives the report back, in its order', () => {
    const text = [...adviceChunks(emptyAdvice)].join('');
    assert.deepEqual(JSON.parse(text), emptyAdvice);
    assert.deepEqual(Object.keys(JSON.parse(text) as Advice), Object.keys(emptyAdvice));
    assert.match(text, /^\{"format":"passerelle-advice",\n"version":1,\n[^]*\}\n$/);
  });

  it('never holds 100,000 people in one string, and has a line for each', () => {
    const people = Array.from({ length: 100_000 }, (_, index): Standing => ({
      ...{ objectGUID: guid(1, index), domain: 'corp.example.com', name: `person${String(index)}`, kind: 'person' },
      ...{ address: `person${String(index)}@example.com`, refused: null },
    }));
    const chunks = [...adviceChunks({ ...emptyAdvice, people })];
    assert.ok(chunks.every(({ length }) => length < 70_000));
    const lines = chunks.join('').split('\n');
    assert.deepEqual(
      people.map((person) => JSON.stringify(person)),
      lines.slice(-people.length - 2, -2).map((line) => line.replace(/,$/, '')),
    );
  });

  const value = fc.letrec((tie) => ({
    text: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...hostile)),
    leaf: fc.oneof(tie('text'), fc.integer(), fc.boolean(), fc.constant(null)),
    value: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc
        .array(fc.tuple(tie('text'), tie('value')), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries as [string, unknown][])),
    ),
  })).value;
  it('says the same of any value, without what a terminal or a browser obeys', () => {
    fc.assert(
      fc.property(value, (given) => {
        const text = [...jsonChunks(given)].join('');
        assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(given)));
        assert.doesNotMatch(text, acting);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what is undefined', () => {
    assert.equal(
      [...jsonChunks({ a: undefined, b: [{ c: undefined, d: [[]] }], e: undefined })].join(''),
      '{"b":[\n{"d":[\n[]\n]}\n]}\n',
    );
  });
});

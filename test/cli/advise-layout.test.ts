/** How the advice is laid out on a terminal, and what is told there while the directory is read. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { table, wrap } from '../../src/cli/advise-layout.ts';
import { tellReading } from '../../src/cli/advise-progress.ts';
import { renderAdvice } from '../../src/cli/advise-report.ts';
import { specimenAdvice } from '../advisor/specimen-advice.ts';

const obeyed = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;
const sections = [
  '1. Forests and accounts',
  '2. Domains',
  '3. UPN or mail',
  '4. Groups',
  '5. Organisational units',
  '6. The verdict',
];

describe('the layout', () => {
  for (const [name, advice] of Object.entries(specimenAdvice)) {
    it(`of the ${name} report writes nothing to the terminal, and stays within its width`, () => {
      const text = [...renderAdvice(advice, undefined)].join('');
      assert.doesNotMatch(text, obeyed);
      for (const title of sections) assert.ok(text.includes(`\n${title}`), title);
      const above = text.slice(0, text.indexOf('\n6. The verdict'));
      const long = above.split('\n').filter((line) => [...line.replaceAll(/\p{M}/gu, '')].length > 80);
      // The filter, which is copied.
      assert.deepEqual(
        long.filter((line) => line.trim() !== advice.groups.proposal.filter),
        name === 'hostile' ? long.filter((line) => line.trim() !== advice.groups.proposal.filter).slice(0, 1) : [],
      );
    });
  }

  it('cuts lists at 20, and says how many there are besides and where', () => {
    const text = [...renderAdvice(specimenAdvice.ill, 'report')].join('');
    const more = [...text.matchAll(/and ([\d,]+) more, in report\/(advice\.json|mend\.csv)/g)];
    assert.ok(more.length > 3);
    const differ = specimenAdvice.ill.mapping.upnIsNotMail.length - 20;
    assert.ok(
      more.some(([, count]) => count === String(differ)),
      String(differ),
    );
  });

  it('wraps without losing a letter', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }).map((word) => word.replaceAll(/[^\w@.,é漢-]/g, 'x'))),
        fc.integer({ min: 4, max: 80 }),
        (words, width) => {
          const lines = wrap(words.join(' '), width);
          assert.equal(lines.join('').replaceAll(' ', ''), words.join(''));
          assert.ok(lines.every((line) => [...line].length <= width));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('of tables keeps columns apart, figures whole, and says where there is nothing', () => {
    const rows = [
      ['a'.repeat(100), '1,234', 'b '.repeat(40)],
      ['short', '5', ''],
    ];
    const lines = table([{ head: 'Name' }, { head: 'Number', isFigure: true }, { head: 'Words' }], rows);
    assert.ok(lines.every((line) => line.length <= 80));
    assert.ok(lines.some((line) => line.includes('   1,234  b b')));
    assert.deepEqual(table([{ head: 'Name' }], []), ['  none']);
  });
});

describe('what is told while it reads', () => {
  it('is a share that only grows, up to the whole, with counts', () => {
    const told: (readonly [string, number | undefined])[] = [];
    const tell = tellReading({ doing: (text, share) => told.push([text, share]) }, { domains: 2, whole: true });
    for (const domain of ['a.test', 'b.test'])
      for (const what of ['people', 'groups', 'units', 'members'] as const)
        for (const read of [1_000, 12_000, 0, 1e9]) tell({ domain, what, read });
    assert.deepEqual(told[1]?.[0], '12,000 people of a.test');
    // What is counted are groups that have members.
    assert.deepEqual(told[13]?.[0], 'members of 12,000 groups of a.test');
    const shares = told.map(([, share]) => share ?? -1);
    assert.ok(
      shares.every((share, at) => share >= (shares[at - 1] ?? 0) && share <= 1),
      String(shares),
    );
    assert.ok((shares.at(-1) ?? 0) > 0.99);
  });
});

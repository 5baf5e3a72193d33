/** The people to mend, as a spreadsheet reads them and PowerShell runs them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Mending } from '../../src/advisor/advice.ts';
import { mendingCsv } from '../../src/advisor/mend-csv.ts';
import { lookAtAccounts, setAddress } from '../../src/advisor/powershell-lines.ts';
import { readPowershell } from './read-powershell.ts';

/** Rows of cells (RFC 4180 §2). */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? bare ?? '');
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

const mending = (given: Partial<Mending> & { readonly value?: string | null }): Mending => {
  const { value = 'ada@example.com', ...more } = given;
  const account = { objectGUID: more.objectGUID ?? 'guid', domain: more.domain === undefined ? 'corp.example.com' : more.domain };
  return {
    ...account,
    name: 'ada',
    distinguishedName: 'CN=ada,DC=corp,DC=example,DC=com',
    trouble: 'without-value',
    attribute: 'mail',
    now: null,
    proposed: value,
    powershell: value === null ? lookAtAccounts([account, account]) : setAddress(account, 'mail', value),
    because: 'there is no mail',
    ...more,
  };
};
const columns = [
  'name',
  'domain',
  'trouble',
  'because',
  'attribute',
  'now',
  'proposed',
  'powershell',
  'distinguishedName',
  'objectGUID',
];
const formula = /^[=+\-@\t\r\n|%＝＋－＠]/;
const rowsOf = (...mendings: readonly Mending[]) => readCsv([...mendingCsv(mendings)].join(''));

describe('people to mend, as CSV', () => {
  it('has a head, though there be nobody', () => assert.deepEqual(rowsOf(), [columns]));

  it('writes out what a terminal would obey', () => {
    const [, row] = rowsOf(mending({ name: 'a\u001B[2Jd\u202Ea', now: 'x\r\ny@corp' }));
    assert.deepEqual([row?.[0], row?.[5]], ['a\\u{1b}[2Jd\\u{202e}a', 'x\\u{d}\ny@corp']);
  });

  it('has a row for each', () => {
    const [, first, second] = rowsOf(mending({ value: "o'b@example.com" }), mending({ domain: null, value: null }));
    assert.deepEqual(first, [
      ...['ada', 'corp.example.com', 'without-value', 'there is no mail', 'mail', '', "o'b@example.com"],
      "Set-ADUser -Identity 'guid' -Server 'corp.example.com' -EmailAddress 'o''b@example.com'",
      ...['CN=ada,DC=corp,DC=example,DC=com', 'guid'],
    ]);
    assert.equal(readPowershell(second![7]!).length, 2);
  });

  it('gives rows one by one', () => {
    let asked = 0;
    function* endless(): Generator<Mending> {
      for (;;) {
        asked += 1;
        yield mending({});
      }
    }
    const rows = mendingCsv(endless());
    rows.next();
    rows.next();
    assert.equal(asked, 1);
  });

  const hostile: readonly [title: string, text: string][] = [
    ['a formula', '=cmd|"/c calc"!A1'],
    ['a formula behind a semicolon', 'x;=1+1'],
    ['a formula behind a semicolon and a quote', `x;'"@SUM(1)`],
    ['a formula behind a tab', 'x\t=1'],
    ['a full-width formula', '＝1'],
    ['a row of its own', 'x"\r\n=1,"'],
    ['an end of the string', "x'; Remove-ADUser ada; '"],
    ['a typographic end', 'x\u2019; Remove-ADUser ada #'],
    ['a line of its own', 'x\nRemove-ADUser ada'],
  ];
  for (const [title, text] of hostile) {
    it(`takes no harm from ${title}`, () => {
      const one = mending({
        value: text,
        name: text,
        distinguishedName: text,
        now: text,
        domain: text,
        objectGUID: text,
        because: text,
      });
      const rows = rowsOf(one);
      assert.deepEqual(
        rows.map((cells) => cells.length),
        [columns.length, columns.length],
      );
      for (const cell of rows[1]!) assert.doesNotMatch(cell, formula);
      assert.equal(rows[1]![7], one.powershell);
      assert.deepEqual(readPowershell(rows[1]![7]), [['Set-ADUser', '-Identity', text, '-Server', text, '-EmailAddress', text]]);
    });
  }

  it('keeps every line of PowerShell as it is', () => {
    const unit = fc.oneof(
      fc.constantFrom(';', "'", '"', '=', '+', '-', '@', '|', '%', ',', '\r', '\n', '\t', ' ', '＝', '\u2018'),
      fc.nat(0xffff).map((code) => String.fromCharCode(code)),
    );
    const text = fc.string({ unit, maxLength: 10 });
    fc.assert(
      fc.property(text, text, fc.option(text), (objectGUID, domain, value) => {
        const one = mending({ objectGUID, domain, value });
        assert.equal(rowsOf(one)[1]![7], one.powershell);
        assert.equal(readPowershell(one.powershell)[0]![2], objectGUID);
      }),
      { numRuns: 300 },
    );
  });
});

/** What Google takes for a user name, and what becomes of what it does not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { againstGuidelines, longestUserName, userNameFrom } from '../../src/advisor/name-guidelines.ts';

describe('Google’s guidelines', () => {
  const allowed = ['ada', 'Ada.Lovelace', "o'brien", 'a-b_c', '-a-', '_', 'abuse1', '1', 'x'.repeat(longestUserName)];
  for (const local of allowed) it(`allow ${local}`, () => assert.equal(againstGuidelines(`${local}@example.com`), undefined));

  const forbidden: readonly [local: string, because: RegExp][] = [
    ['a+b', /no \+ /],
    ['a&b', /no & /],
    ['a=b', /no = /],
    ['b_example.net#EXT#', /no # /],
    ['.a', /dot/],
    ['a.', /dot/],
    ['a..b', /two dots/],
    ['', /dot/],
    ['abuse', /keeps abuse/],
    ['PostMaster', /keeps postmaster/],
    ['x'.repeat(longestUserName + 1), /at most 64/],
  ];
  for (const [local, because] of forbidden) {
    it(`forbid ${local}`, () => assert.match(againstGuidelines(`${local}@example.com`) ?? '', because));
  }
});

describe('a user name', () => {
  const rows: readonly [text: string, name: string][] = [
    ['Ada Lovelace', 'ada.lovelace'],
    ['Jürgen Groß', 'juergen.gross'],
    ['Ju\u0308rgen', 'juergen'],
    ['Zoë Løvås', 'zoe.loevaas'],
    ['Łukasz Żak', 'lukasz.zak'],
    ['O’Brien', "o'brien"],
    ['a+tag', 'a.tag'],
    [' a  b ', 'a.b'],
    ['a..b.', 'a.b'],
    ['ＡＤＡ', 'ada'],
    ['Андрей', ''],
    ['...', ''],
    ["'", ''],
    ['Abuse', ''],
    ['postmaster', ''],
    [`${'x'.repeat(63)}.y`, 'x'.repeat(63)],
    ['x'.repeat(100), 'x'.repeat(64)],
  ];
  for (const [text, name] of rows) it(`of ${text} is ${name}`, () => assert.equal(userNameFrom(text), name));

  it('is one that Google takes, whatever it is made of', () => {
    const unit = fc.oneof(fc.nat(0x24f), fc.nat(0xffff)).map((code) => String.fromCharCode(code));
    const text = fc.string({ unit, maxLength: 90 });
    fc.assert(
      fc.property(text, (from) => {
        const name = userNameFrom(from);
        assert.equal(name === '' ? undefined : againstGuidelines(`${name}@example.com`), undefined);
        assert.equal(userNameFrom(name), name);
      }),
      { numRuns: 500 },
    );
  });
});

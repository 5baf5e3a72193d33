/** Whatever a directory holds, PowerShell takes it for text. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { powershellText } from '../../src/advisor/powershell.ts';
import { lookAtAccounts, setAddress } from '../../src/advisor/powershell-lines.ts';
import { readPowershell } from './read-powershell.ts';

const guid = '00000001-0000-4000-8000-000000000000';
const attacks: readonly [title: string, text: string][] = [
  ['nothing', ''],
  ['a name', "pat.o'brien@example.com"],
  ['a quote that ends the text', "'; Remove-ADUser ada; '"],
  ['a left quote that PowerShell takes for one', '\u2018; Remove-ADUser ada; \u2018'],
  ['a right quote', '\u2019; Remove-ADUser ada #'],
  ['a low quote', '\u201A; Remove-ADUser ada #'],
  ['a reversed quote', '\u201B; Remove-ADUser ada #'],
  ['two quotes of two kinds', "'\u2019'\u2018; calc"],
  ['an expression', '$(Remove-ADUser ada)'],
  ['a variable', '$env:USERPROFILE'],
  ['a backtick', '`n`0`"'],
  ['double quotes', '"; calc; "'],
  ['typographic double quotes', '\u201C; calc \u201D'],
  ['a new line', 'a\nRemove-ADUser ada'],
  ['a carriage return', 'a\rcalc'],
  ['both, at the end', 'a\r\n'],
  ['new lines alone', '\n\n'],
  ['a line separator', 'a\u2028calc'],
  ['a paragraph separator', 'a\u2029calc'],
  ['NEL', 'a\u0085calc'],
  ['NUL', 'a\0b'],
  ['a tab that begins a formula in a spreadsheet', '\t=cmd|x'],
  ['a semicolon that begins a formula in a spreadsheet', 'a; =cmd|x'],
  ['a semicolon and quotes before a formula', `a;"'  -1`],
  ['an escape that acts on a terminal', '\u001B[2J'],
  ['text that runs backwards', 'a\u202Egro.elpmaxe@'],
  ['an invisible character', 'a\u200Bb\uFEFF'],
  ['half a character', 'a\uD800b\uDC00'],
  ['a character of two halves', 'a😀b'],
  ['an invisible character of two halves', 'a\u{E0001}b'],
  ['an en dash, which begins a parameter elsewhere', '\u2013Server evil'],
  ['a here-string', "@'\nx\n'@"],
  ['a parser’s stop', '--% -Server evil'],
];

describe('text for PowerShell', () => {
  for (const [title, text] of attacks) {
    it(title, () => {
      const line = powershellText(text);
      assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp};]/u);
      assert.deepEqual(readPowershell(`Get-X -Y ${line}`), [['Get-X', '-Y', text]]);
    });
  }

  it('whatever it is', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom("'", '\u2019', '\u201A', ';', '\n', '=', ' ', '$(', '\uD800'),
        fc.nat(0xffff).map((code) => String.fromCharCode(code)),
      ),
      maxLength: 12,
    });
    fc.assert(
      fc.property(text, (one) => {
        assert.deepEqual(readPowershell(`X ${powershellText(one)} -End`), [['X', one, '-End']]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a line', () => {
  const account = { objectGUID: guid, domain: 'corp.example.com' };
  it('sets the UPN, or the mail', () => {
    assert.equal(
      setAddress(account, 'userPrincipalName', "pat.o'brien@example.com"),
      `Set-ADUser -Identity '${guid}' -Server 'corp.example.com' -UserPrincipalName 'pat.o''brien@example.com'`,
    );
    assert.equal(
      setAddress({ ...account, domain: null }, 'mail', 'a@example.com'),
      `Set-ADUser -Identity '${guid}' -EmailAddress 'a@example.com'`,
    );
  });
  it('looks at one account, or several', () => {
    assert.deepEqual(
      readPowershell(lookAtAccounts([account, { objectGUID: "x'; calc '", domain: 'd\u2019; calc' }])).map((words) =>
        words.slice(0, 5),
      ),
      [
        ['Get-ADUser', '-Identity', guid, '-Server', 'corp.example.com'],
        ['Get-ADUser', '-Identity', "x'; calc '", '-Server', 'd\u2019; calc'],
      ],
    );
  });
});

/** What groups are called by cn and by mail, and that groups follow the rules that people follow. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { mapAddress } from '../../src/mapping/address.ts';
import { type GroupNamingRule, mapGroup } from '../../src/mapping/group-address.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { Refusal } from '../../src/refusal.ts';

const mapping: Mapping = {
  source: 'userPrincipalName',
  substitute: { 'corp.local': 'example.com' },
  letterCase: 'lower',
  domains: { primary: 'example.com', secondary: ['example.org', 'münchen.example'], aliases: { 'alias.example': 'example.org' } },
};
const byCn = (domain = 'example.com'): GroupNamingRule => ({ by: 'cn', domain });
const byMail: GroupNamingRule = { by: 'mail' };
const group = (cn: string | undefined, mail?: string) => ({ cn, mail });

describe('a group', () => {
  const rows: readonly [title: string, which: ReturnType<typeof group>, rule: GroupNamingRule, expected: string][] = [
    ['by cn', group('Sales'), byCn(), 'sales@example.com'],
    ['by cn and a secondary domain', group('Sales'), byCn('example.org'), 'sales@example.org'],
    ['by cn and an alias', group('Sales'), byCn('alias.example'), 'sales@example.org'],
    ['by cn and a domain that is substituted', group('Sales'), byCn('corp.local'), 'sales@example.com'],
    ['by cn and a Unicode domain', group('Sales'), byCn('MÜNCHEN.example'), 'sales@xn--mnchen-3ya.example'],
    ['by cn, whatever its mail', group('sales', 'verkauf@example.org'), byCn(), 'sales@example.com'],
    ['by mail, whatever its cn', group('The Sales', 'Verkauf@Example.ORG'), byMail, 'verkauf@example.org'],
    ['by mail that is substituted', group('sales', 'sales@CORP.local'), byMail, 'sales@example.com'],
    ['by a cn of 64 characters', group('a'.repeat(64)), byCn(), `${'a'.repeat(64)}@example.com`],
    ['without cn', group(undefined, 'sales@example.com'), byCn(), 'without value'],
    ['with an empty cn', group(''), byCn(), 'without value'],
    ['without mail', group('sales'), byMail, 'without value'],
    ['by a cn with a blank', group('The Sales'), byCn(), 'not an e-mail address'],
    ['by a cn with a blank at its end', group('sales '), byCn(), 'not an e-mail address'],
    ['by a cn with an umlaut', group('Söhne'), byCn(), 'not an e-mail address'],
    ['by a cn in Chinese', group('销售'), byCn(), 'not an e-mail address'],
    ['by a cn with a comma', group('vpn, remote (EU)'), byCn(), 'not an e-mail address'],
    ['by a cn that brings a domain of its own', group('root@evil.example'), byCn(), 'not an e-mail address'],
    ['by a cn that ends with an @', group('sales@'), byCn(), 'not an e-mail address'],
    ['by a cn with two dots', group('a..b'), byCn(), 'not an e-mail address'],
    ['by a cn with a line end', group('sales\n'), byCn(), 'not an e-mail address'],
    ['by a cn with NUL', group('sales\0'), byCn(), 'not an e-mail address'],
    ['by a cn of 65 characters', group('a'.repeat(65)), byCn(), 'not an e-mail address'],
    ['by a very long cn', group('a'.repeat(100_000)), byCn(), 'not an e-mail address'],
    ['by cn and no domain', group('sales'), byCn(''), 'not an e-mail address'],
    ['by cn and a domain of others', group('sales'), byCn('partner.example'), 'foreign'],
    ['by mail in a domain of others', group('sales', 'sales@partner.example'), byMail, 'foreign'],
    ['by mail that is none', group('sales', 'sales'), byMail, 'not an e-mail address'],
  ];
  for (const [title, which, rule, expected] of rows) {
    it(title, () => {
      const result = mapGroup(which, rule, mapping);
      assert.equal(result.address ?? result.trouble, expected);
    });
  }

  it('tells every step', () => {
    const result = mapGroup(group('Sales'), byCn('corp.local'), mapping);
    assert.deepEqual(result.address === undefined ? [] : result.steps, [
      { rule: 'cn', value: 'Sales@corp.local' },
      { rule: 'substitute', value: 'Sales@example.com' },
      { rule: 'letterCase', value: 'sales@example.com' },
    ]);
  });

  it('has by mail what a person of that mail would have', () => {
    const part = fc.oneof(fc.constantFrom('a', 'A.b', 'ä', ' a', 'a@b', '"a"', ''), fc.string({ maxLength: 8 }));
    const domain = fc.constantFrom(
      'example.com',
      'EXAMPLE.org',
      'corp.local',
      'alias.example',
      'partner.example',
      'münchen.example',
    );
    fc.assert(
      fc.property(part, fc.oneof(domain, fc.string({ maxLength: 8 })), (local, where) => {
        const mail = `${local}@${where}`;
        const ofGroup = mapGroup({ cn: undefined, mail }, byMail, mapping).address;
        let ofPerson: string | undefined;
        try {
          ofPerson = mapAddress({ userPrincipalName: undefined, mail }, { ...mapping, source: 'mail' }).address;
        } catch (error) {
          assert.ok(error instanceof Refusal);
        }
        assert.equal(ofGroup, ofPerson);
        assert.equal(mapGroup({ cn: local, mail: undefined }, byCn(where), mapping).address, ofPerson);
      }),
      { numRuns: 300 },
    );
  });
});

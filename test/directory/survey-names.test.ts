/** The shortcuts that a survey takes with distinguished names give what the long way gives. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dnsDomainOf, keyOf, relativeNames } from '../../src/directory/distinguished-name.ts';
import { createNameIndex } from '../../src/directory/survey/name-index.ts';
import { foreignSidOf, ownNameOf } from '../../src/directory/survey/strangers.ts';
import { parentOf, whereaboutsBelow } from '../../src/directory/survey/whereabouts.ts';

const value = fc.constantFrom('a', 'A', 'b c', 'x\\, y', 'x\\2c y', 'X\\2C Y', '\\20', 'ß', 'Ⅷ', 'viii', 'q\\\\', '', ' d', 'd ');
const type = fc.constantFrom('cn', 'CN', 'OU', 'ou', 'dc', 'DC', ' cn', '2.5.4.3', '\\64c');
const relative = fc.tuple(type, fc.constantFrom('=', ' = '), value).map((parts) => parts.join(''));
const above = fc.constantFrom(
  'DC=corp,DC=example',
  'dc=corp, dc=example',
  'DC=child,DC=corp,DC=example',
  'OU=Staff,DC=corp,DC=example',
  '',
);
const name = fc
  .tuple(fc.array(relative, { maxLength: 3 }), above)
  .map(([parts, rest]) => [...parts, ...(rest === '' ? [] : [rest])].join(','));

describe('names in a survey', () => {
  it('are the same where their keys are', () => {
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 6 }), name, (known, sought) => {
        const index = createNameIndex(new Map(known.map((dn) => [dn, keyOf(dn)])));
        const isKnown = known.some((dn) => keyOf(dn) === keyOf(sought));
        assert.equal(index.get(sought), isKnown ? keyOf(sought) : undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('lie where they are found one by one', () => {
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 8 }),
        fc.constantFrom('DC=corp,DC=example', 'OU=Staff,DC=corp,DC=example'),
        (names, root) => {
          const whereabouts = whereaboutsBelow(root, false);
          const base = relativeNames(root);
          for (const dn of names) {
            const around = relativeNames(dn).slice(-base.length);
            const isHeld = base.every((part, at) => part === around[at]) && dnsDomainOf(dn) === dnsDomainOf(root);
            const found = whereabouts(dn);
            assert.deepEqual([found.isHeld, found.domain], [isHeld, dnsDomainOf(dn)], dn);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  for (const [dn, parent, own, sid] of [
    ['CN=a,OU=b,DC=c', 'OU=b,DC=c', 'a', undefined],
    ['CN=a\\, b,OU=c', 'OU=c', 'a, b', undefined],
    ['cn=a\\2C b, ou=c', 'ou=c', 'a, b', undefined],
    [
      'CN=S-1-5-21-1-2-3-1104,CN=ForeignSecurityPrincipals,DC=x',
      'CN=ForeignSecurityPrincipals,DC=x',
      'S-1-5-21-1-2-3-1104',
      'S-1-5-21-1-2-3-1104',
    ],
    ['cn=s-1-5-11,cn=foreignsecurityprincipals,dc=x', 'cn=foreignsecurityprincipals,dc=x', 's-1-5-11', 'S-1-5-11'],
    ['CN=S-1-5-11,CN=Users,DC=x', 'CN=Users,DC=x', 'S-1-5-11', undefined],
    ['DC=x', undefined, 'x', undefined],
    ['not a name', undefined, 'not a name', undefined],
    ['', undefined, '', undefined],
  ] as const) {
    it(`are taken apart: ${dn === '' ? '(none)' : dn}`, () => {
      assert.deepEqual([parentOf(dn), ownNameOf(dn), foreignSidOf(dn)], [parent, own, sid]);
    });
  }
});

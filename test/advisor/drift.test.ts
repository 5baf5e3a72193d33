/** What changed between two reports, case by case. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Standing } from '../../src/advisor/advice.ts';
import { driftBetween, isEmptyDrift, type Drift } from '../../src/advisor/drift.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { disabled, emea, home, report, shared, somebody, strange, unmapped } from './make-standings.ts';
import { makeMapping } from './make-survey.ts';

const brief = (drift: Drift): Record<string, readonly string[]> => {
  const names = (list: readonly Standing[]): readonly string[] => list.map(({ name }) => name);
  const changes = (list: Drift['renamed']): readonly string[] =>
    list.map(({ before, after }) => `${before.name} ${before.address ?? '-'} > ${after.address ?? '-'}`);
  const told = {
    appeared: names(drift.appeared),
    vanished: names(drift.vanished),
    renamed: changes(drift.renamed),
    lost: changes(drift.lost),
    gained: changes(drift.gained),
    handedOn: drift.handedOn.map(({ address, from, to }) => `${address} ${from.name} > ${to.name}`),
  };
  return Object.fromEntries(Object.entries(told).filter(([, list]) => list.length > 0));
};

describe('driftBetween', () => {
  type Row = readonly [
    what: string,
    before: readonly Standing[],
    after: readonly Standing[],
    told: Record<string, readonly string[]>,
  ];
  const rows: readonly Row[] = [
    ['nobody', [], [], {}],
    ['who appeared', [somebody(1)], [somebody(3), somebody(1), somebody(2)], { appeared: ['person2', 'person3'] }],
    ['who vanished', [somebody(2), somebody(1)], [somebody(2)], { vanished: ['person1'] }],
    [
      'another address',
      [somebody(1)],
      [somebody(1, { name: 'new', address: 'new@example.com' })],
      { renamed: ['person1 person1@example.com > new@example.com'] },
    ],
    ['another name with the same address', [somebody(1)], [somebody(1, { name: 'new', kind: 'service' })], {}],
    [
      'another letter case alone',
      [somebody(1)],
      [somebody(1, { address: 'Person1@example.com' })],
      { renamed: ['person1 person1@example.com > Person1@example.com'] },
    ],
    ['who lost it', [somebody(1)], [somebody(1, unmapped)], { lost: ['person1 person1@example.com > -'] }],
    ['who gained one', [somebody(1, unmapped)], [somebody(1)], { gained: ['person1 - > person1@example.com'] }],
    [
      'who is refused for another reason',
      [somebody(1, unmapped)],
      [somebody(1, { ...unmapped, refused: 'not-an-email-address' })],
      {},
    ],
    ['who was disabled', [somebody(1)], [somebody(1, disabled)], { lost: ['person1 person1@example.com > person1@example.com'] }],
    [
      'who was disabled and renamed, whose account is merely suspended',
      [somebody(1)],
      [somebody(1, { ...disabled, address: 'x@example.com' })],
      { renamed: ['person1 person1@example.com > x@example.com'], lost: ['person1 person1@example.com > x@example.com'] },
    ],
    [
      'who came back with another address',
      [somebody(1, disabled)],
      [somebody(1, { address: 'x@example.com' })],
      { renamed: ['person1 person1@example.com > x@example.com'], gained: ['person1 person1@example.com > x@example.com'] },
    ],
    [
      'a namesake who appeared and took the address from both',
      [somebody(1, { address: 'info@example.com' })],
      [somebody(1, shared), somebody(2, shared)],
      { appeared: ['person2'], lost: ['person1 info@example.com > info@example.com'] },
    ],
    [
      'a namesake who vanished',
      [somebody(1, shared), somebody(2, shared)],
      [somebody(1, { address: 'info@example.com' })],
      { vanished: ['person2'], gained: ['person1 info@example.com > info@example.com'] },
    ],
    [
      'who shared an address and has one of their own, which no account bears yet',
      [somebody(1, shared), somebody(2, shared)],
      [somebody(1), somebody(2, { address: 'info@example.com' })],
      { gained: ['person1 info@example.com > person1@example.com', 'person2 info@example.com > info@example.com'] },
    ],
    [
      'a disabled account that shares with a person',
      [somebody(1, { ...disabled, address: 'info@example.com' }), somebody(2, shared)],
      [somebody(1, { ...disabled, address: 'other@example.com' }), somebody(2, { address: 'info@example.com' })],
      {
        gained: ['person2 info@example.com > info@example.com'],
        handedOn: ['info@example.com person1 > person2'],
      },
    ],
    [
      'an address that two shared, which is a third’s now',
      [somebody(1, shared), somebody(2, { ...disabled, address: 'INFO@example.com' }), somebody(3)],
      [somebody(1), somebody(2, { ...disabled, ...unmapped }), somebody(3, { address: 'info@example.com' })],
      {
        renamed: ['person3 person3@example.com > info@example.com'],
        gained: ['person1 info@example.com > person1@example.com'],
        handedOn: ['info@example.com person2 > person3'],
      },
    ],
    [
      'an address that two of the same rights shared, which is somebody’s who appeared',
      [somebody(2, shared), somebody(1, shared)],
      [somebody(3, { address: 'info@example.com' })],
      { appeared: ['person3'], vanished: ['person1', 'person2'], handedOn: ['info@example.com person1 > person3'] },
    ],
    [
      'a disabled account that is enabled again, whose namesake vanished',
      [somebody(1, { ...disabled, address: 'info@example.com' }), somebody(2, shared)],
      [somebody(1, { address: 'info@example.com' })],
      { vanished: ['person2'], gained: ['person1 info@example.com > info@example.com'] },
    ],
    [
      'the address of who vanished',
      [somebody(1)],
      [somebody(2, { address: 'person1@example.com' })],
      { appeared: ['person2'], vanished: ['person1'], handedOn: ['person1@example.com person1 > person2'] },
    ],
    [
      'the address of who vanished, in other letters, to somebody who is disabled',
      [somebody(1)],
      [somebody(2, { ...disabled, address: 'PERSON1@example.com' })],
      { appeared: ['person2'], vanished: ['person1'], handedOn: ['PERSON1@example.com person1 > person2'] },
    ],
    [
      'two who swapped',
      [somebody(1), somebody(2)],
      [somebody(1, { address: 'person2@example.com' }), somebody(2, { address: 'person1@example.com' })],
      {
        renamed: ['person1 person1@example.com > person2@example.com', 'person2 person2@example.com > person1@example.com'],
        handedOn: ['person2@example.com person2 > person1', 'person1@example.com person1 > person2'],
      },
    ],
    [
      'another account of the same name, which is another person',
      [somebody(1)],
      [somebody(2, { name: 'person1', address: 'person1@example.com' })],
      { appeared: ['person1'], vanished: ['person1'], handedOn: ['person1@example.com person1 > person1'] },
    ],
    ['who moved to another domain of the forest', [somebody(1)], [somebody(1, { domain: emea })], {}],
    [
      'who moved and was renamed',
      [somebody(1)],
      [somebody(1, { domain: emea, address: 'x@example.com' })],
      { renamed: ['person1 person1@example.com > x@example.com'] },
    ],
    [
      'the same objectGUID in another forest, which is another person',
      [somebody(1)],
      [somebody(1, { domain: strange, name: 'x' })],
      { appeared: ['x'], vanished: ['person1'], handedOn: ['person1@example.com person1 > x'] },
    ],
    [
      'the same objectGUID where no domain is told',
      [somebody(1, { domain: null })],
      [somebody(1, { name: 'x' })],
      { appeared: ['x'], vanished: ['person1'], handedOn: ['person1@example.com person1 > x'] },
    ],
    [
      'an objectGUID that two have now, of whom one is where it was',
      [somebody(1)],
      [somebody(1), somebody(1, { domain: emea, name: 'x', ...unmapped })],
      { appeared: ['x'] },
    ],
    [
      'an objectGUID that two had, who moved',
      [somebody(1, unmapped), somebody(1, { domain: strange, name: 'x', ...unmapped })],
      [somebody(1, { domain: emea, name: 'y', ...unmapped })],
      { appeared: ['y'], vanished: ['person1', 'x'] },
    ],
  ];
  for (const [what, before, after, told] of rows) {
    it(`tells of ${what}`, () => {
      const drift = driftBetween(report(before), report(after));
      assert.deepEqual(brief(drift), told);
      assert.equal(isEmptyDrift(drift), Object.keys(told).length === 0);
    });
  }

  it('believes no forest that claims a domain of another', () => {
    const claimed = [[home], [strange, home]];
    const drift = driftBetween(
      report([somebody(1)], makeMapping(), claimed),
      report([somebody(1, { domain: strange })], makeMapping(), claimed),
    );
    assert.deepEqual([drift.renamed.length, drift.vanished.length, drift.appeared.length], [0, 1, 1]);
  });

  it('believes no forest that claims a domain of one that is gone', () => {
    const { handedOn, vanished, appeared } = driftBetween(
      report([somebody(1)], makeMapping(), [[home], [strange]]),
      report([somebody(1, { domain: strange })], makeMapping(), [[strange, home]]),
    );
    assert.deepEqual([handedOn.length, vanished.length, appeared.length], [1, 1, 1]);
  });

  it('knows who moved to a domain that is new in their forest', () => {
    const { vanished, appeared } = driftBetween(
      report([somebody(1)], makeMapping(), [[home], [strange]]),
      report([somebody(1, { domain: emea })], makeMapping(), [[strange], [home, emea]]),
    );
    assert.deepEqual([vanished, appeared], [[], []]);
  });

  const mappings: readonly (readonly [what: string, before: Mapping, after: Mapping, changed: boolean])[] = [
    ['the same', makeMapping(), makeMapping(), false],
    [
      'domains in another order, case and spelling',
      makeMapping({
        substitute: { 'a.local': 'example.com', 'b.local': 'example.com' },
        domains: { secondary: ['bücher.example', 'example.org'] },
      }),
      makeMapping({
        substitute: { 'B.local': 'example.com', 'a.local': 'EXAMPLE.com' },
        domains: { secondary: ['Example.org', 'xn--bcher-kva.example'] },
      }),
      false,
    ],
    ['another source', makeMapping(), makeMapping({ source: 'mail' }), true],
    ['other letters', makeMapping(), makeMapping({ letterCase: 'preserve' }), true],
    ['another substitution', makeMapping(), makeMapping({ substitute: { 'a.local': 'example.com' } }), true],
    ['another domain', makeMapping(), makeMapping({ domains: { secondary: ['a.example'] } }), true],
    ['an alias', makeMapping(), makeMapping({ domains: { aliases: { 'a.example': 'example.com' } } }), true],
    [
      'another primary domain',
      makeMapping({ domains: { primary: 'a.example', secondary: ['b.example'] } }),
      makeMapping({ domains: { primary: 'b.example', secondary: ['a.example'] } }),
      true,
    ],
  ];
  for (const [what, before, after, changed] of mappings) {
    it(`${changed ? 'tells of' : 'sees through'} a mapping with ${what}`, () => {
      assert.equal(driftBetween(report([], before), report([], after)).mappingChanged, changed);
    });
  }
});

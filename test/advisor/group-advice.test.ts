/** What groups are for, what they would be called, how they are nested, and which are worth bringing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { GroupAdvice } from '../../src/advisor/advice.ts';
import { adviseGivenGroups } from './advise-given-groups.ts';
import { type GivenGroup, makeMapping, makeSurvey } from './make-survey.ts';

type Use = GroupAdvice['uses'][number]['use'];
const useOf = (advice: GroupAdvice, name: string): Use | undefined =>
  advice.uses.find(({ examples }) => examples.includes(name))?.use;
const people = Array.from({ length: 4 }, (_, index) => ({ userPrincipalName: `person${String(index)}@example.com` }));
const mailed = (cn: string, more: GivenGroup = {}): GivenGroup => ({ cn, mail: `${cn}@example.com`, people: [0], ...more });
const taken = ({ decision }: GroupAdvice): readonly (string | undefined)[] =>
  decision.steps.map(({ options }) => options.find((option) => option.taken)?.answer);

describe('the use of a group', () => {
  const outer: GivenGroup = { cn: 'outer', groups: [0] };
  const rows: readonly [title: string, group: GivenGroup, use: Use, around?: GivenGroup][] = [
    ['domain local, of people', { scope: 'domain local', people: [0] }, 'resource'],
    ['global, of groups', { groups: [1] }, 'resource', { cn: 'inner', people: [0] }],
    ['of computers alone', { outsiders: { computer: 3 } }, 'resource'],
    ['of computers and people', { outsiders: { computer: 3 }, people: [1] }, 'organisation'],
    ['global, of people, in another', { people: [0] }, 'role', outer],
    ['domain local, in another', { scope: 'domain local', people: [0] }, 'role', outer],
    ['empty, in another', {}, 'role', outer],
    ['global, of people', { people: [0] }, 'organisation'],
    ['universal, of people', { scope: 'universal', people: [0] }, 'organisation'],
    ['without scope, of people', { scope: undefined, type: undefined, people: [0] }, 'organisation'],
    ['of contacts alone', { outsiders: { contact: 1 } }, 'organisation'],
    ['a distribution list of lists', { type: 'distribution', groups: [1] }, 'organisation', { cn: 'inner' }],
    ['within itself alone', { people: [0], groups: [0] }, 'organisation'],
    ['primary group of people', { rid: 513 }, 'organisation'],
    ['empty', {}, 'unused'],
    ['empty and domain local', { scope: 'domain local' }, 'unused'],
  ];
  for (const [title, group, use, other] of rows) {
    it(`${title}: ${use}`, () => {
      const groups = [{ cn: 'it', ...group }, ...(other === undefined ? [] : [other])];
      assert.equal(useOf(adviseGivenGroups(makeSurvey({ people, groups })), 'it'), use);
    });
  }

  it('says how many of them the system made, and shows none of those', () => {
    const advice = adviseGivenGroups(
      makeSurvey({ groups: [{ cn: 'Guests', builtIn: true, scope: 'domain local' }, { cn: 'own' }] }),
    );
    const unused = advice.uses.find(({ use }) => use === 'unused');
    assert.deepEqual(unused?.examples, ['own']);
    assert.match(unused.because, /1 made by the system/);
  });
});

describe('by scope and type', () => {
  it('a global catalog shows universal groups whole, and all of a forest of one domain', () => {
    const { kinds } = adviseGivenGroups(
      makeSurvey({
        forests: [
          { name: 'one.example', domains: [{ dnsDomain: 'one.example', netbiosName: undefined }] },
          {
            name: 'two.example',
            // The second is not configured; it has global groups and people all the same.
            domains: ['two.example', 'sub.two.example'].map((dnsDomain) => ({ dnsDomain, netbiosName: undefined })),
          },
          { name: undefined, isActiveDirectory: false, domains: [] },
        ],
        domains: [
          { forest: 0, dnsDomain: 'one.example' },
          { forest: 1, dnsDomain: 'two.example' },
          { forest: 2, dnsDomain: undefined },
        ],
        groups: [
          { place: 0, scope: 'global' },
          { place: 1, scope: 'global' },
          { place: 1, scope: 'universal', type: 'distribution' },
          { place: 1, scope: 'domain local' },
          { place: 2, scope: undefined, type: undefined },
        ],
      }),
    );
    assert.deepEqual(kinds, [
      { scope: 'domain local', type: 'security', count: 1, wholeInCatalog: 0 },
      { scope: 'global', type: 'security', count: 2, wholeInCatalog: 1 },
      { scope: 'universal', type: 'distribution', count: 1, wholeInCatalog: 1 },
      { scope: 'none', type: 'none', count: 1, wholeInCatalog: 0 },
    ]);
  });
});

describe('names', () => {
  const survey = makeSurvey({
    forests: [
      {
        name: 'corp.example.com',
        domains: ['corp.example.com', 'sub.corp.example.com'].map((dnsDomain) => ({ dnsDomain, netbiosName: undefined })),
      },
      { name: 'other.local' },
    ],
    domains: [
      { forest: 0, dnsDomain: 'corp.example.com' },
      { forest: 0, dnsDomain: 'sub.corp.example.com' },
      { forest: 1, dnsDomain: 'other.local' },
    ],
    people: [...people, { userPrincipalName: 'Boss@example.com', barred: 'person-disabled', sAMAccountName: 'boss' }],
    groups: [
      mailed('sales', { sAMAccountName: 'sales-1', distinguishedName: 'CN=sales,OU=A,DC=corp,DC=example,DC=com' }),
      mailed('SALES', { sAMAccountName: 'sales-2', mail: 'verkauf@example.com' }),
      mailed('staff', { mail: 'Verkauf@EXAMPLE.com' }),
      mailed('staff', { place: 1, mail: 'staff@partner.example' }),
      mailed('team', { place: 1, mail: undefined }),
      mailed('team', { place: 2, mail: 'no address' }),
      mailed('boss', { mail: 'PERSON1@example.com' }),
      mailed('The Chiefs', { mail: 'chiefs@example.com' }),
      mailed('Administrators', { builtIn: true, scope: 'domain local', mail: undefined }),
      mailed('Administrators', { builtIn: true, scope: 'domain local', place: 1, mail: undefined }),
    ],
  });
  const { namings, notes, proposal, decision } = adviseGivenGroups(survey, {
    owned: ['corp.example.com', 'sub.corp.example.com'],
  });
  const [cn, mail] = namings;

  it('by cn fall together within a domain, across domains and across forests; system-made groups with nobody', () => {
    assert.deepEqual(
      cn?.collisions.map(({ address, holders }) => [address, holders.map(({ name }) => name)]),
      [
        ['sales@example.com', ['sales-1', 'sales-2']],
        ['staff@example.com', ['staff', 'staff']],
        ['team@example.com', ['team', 'team']],
      ],
    );
    assert.deepEqual(
      { ...cn, collisions: [], heldByPeople: [] },
      {
        by: 'cn',
        mapped: 3,
        withoutValue: 0,
        notAnEmailAddress: 1,
        foreign: 0,
        collisions: [],
        heldByPeople: [],
      },
    );
    assert.match(
      notes.join('\n'),
      /Of 3 addresses .* 1 would be shared within one domain .*, 1 by several domains of a forest, 1 by several forests/,
    );
  });

  it('by mail are missing, none, foreign and duplicate', () => {
    assert.deepEqual(
      { ...mail, collisions: mail?.collisions.map(({ address }) => address), heldByPeople: [] },
      {
        by: 'mail',
        mapped: 3,
        withoutValue: 3,
        notAnEmailAddress: 1,
        foreign: 1,
        collisions: ['verkauf@example.com'],
        heldByPeople: [],
      },
    );
  });

  it('may be those of people, disabled ones too', () => {
    const held = (naming: typeof cn) =>
      naming?.heldByPeople.map(({ address, group, person }) => [address, group.name, person.name]);
    assert.deepEqual(held(cn), [['boss@example.com', 'boss', 'boss']]);
    assert.deepEqual(held(mail), [['person1@example.com', 'boss', 'person1']]);
  });

  it('may be what Google advises against', () => {
    const notesOf = (...names: readonly string[]) =>
      adviseGivenGroups(makeSurvey({ groups: names.map((name) => mailed(name)) })).notes.join('\n');
    assert.match(notesOf('abuse'), /1 address by mail holds what Google advises against in names .* or is one that it keeps for/);
    assert.match(
      notesOf('abuse', 'r&d'),
      /2 addresses by mail hold what Google advises against in names .* or are such as it keeps for/,
    );
  });

  it('would differ with the name of each domain', () => {
    assert.match(
      notes.join('\n'),
      /By cn and the name of each group’s own domain \(corp\.example\.com, sub\.corp\.example\.com\) 4 groups would have an address of their own, and 1 address would be shared; 1 group lies in/,
    );
  });

  it('decide by what more groups have', () => {
    assert.equal(proposal.naming, 'mail');
    assert.equal(decision.steps.at(-1)?.options.length, 2);
    const byCn = adviseGivenGroups(makeSurvey({ people, groups: [mailed('a', { mail: undefined }), mailed('b')] }));
    assert.equal(byCn.proposal.naming, 'cn');
    assert.deepEqual(taken(byCn), ['global and universal', 'there are none', 'cn and example.com']);
    const held = adviseGivenGroups(makeSurvey({ people, groups: [mailed('person1', { mail: undefined }), mailed('b')] }));
    assert.match(held.decision.outcome, /^Bring 2 groups by mail; 1 has no address of its own yet\.$/);
    assert.match(byCn.decision.outcome, /^Bring 2 groups by cn and example\.com; each has an address of its own/);
  });
});

describe('whatever the groups', () => {
  const given: fc.Arbitrary<GivenGroup> = fc.record(
    {
      cn: fc.constantFrom('a', 'A', 'b', 'ü', ''),
      mail: fc.constantFrom(undefined, 'a@example.com', 'person1@EXAMPLE.com', 'x@partner.example', 'none'),
      place: fc.constantFrom(0, 1, 2),
      scope: fc.constantFrom(undefined, 'domain local', 'global', 'universal'),
      type: fc.constantFrom(undefined, 'security', 'distribution'),
      builtIn: fc.boolean(),
      people: fc.uniqueArray(fc.nat({ max: 3 }), { maxLength: 3 }),
      groups: fc.uniqueArray(fc.nat({ max: 3 }), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );

  it('the counts of each view add up to all of them, in any order of reading', () => {
    fc.assert(
      fc.property(fc.array(given, { minLength: 4, maxLength: 9 }), (groups) => {
        const survey = makeSurvey({
          forests: [{ name: 'corp.example.com' }, { name: undefined, isActiveDirectory: false }],
          domains: [
            { forest: 0, dnsDomain: 'corp.example.com' },
            { forest: 0, dnsDomain: 'sub.corp.example.com' },
            { forest: 1, dnsDomain: undefined, baseDn: 'o=old' },
          ],
          people,
          groups,
        });
        const advice = adviseGivenGroups(survey);
        const sum = (list: readonly { readonly count: number }[]): number => list.reduce((all, { count }) => all + count, 0);
        assert.equal(advice.total, groups.length);
        assert.equal(sum(advice.kinds), groups.length);
        assert.equal(sum(advice.uses), groups.length);
        assert.equal(advice.proposal.finds + sum(advice.proposal.leavesOut), groups.length);
        assert.equal(
          advice.nesting.byDepth.reduce((all, count) => all + count, 0),
          groups.length,
        );
        for (const { mapped, withoutValue, notAnEmailAddress, foreign, collisions } of advice.namings) {
          const held = collisions.reduce((all, { holders }) => all + holders.length, 0);
          assert.equal(mapped + withoutValue + notAnEmailAddress + foreign + held, groups.length);
        }
        const places = [...groups.keys()].reverse();
        const turned = {
          ...survey,
          groups: places.map((place) => ({
            ...survey.groups[place]!,
            groups: survey.groups[place]!.groups.map((child) => places.indexOf(child)),
          })),
        };
        assert.deepEqual({ ...adviseGivenGroups(turned), nesting: 0 }, { ...advice, nesting: 0 });
        assert.deepEqual(adviseGivenGroups(turned).nesting.byDepth, advice.nesting.byDepth);
      }),
      { numRuns: 60 },
    );
  });

  it('there may be none at all', () => {
    const advice = adviseGivenGroups(makeSurvey(), { mapping: makeMapping() });
    assert.equal(advice.total, 0);
    assert.deepEqual(advice.nesting, { deepest: 0, byDepth: [0], longest: [], cycles: [] });
    assert.equal(advice.decision.outcome, 'There is no group worth bringing.');
    assert.deepEqual(
      advice.decision.steps.map(({ because }) => because),
      [
        'There is no group with members, but for those that the system made.',
        'No group that could be brought is a distribution list.',
        'No group is worth bringing.',
      ],
    );
  });
});

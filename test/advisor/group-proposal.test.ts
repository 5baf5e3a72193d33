/** Which groups the proposal brings, and who is beyond what Google allows. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupAdvice } from '../../src/advisor/advice.ts';
import { adviseGivenGroups } from './advise-given-groups.ts';
import { type GivenGroup, makeSurvey } from './make-survey.ts';

const people = Array.from({ length: 4 }, (_, index) => ({ userPrincipalName: `person${String(index)}@example.com` }));
const mailed = (cn: string, more: GivenGroup = {}): GivenGroup => ({ cn, mail: `${cn}@example.com`, people: [0], ...more });
const taken = ({ decision }: GroupAdvice): readonly (string | undefined)[] =>
  decision.steps.map(({ options }) => options.find((option) => option.taken)?.answer);

describe('the proposed filter', () => {
  const list = (cn: string, mail?: string): GivenGroup => ({ cn, mail, type: 'distribution', people: [0] });
  const rows: readonly [
    title: string,
    groups: readonly GivenGroup[],
    answers: readonly string[],
    finds: number,
    filter: RegExp,
  ][] = [
    [
      'leaves out domain local groups',
      [mailed('a'), mailed('b', { scope: 'domain local' })],
      ['global and universal', 'there are none'],
      1,
      /^\(&\(objectClass=group\)\(\|\(groupType=-2147483646\)\(groupType=-2147483640\)\)\(!\(isCriticalSystemObject=TRUE\)\)\(member=\*\)\)$/,
    ],
    [
      'brings domain local groups where there are no others',
      [mailed('b', { scope: 'domain local' })],
      ['domain local too', 'there are none'],
      1,
      /\(groupType=-2147483644\)/,
    ],
    [
      'brings distribution lists that have addresses',
      [mailed('a'), list('l', 'l@example.com')],
      ['global and universal', 'yes'],
      2,
      /\(groupType=2\)\(groupType=8\)/,
    ],
    [
      'leaves out those that have none',
      [mailed('a'), list('l', 'l@partner.example'), list('m')],
      ['global and universal', 'no'],
      1,
      /^(?!.*=2\))/,
    ],
    [
      'leaves out what is empty or made by the system',
      [mailed('a', { people: [] }), mailed('b', { builtIn: true })],
      ['there are no scopes', 'there are none'],
      0,
      /member=\*/,
    ],
    [
      'takes members of any kind',
      [mailed('a', { people: [], outsiders: { elsewhere: 1 } })],
      ['global and universal', 'there are none'],
      1,
      /member=\*/,
    ],
    [
      'leaves out groups of applications',
      [mailed('a'), mailed('b', { scope: undefined })],
      ['global and universal', 'there are none'],
      1,
      /./,
    ],
  ];
  for (const [title, groups, answers, finds, filter] of rows) {
    it(title, () => {
      const advice = adviseGivenGroups(makeSurvey({ people, groups }));
      assert.deepEqual(taken(advice).slice(0, 2), answers);
      assert.equal(advice.proposal.finds, finds);
      assert.match(advice.proposal.filter, filter);
    });
  }

  it('is another one for a directory of another kind', () => {
    const { proposal, decision } = adviseGivenGroups(
      makeSurvey({
        forests: [{ name: 'corp.example.com' }, { name: undefined, isActiveDirectory: false }],
        domains: [
          { forest: 0, dnsDomain: 'corp.example.com' },
          { forest: 1, dnsDomain: undefined, baseDn: 'o=old' },
        ],
        people,
        groups: [mailed('a'), mailed('b'), mailed('c', { place: 1, scope: undefined, type: undefined })],
      }),
    );
    assert.equal(proposal.finds, 2);
    assert.match(decision.steps.at(-1)?.because ?? '', /^Of 3 groups that are worth bringing, 3 have an address/);
    assert.deepEqual(proposal.leavesOut, [
      {
        because:
          'in a directory of another kind, where (&(|(objectClass=group)(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))(|(member=*)(uniqueMember=*))) finds them',
        count: 1,
      },
    ]);
  });
});

describe('limits and outsiders', () => {
  it('name who is over them', () => {
    const crowd = Array.from({ length: 3_001 }, (_, index) => mailed(`g${String(index)}`));
    const chain = Array.from({ length: 4_500 }, (_, index) =>
      mailed(`c${String(index)}`, { people: index === 0 ? [0] : [], groups: index === 0 ? [] : [3_000 + index] }),
    );
    const long = mailed('n'.repeat(74), { mail: `${'m'.repeat(65)}@example.com`, people: [1] });
    const { limits } = adviseGivenGroups(makeSurvey({ people, groups: [...crowd, ...chain, long] }));
    assert.deepEqual(
      limits.map(({ limit, most, over }) => [limit, most, over]),
      [
        [3_000, 3_002, [{ name: 'person0', count: 3_002 }]],
        [7_500, 7_501, [{ name: 'person0', count: 7_501 }]],
        [64, 65, [{ name: 'n'.repeat(74), count: 65 }]],
        [73, 74, [{ name: 'n'.repeat(74), count: 74 }]],
      ],
    );
  });

  it('count outsiders by kind, with examples of groups that have one kind alone', () => {
    const { outsiders } = adviseGivenGroups(
      makeSurvey({
        groups: [
          { outsiders: { computer: 2 }, someOutsiders: ['CN=PC2', 'CN=PC1'] },
          { outsiders: { computer: 1, contact: 1 }, someOutsiders: ['CN=PC3', 'CN=Someone'] },
        ],
      }),
    );
    assert.deepEqual(outsiders, [
      { kind: 'computer', members: 3, groups: 2, examples: ['CN=PC1', 'CN=PC2'] },
      { kind: 'contact', members: 1, groups: 1, examples: [] },
    ]);
  });
});

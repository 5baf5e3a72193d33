/** Trees of organisational units: who lies where, and what Google would make of them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AdvisedUnit, UnitAdvice } from '../../src/advisor/advice.ts';
import { adviseUnits } from '../../src/advisor/unit-advice.ts';
import { parentOf, relativeNames, relativeNamesAsWritten } from '../../src/directory/distinguished-name.ts';
import { type GivenDomain, makeFacts, makeSurvey } from './make-survey.ts';

const base = 'DC=corp,DC=example,DC=com';

/** Units are DNs below the base, containers those whose first name is a CN; people, others and groups the names of their units. */
function advise(given: {
  readonly units?: readonly string[];
  readonly people?: readonly string[];
  readonly others?: readonly string[];
  readonly groups?: readonly string[];
}): UnitAdvice {
  const { units = [], people = [], others = [], groups = [] } = given;
  const below = (unit: string, name: string): string => [name, ...(unit === '' ? [] : [unit]), base].join(',');
  const survey = makeSurvey({
    units: units.map((unit) => ({
      distinguishedName: `${unit},${base}`,
      kind: /^cn=/i.test(unit) ? ('container' as const) : ('unit' as const),
    })),
    people: [
      ...people.map((unit, index) => ({ distinguishedName: below(unit, `CN=Person\\, ${String(index)}`) })),
      ...others.map((unit, index) => ({
        distinguishedName: below(unit, `CN=Other ${String(index)}`),
        barred: 'person-disabled' as const,
      })),
    ],
    groups: groups.map((unit, index) => ({ distinguishedName: below(unit, `CN=Group ${String(index)}`) })),
  });
  return adviseUnits(makeFacts(survey));
}

/** One line for each: path of names, people, people with those below, others, groups, path in Google. */
const lines = (unit: AdvisedUnit, above = ''): readonly string[] => {
  const name = unit.kind === 'domain' ? '' : `${above}>${unit.name}`;
  const { people, peopleBelow, otherAccounts, groups, orgUnitPath } = unit;
  return [
    [name, people, peopleBelow, otherAccounts, groups, orgUnitPath].join(' '),
    ...unit.units.flatMap((each) => lines(each, name)),
  ];
};
const paths = ({ trees }: UnitAdvice): readonly (string | null)[] =>
  trees.flatMap(function list(unit): readonly (string | null)[] {
    return [unit.orgUnitPath, ...unit.units.flatMap(list)];
  });

describe('a tree', () => {
  it('says who lies where, directly and below', () => {
    const advice = advise({
      units: ['OU=Staff', 'OU=Berlin,OU=Staff', 'OU=Groups', 'CN=Users', 'OU=Old', 'OU=Older,OU=Old'],
      people: ['OU=Berlin,OU=Staff', 'ou=berlin,ou=STAFF', 'OU=Staff', 'CN=Users', ''],
      others: ['OU=Staff', 'CN=Users'],
      groups: ['OU=Groups', 'CN=Builtin', 'OU=Staff'],
    });
    assert.deepEqual(lines(advice.trees[0]!), [
      ' 1 5 0 0 /',
      '>Builtin 0 0 0 1 ',
      '>Groups 0 0 0 1 /Groups',
      '>Old 0 0 0 0 /Old',
      '>Old>Older 0 0 0 0 /Old/Older',
      '>Staff 1 3 1 1 /Staff',
      '>Staff>Berlin 2 2 0 0 /Staff/Berlin',
      '>Users 1 1 1 0 ',
    ]);
    assert.deepEqual([advice.total, advice.deepest, advice.empty, advice.troubles], [5, 2, 2, []]);
    assert.deepEqual(advice.meaning, [
      'Google would have 5 organisational units made for them; it uses them for settings and services, never for access, so that none is needed to sign in.',
      '2 people would come to lie in the root, since they lie in no organisational unit: 1 in containers such as CN=Users, 1 in the domain itself.',
      '3 of the units to be made have no people, neither themselves nor below: they can be left out.',
    ]);
  });

  const spellings: readonly [title: string, unit: string, person: string, name: string][] = [
    ['a comma', 'OU=Research\\, Development', 'OU=Research\\2c Development', 'Research, Development'],
    ['a backslash', 'OU=a\\\\b', 'OU=a\\5Cb', 'a\\b'],
    ['a backslash before a comma', 'OU=a\\\\,OU=b', 'OU=a\\5c, OU=b', 'a\\'],
    ['Chinese', 'OU=销售部', 'OU=\\E9\\94\\80\\E5\\94\\AE\\E9\\83\\A8', '销售部'],
    ['quotes and a plus', 'OU=\\"Co\\" \\+ #1', 'OU=\\22Co\\22 \\2B #1', '"Co" + #1'],
    ['a blank at its end', 'OU=Staff\\ ', 'OU=Staff\\20', 'Staff '],
    ['a line end', 'OU=a\\0Ab', 'OU=a\\0ab', 'a\nb'],
    ['an equals sign', 'OU=a=b', 'OU=a\\3Db', 'a=b'],
    ['what looks like the domain', 'OU=x\\,DC=corp', 'OU=x\\2CDC=corp', 'x,DC=corp'],
  ];
  for (const [title, unit, person, name] of spellings) {
    it(`takes two spellings of a name as one: ${title}`, () => {
      const found = advise({ units: [unit], people: [person, unit] }).trees[0]!.units;
      let node = found[0]!;
      while (node.units[0] !== undefined) node = node.units[0];
      assert.deepEqual([found.length, node.name, node.people], [1, name, 2]);
    });
  }

  it('lays at its root whoever does not lie in the domain, and at the deepest shown what lies deeper', () => {
    const survey = makeSurvey({ people: [{ distinguishedName: 'CN=x,OU=y,DC=elsewhere' }, { distinguishedName: '' }] });
    assert.equal(adviseUnits(makeFacts(survey)).trees[0]?.people, 2);
    const deep = Array.from({ length: 3_000 }, (_, level) => `OU=${String(level)}`).join(',');
    const advice = advise({ people: [deep] });
    assert.equal(advice.deepest, 250);
    assert.equal(advice.trees[0]?.peopleBelow, 1);
    assert.ok(JSON.stringify(advice).length > 0);
  });
});

describe('in Google', () => {
  const chain = (depth: number): string => Array.from({ length: depth }, (_, level) => `OU=L${String(depth - level)}`).join(',');
  const rows: readonly [title: string, units: readonly string[], troubles: readonly RegExp[], made: number][] = [
    ['35 levels', Array.from({ length: 35 }, (_, level) => chain(level + 1)), [], 35],
    ['36 levels', Array.from({ length: 36 }, (_, level) => chain(level + 1)), [/at level 36; Google takes 35/], 35],
    ['a stroke in a name, and what lies below', ['OU=a/b', 'OU=c,OU=a/b'], [/Google takes no \/ in a name/], 0],
    ['a blank name', ['OU=\\20'], [/its name is blank/], 0],
    ['a container between', ['OU=x,CN=Users', 'OU=X'], [/of the same name as OU=(x,CN=Users|X),DC=corp/], 1],
    ['two classes', ['OU=Archive', 'CN=archive', 'OU=Archive,CN=archive'], [/of the same name/], 1],
    ['one name in two branches', ['OU=a', 'OU=b', 'OU=x,OU=a', 'OU=x,OU=b'], [], 4],
  ];
  for (const [title, units, troubles, made] of rows) {
    it(title, () => {
      const advice = advise({ units });
      assert.equal(advice.troubles.length, troubles.length);
      for (const [index, trouble] of troubles.entries()) assert.match(advice.troubles[index]!.because, trouble);
      assert.match(advice.meaning[0]!, new RegExp(`Google would have ${String(made)} organisational units? made`));
    });
  }

  it('people in units that cannot be made are counted', () => {
    const { meaning } = advise({ units: ['OU=a/b', 'OU=c,OU=a/b'], people: ['OU=a/b', 'OU=c,OU=a/b', 'CN=x,OU=c,OU=a/b'] });
    assert.match(meaning.join('\n'), /1 unit lies below one that cannot be made\.\n3 people lie in units that cannot be made/);
  });

  const forests = [{ name: 'a.example' }, { name: 'b.example' }];
  const domains: readonly GivenDomain[] = [
    { forest: 0, dnsDomain: 'a.example' },
    { forest: 1, dnsDomain: 'b.example' },
  ];
  const two = (first: string, second: string): UnitAdvice =>
    adviseUnits(
      makeFacts(
        makeSurvey({
          forests,
          domains,
          units: [
            { place: 0, distinguishedName: `OU=${first},DC=a,DC=example` },
            { place: 1, distinguishedName: `OU=${second},DC=b,DC=example` },
          ],
        }),
      ),
    );

  it('the trees of two forests stand side by side where no names fall together', () => {
    const advice = two('Staff', 'Students');
    assert.deepEqual(paths(advice), ['/', '/Staff', '/', '/Students']);
    assert.match(advice.meaning.join('\n'), /could stand side by side/);
  });

  it('and below a unit each where they do', () => {
    const advice = two('Staff', 'STAFF');
    assert.deepEqual(paths(advice), ['/a.example', '/a.example/Staff', '/b.example', '/b.example/STAFF']);
    assert.deepEqual(advice.troubles, []);
    assert.match(advice.meaning.join('\n'), /Google would have 4 organisational units made for them, 2 of them for the domains/);
    assert.match(
      advice.meaning.join('\n'),
      /cannot stand side by side, since 1 name of their highest units, such as Staff, would fall together/,
    );
  });
});

describe('whoever lies wherever', () => {
  const name = fc.oneof(fc.constantFrom('a', 'A', 'b/c', 'ü', 'x\\, y', '销'), fc.stringMatching(/^[a-z]{1,3}$/));
  const unit = fc
    .array(fc.tuple(fc.constantFrom('OU', 'CN'), name), { maxLength: 5 })
    .map((parts) => parts.map((part) => part.join('=')).join(','));

  it('is counted once, and no two units have one path', () => {
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 20 }),
        fc.array(unit, { maxLength: 20 }),
        fc.array(unit, { maxLength: 5 }),
        (people, others, groups) => {
          const advice = advise({ people, others, groups });
          const [tree] = advice.trees;
          const all: AdvisedUnit[] = [tree!];
          for (const each of all) all.push(...each.units);
          const sum = (of: (each: AdvisedUnit) => number): number => all.reduce((total, each) => total + of(each), 0);
          assert.equal(
            sum((each) => each.people),
            people.length,
          );
          assert.equal(
            sum((each) => each.otherAccounts),
            others.length,
          );
          assert.equal(
            sum((each) => each.groups),
            groups.length,
          );
          assert.equal(tree!.peopleBelow, people.length);
          for (const each of all) {
            assert.equal(
              each.peopleBelow,
              each.units.reduce((total, { peopleBelow }) => total + peopleBelow, each.people),
            );
          }
          assert.equal(all.filter(({ kind }) => kind === 'unit').length, advice.total);
          const made = all.flatMap(({ orgUnitPath }) => orgUnitPath?.toLowerCase() ?? []);
          assert.equal(new Set(made).size, made.length);
          const refused = new Set(advice.troubles.map(({ distinguishedName }) => distinguishedName));
          const check = (each: AdvisedUnit, isLost: boolean): void => {
            const isRefused = isLost || refused.has(each.distinguishedName);
            if (each.kind !== 'container') assert.equal(each.orgUnitPath === null, isRefused);
            for (const inner of each.units) check(inner, isRefused);
          };
          check(tree!, false);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('a distinguished name is taken apart alike by whoever takes a name off it and whoever takes all', () => {
    const escaped = (one: string): string =>
      [...Buffer.from(one)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    const value = fc.string({ minLength: 1, maxLength: 6 }).map((text) => text.replace(/[\\,+"<>;=#\s\0]/gu, escaped));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
        const dn = values.map((one) => `OU=${one}`).join(',');
        assert.equal(relativeNamesAsWritten(dn).length, values.length);
        assert.deepEqual(relativeNames(parentOf(dn)), relativeNames(dn).slice(1));
      }),
      { numRuns: 200 },
    );
  });
});

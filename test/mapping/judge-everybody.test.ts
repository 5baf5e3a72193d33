/** What is said of everybody is what a sign-in does with each: the same address, or the same refusal. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Directory, Person } from '../../src/directory/directory.ts';
import { fold } from '../../src/directory/fold.ts';
import { judgeEverybody, type Verdict } from '../../src/mapping/judge-everybody.ts';
import { prepareMapping, type Mapping } from '../../src/mapping/prepare-mapping.ts';
import { Refusal } from '../../src/refusal.ts';
import { createReadPerson } from '../../src/signin/read-person.ts';
import { makeMapping } from '../advisor/make-survey.ts';
import { somebody } from '../signin/somebody.ts';

/** As documented: everybody in all forests who holds one of the values, in whatever case, and each person afresh. */
const directoryOf = (people: readonly Person[]): Pick<Directory, 'holders' | 'read'> => ({
  holders: (attribute, values) => {
    const wanted = new Set(values.map(fold));
    return Promise.resolve(people.filter((person) => wanted.has(fold(person[attribute] ?? ''))));
  },
  read: (known) => {
    const found = people.find(({ distinguishedName }) => distinguishedName === known.distinguishedName);
    return found === undefined ? Promise.reject(new Refusal('person-gone')) : Promise.resolve(found);
  },
});

/** What a sign-in makes of a person who got past the password. */
async function signIn(
  person: Person,
  people: readonly Person[],
  mapping: Mapping,
): Promise<Pick<Verdict, 'address' | 'refused'>> {
  const readPerson = createReadPerson({
    mapping: prepareMapping(mapping),
    recheck: 0,
    directory: directoryOf(people),
    sessions: { refresh: () => Promise.resolve(), dismiss: () => Promise.resolve() },
    clock: { now: () => 1, until: () => new Promise(() => undefined) },
  });
  const session = { id: '', objectGUID: person.objectGUID, evidence: [], endsAt: Infinity, person, personReadAt: 0 };
  try {
    return { address: (await readPerson('', session, true))?.mapped?.address, refused: undefined };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { address: undefined, refused: error.reason };
  }
}

/** @param given each in a domain of their own, unless told otherwise, and all with one objectGUID */
const peopleOf = (given: readonly Partial<Person>[]): readonly Person[] =>
  given.map((person, index) => ({
    ...somebody('g', { domain: `d${String(index)}.example`, ...person }),
    distinguishedName: `CN=${String(index)}`,
  }));

async function assertLaw(people: readonly Person[], mapping: Mapping): Promise<readonly Verdict[]> {
  const verdicts = judgeEverybody(people, mapping);
  assert.equal(verdicts.length, people.length);
  for (const [index, person] of people.entries()) {
    const told = verdicts[index];
    assert.ok(told);
    const met = await signIn(person, people, mapping);
    // Whoever is barred does not get past the password; one who did would be refused all the same.
    if (person.barred === undefined)
      assert.equal(met.refused, told.refused, `${person.distinguishedName}: ${String(told.because)}`);
    else assert.ok(told.refused === person.barred && met.refused !== undefined);
    if (told.refused === undefined) assert.equal(met.address, told.address);
  }
  return verdicts;
}

describe('everybody', () => {
  const rich = makeMapping({
    substitute: { 'corp.local': 'example.com', 'corp_2.local': 'alias.example' },
    domains: { secondary: ['example.org', 'münchen.example'], aliases: { 'alias.example': 'example.com' } },
  });
  const upns = (...all: readonly (string | undefined)[]) => peopleOf(all.map((userPrincipalName) => ({ userPrincipalName })));
  const twice = 'address-not-unique';
  const rows: readonly [title: string, people: readonly Person[], said: readonly (string | undefined)[], mapping?: Mapping][] = [
    ['alone', upns('alice@example.com'), ['alice@example.com']],
    ['two in letters of another case', upns('alice@example.com', 'ALICE@Example.COM'), [twice, twice]],
    [
      'two whose case is preserved',
      upns('alice@example.com', 'Alice@example.com'),
      [twice, twice],
      { ...rich, letterCase: 'preserve' },
    ],
    ['two by an alias', upns('alice@example.com', 'alice@alias.example'), [twice, twice]],
    ['two by a substitution', upns('alice@example.com', 'alice@corp.local'), [twice, twice]],
    ['three by a substitution into an alias', upns('a@corp_2.local', 'a@corp.local', 'a@alias.example'), [twice, twice, twice]],
    ['two spellings of a Unicode domain', upns('a@MÜNCHEN.example', 'a@xn--mnchen-3ya.example'), [twice, twice]],
    ['the same name in two domains', upns('a@example.com', 'a@example.org'), ['a@example.com', 'a@example.org']],
    [
      'a substitution that takes the name away',
      upns('a@example.com', 'a@example.org'),
      ['a@example.org', 'address-not-in-domains'],
      makeMapping({
        domains: { primary: 'example.org' },
        substitute: { 'example.com': 'example.org', 'example.org': 'example.net' },
      }),
    ],
    [
      'an alias that is substituted itself',
      upns('a@example.com', 'a@alias.example'),
      ['a@example.com', 'a@example.org'],
      { ...rich, substitute: { 'alias.example': 'example.org' } },
    ],
    [
      'letters that directories fold and we do not',
      upns('a@kelvin.example', 'a@\u212Aelvin.example'),
      ['a@kelvin.example', 'not-an-email-address'],
      makeMapping({ domains: { primary: 'kelvin.example' } }),
    ],
    [
      'a disabled holder',
      peopleOf([{ mail: 'a@example.com', barred: 'person-disabled' }, { mail: 'A@example.com' }]),
      ['person-disabled', twice],
      { ...rich, source: 'mail' },
    ],
    ['an expired one without an address', peopleOf([{ barred: 'person-expired' }]), ['person-expired']],
    ['without a value', upns(undefined, ''), ['no-user-principal-name', 'no-user-principal-name']],
    ['without mail', upns('a@example.com'), ['no-mail'], { ...rich, source: 'mail' }],
    ['outside', upns('a@elsewhere.example'), ['address-not-in-domains']],
    [
      'people of one domain',
      peopleOf([
        { objectGUID: '1', domain: undefined, userPrincipalName: 'a@example.com' },
        { objectGUID: '2', domain: undefined, userPrincipalName: 'a@corp.local' },
      ]),
      [twice, twice],
    ],
  ];
  for (const [title, people, said, mapping = rich] of rows) {
    it(title, async () => {
      const verdicts = await assertLaw(people, mapping);
      assert.deepEqual(
        verdicts.map(({ address, refused }) => refused ?? address),
        said,
      );
    });
  }

  it('leaves nobody out, and says what stands in the way', () => {
    assert.deepEqual(judgeEverybody([], rich), []);
    assert.deepEqual(judgeEverybody(upns('a b@example.com'), rich), [
      { address: undefined, refused: 'not-an-email-address', because: 'what precedes the last @ is not an ASCII dot-atom' },
    ]);
  });
});

describe('a random directory under a random mapping', () => {
  const spellings = [
    ['example.com', 'EXAMPLE.com'],
    ['example.org', 'example.ORG'],
    ['alias.example', 'alias.example'],
    ['corp.local', 'Corp.Local'],
    ['corp_2.local', 'corp_2.local'],
    ['münchen.example', 'xn--mnchen-3ya.example'],
    ['xn--bcher-kva.example', 'BÜCHER.example'],
    ['straße.example', 'Straße.example'],
  ] as const;
  const odd = [
    'kelvin.example',
    '\u212Aelvin.example',
    'mu\u0308nchen.example',
    'elsewhere.example',
    'localhost',
    '',
    'İ.example',
  ];
  const local = fc.constantFrom('alice', 'Alice', 'ALICE', 'bob', "o'b", 'a+b', 'al ice', 'zoë', '.a', '', 'x'.repeat(65));
  const domain = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...spellings.flat()) }, fc.constantFrom(...odd));
  const address = fc.oneof(
    { weight: 9, arbitrary: fc.tuple(local, domain).map(([before, after]) => `${before}@${after}`) },
    fc.constantFrom(undefined, '', 'alice', 'alice@x@example.com'),
  );
  const person = fc.record({
    objectGUID: fc.constantFrom('1', '2', '3', '4'),
    domain: fc.constantFrom('one.example', 'two.example', 'three.example', undefined),
    userPrincipalName: address,
    mail: address,
    barred: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom('person-disabled', 'person-expired')),
  });
  // Whoever shares even the domain, which a forest without DNS names may make possible, is ambiguous before there is a session.
  const people = fc
    .uniqueArray(person, { maxLength: 10, selector: (one) => `${one.objectGUID} ${String(one.domain)}` })
    .map(peopleOf);
  const name = fc.constantFrom(...spellings.map((_, index) => index));
  /** A role for every domain but the first, each spelt in one of its ways: nothing, secondary, or alias of an own one. */
  const mapping = fc
    .record({
      source: fc.constantFrom('userPrincipalName', 'mail'),
      letterCase: fc.constantFrom('lower', 'preserve'),
      roles: fc.array(fc.constantFrom('none', 'secondary', 'alias'), { minLength: 8, maxLength: 8 }),
      targets: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      substitute: fc.dictionary(name.map(String), name, { maxKeys: 4 }),
      spelling: fc.constantFrom(0, 1),
    })
    .map(({ source, letterCase, roles, targets, substitute, spelling }): Mapping => {
      const spelt = (index: number): string => spellings[index]![spelling];
      const mayHoldMail = (index: number): boolean => index !== 4;
      const of = (role: string): number[] =>
        roles.flatMap((given, index) => (index > 0 && given === role && mayHoldMail(index) ? [index] : []));
      const own = [0, ...of('secondary')];
      return {
        source,
        letterCase,
        domains: {
          primary: spelt(0),
          secondary: of('secondary').map(spelt),
          aliases: Object.fromEntries(of('alias').map((index) => [spelt(index), spelt(own[targets[index]! % own.length]!)])),
        },
        substitute: Object.fromEntries(
          Object.entries(substitute).flatMap(([from, to]) => (mayHoldMail(to) ? [[spelt(Number(from)), spelt(to)]] : [])),
        ),
      };
    });

  it('is told as each of them would meet it', async () => {
    await fc.assert(
      fc.asyncProperty(people, mapping, async (everybody, how) => {
        await assertLaw(everybody, how);
      }),
      { numRuns: 500 },
    );
  });

  it('is told alike in whatever order it was read', () => {
    fc.assert(
      fc.property(people, mapping, (everybody, how) => {
        assert.deepEqual(judgeEverybody(everybody.toReversed(), how).toReversed(), judgeEverybody(everybody, how));
      }),
    );
  });
});

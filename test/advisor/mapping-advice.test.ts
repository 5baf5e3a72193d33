/** The candidates side by side, the best of them, and values for those who have to be mended. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { CandidateName, DomainAdvice, MappingAdvice, Outcomes } from '../../src/advisor/advice.ts';
import { adviseMapping } from '../../src/advisor/mapping-advice.ts';
import { againstGuidelines } from '../../src/advisor/name-guidelines.ts';
import type { Survey } from '../../src/directory/survey/survey.ts';
import { judgeEverybody } from '../../src/mapping/judge-everybody.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { makeDomains } from './make-domains.ts';
import { guid, makeFacts, makeMapping, makeSurvey, type GivenPerson } from './make-survey.ts';
import { readPowershell } from './read-powershell.ts';

const usual = makeDomains({
  'example.com': 'reserved',
  'example.net': 'public',
  'gmail.com': 'consumer',
  'corp.local': 'reserved',
});
const substituting = makeDomains(
  { 'corp.local': 'reserved', corp: 'single label' },
  { substitute: { 'corp.local': 'example.com' } },
);

function adviseOn(
  people: readonly GivenPerson[],
  {
    configured,
    domains = usual,
    ...given
  }: { configured?: Mapping; domains?: DomainAdvice } & Partial<
    Omit<NonNullable<Parameters<typeof makeSurvey>[0]>, 'domains'>
  > = {},
  kinds?: Parameters<typeof makeFacts>[1],
): MappingAdvice {
  const facts = makeFacts(makeSurvey({ people, ...given }), { ...(configured && { configured }), ...kinds });
  return adviseMapping(facts, domains, []);
}
const called = (name: string, upn: string | undefined, mail: string | undefined = upn, more: GivenPerson = {}): GivenPerson => ({
  sAMAccountName: name,
  userPrincipalName: upn,
  mail,
  displayName: undefined,
  ...more,
});
const nobody: Outcomes = {
  mapped: 0,
  withoutValue: 0,
  notAnEmailAddress: 0,
  foreignDomain: 0,
  consumerDomain: 0,
  unregistrableDomain: 0,
  duplicate: 0,
};
const outcomesOf = (advice: MappingAdvice, name: CandidateName) => advice.candidates.find((one) => one.name === name)?.outcomes;

describe('the candidates', () => {
  const namesOf = (configured: Mapping, domains: DomainAdvice = substituting) =>
    adviseOn([], { configured, domains }).candidates.map(({ name }) => name);
  const rows: readonly [title: string, configured: Mapping, names: readonly CandidateName[], domains?: DomainAdvice][] = [
    [
      'all five',
      makeMapping({ domains: { primary: 'example.org' } }),
      ['configured', 'upn', 'mail', 'upn-substituted', 'mail-substituted'],
    ],
    ['without that which is configured', makeMapping(), ['configured', 'mail', 'upn-substituted', 'mail-substituted']],
    [
      'without it in another spelling',
      makeMapping({ domains: { primary: 'EXAMPLE.com' } }),
      ['configured', 'mail', 'upn-substituted', 'mail-substituted'],
    ],
    [
      'without it, substitution and all',
      makeMapping({ source: 'mail', substitute: { 'CORP.local': 'example.com', 'example.com': 'example.com' } }),
      ['configured', 'upn', 'mail', 'upn-substituted'],
    ],
    ['without substitution where none is proposed', makeMapping({ source: 'mail' }), ['configured', 'upn'], usual],
    ['keeping the letter case that is configured', makeMapping({ letterCase: 'preserve' }), ['configured', 'mail'], usual],
  ];
  for (const [title, configured, names, domains] of rows) it(title, () => assert.deepEqual(namesOf(configured, domains), names));

  it('count everybody once', () => {
    const advice = adviseOn(
      [
        called('mapped', 'mapped@example.com'),
        called('nothing', undefined),
        called('empty', ''),
        called('wrong', 'wr ong@example.com'),
        called('foreign', 'a@example.net'),
        called('unheard', 'a@unheard.example'),
        called('consumer', 'a@GMAIL.com'),
        called('local', 'a@corp.local'),
        called('one', 'same@example.com'),
        called('two', 'Same@Example.com'),
        called('gone', 'SAME@example.com', undefined, { barred: 'person-disabled' }),
        called('off', undefined, undefined, { barred: 'person-expired' }),
        called('svc-x', 'svc-x@example.com'),
        called('guest', 'g#EXT#@example.com'),
      ],
      {},
      { kinds: [...Array<'person'>(10).fill('person'), 'disabled', 'disabled', 'service', 'guest'] },
    );
    assert.deepEqual(outcomesOf(advice, 'configured'), {
      person: {
        mapped: 1,
        withoutValue: 2,
        notAnEmailAddress: 1,
        foreignDomain: 2,
        consumerDomain: 1,
        unregistrableDomain: 1,
        duplicate: 2,
      },
      disabled: { ...nobody, withoutValue: 1, duplicate: 1 },
      service: { ...nobody, mapped: 1 },
      guest: { ...nobody, mapped: 1 },
    });
    assert.deepEqual(advice.accounts, { person: 10, disabled: 2, service: 1, guest: 1 });
    const [collision, ...further] = advice.candidates[0]!.collisions;
    assert.deepEqual(further, []);
    assert.equal(collision?.address, 'same@example.com');
    assert.deepEqual(
      collision.holders.map(({ name, kind }) => [name, kind]),
      [
        ['gone', 'disabled'],
        ['one', 'person'],
        ['two', 'person'],
      ],
    );
    // Of guests nothing is said: they need no account.
    assert.deepEqual(advice.candidates[0]!.againstGuidelines, []);
  });

  it('substitute before the kind of a domain is asked', () => {
    const people = [called('a', 'a@corp.local'), called('b', 'b@corp'), called('c', 'c@other.local')];
    const advice = adviseOn(people, { domains: { ...substituting, domains: [...substituting.domains] } });
    assert.deepEqual(outcomesOf(advice, 'configured')?.person, { ...nobody, unregistrableDomain: 2, foreignDomain: 1 });
    assert.deepEqual(outcomesOf(advice, 'upn-substituted')?.person, {
      ...nobody,
      mapped: 1,
      unregistrableDomain: 1,
      foreignDomain: 1,
    });
  });

  it('find one address in two forests', () => {
    const forests = [{ name: 'a.example.com' }, { name: 'b.example.com' }];
    const domains = forests.map(({ name }, forest) => ({ forest, dnsDomain: name }));
    const facts = makeFacts(
      makeSurvey({
        forests,
        domains,
        people: [
          called('x', 'x@example.com', undefined, { objectGUID: guid(1, 0) }),
          called('x', 'x@EXAMPLE.com', undefined, { objectGUID: guid(1, 0), place: 1 }),
        ],
      }),
    );
    const [collision] = adviseMapping(facts, usual, []).candidates[0]!.collisions;
    assert.deepEqual(
      collision?.holders.map(({ name, domain }) => [name, domain]),
      [
        ['x', 'a.example.com'],
        ['x', 'b.example.com'],
      ],
    );
  });

  it('name what Google takes for no user name, of people who have the address', () => {
    const { candidates } = adviseOn([
      called('b', 'b+x@example.com'),
      called('a', 'postmaster@example.com'),
      called('c', 'c@example.com'),
    ]);
    assert.deepEqual(
      candidates[0]!.againstGuidelines.map(({ name, address }) => [name, address]),
      [
        ['a', 'postmaster@example.com'],
        ['b', 'b+x@example.com'],
      ],
    );
  });

  it('compare UPN, mail and primary SMTP address without regard to case, of people alone', () => {
    const advice = adviseOn(
      [
        called('same', 'a@example.com', 'A@example.com', { primarySmtp: 'a@EXAMPLE.com' }),
        called('z', 'z@example.com', 'zoe@example.com', { primarySmtp: 'z@example.com' }),
        called('b', 'b@example.com', 'bob@example.com'),
        called('none', undefined, 'c@example.com', { primarySmtp: '' }),
        called('svc', 'd@example.com', 'e@example.com', { primarySmtp: 'f@example.com' }),
      ],
      {},
      { kinds: ['person', 'person', 'person', 'person', 'service'] },
    );
    assert.deepEqual(
      advice.upnIsNotMail.map(({ name, userPrincipalName, mail }) => [name, userPrincipalName, mail]),
      [
        ['b', 'b@example.com', 'bob@example.com'],
        ['z', 'z@example.com', 'zoe@example.com'],
      ],
    );
    assert.deepEqual(
      advice.mailIsNotPrimarySmtp.map(({ name, mail, primarySmtp }) => [name, mail, primarySmtp]),
      [['z', 'zoe@example.com', 'z@example.com']],
    );
  });

  it('leave configurations alone that contradict themselves', () => {
    const configured = makeMapping({ domains: { aliases: { 'a.example': 'b.example' } } });
    assert.throws(() => adviseOn([], { configured }), { name: 'MappingMistake' });
  });
});

describe('the best', () => {
  const elsewhere = makeMapping({ domains: { primary: 'elsewhere.example' } });
  const fine = called('fine', 'fine@example.com');
  const rows: readonly [
    title: string,
    best: CandidateName,
    people: readonly GivenPerson[],
    configured?: Mapping,
    domains?: DomainAdvice,
  ][] = [
    ['is the UPN where it refuses fewer', 'upn', [fine, called('a', 'a@example.com', '')]],
    ['is mail where it refuses fewer', 'mail', [fine, called('a', '', 'a@example.com')]],
    [
      'is mail where the UPN is in an inner domain',
      'mail',
      [called('a', 'a@corp.local', 'a@example.com')],
      elsewhere,
      substituting,
    ],
    ['substitutes where it must', 'upn-substituted', [called('a', 'a@corp.local', ''), fine], elsewhere, substituting],
    ['substitutes mail where it must', 'mail-substituted', [called('a', '', 'a@corp.local'), fine], elsewhere, substituting],
    ['substitutes not without need', 'upn', [fine], elsewhere, substituting],
    [
      'is the UPN where it is mail for most',
      'upn',
      [fine, called('f2', 'f2@example.com'), called('a', 'a@example.com', 'ada@example.com')],
    ],
    ['is mail where it is not', 'mail', [fine, called('a', 'a@example.com', 'ada@example.com')]],
    [
      'is what is configured where the others do no better',
      'configured',
      [fine],
      makeMapping({ domains: { secondary: ['example.org'] } }),
    ],
    ['is what is configured, though it be the UPN as well', 'configured', [fine], makeMapping()],
    [
      'is what is configured, though another do as well without substitution',
      'configured',
      [fine],
      makeMapping({ source: 'mail', substitute: { 'corp.local': 'example.com' } }),
    ],
    [
      'is another than what is configured where that refuses one more',
      'upn',
      [fine, called('a', 'a@example.com', 'a@example.net')],
      makeMapping({ source: 'mail', substitute: { 'corp.local': 'example.com' } }),
    ],
    [
      'is not what makes addresses in a domain that nobody can register',
      'mail',
      [called('a', 'a@corp.local', 'a@example.com'), called('b', 'b@corp.local', 'b@example.com')],
      makeMapping({ domains: { primary: 'corp.local' } }),
    ],
    [
      'is not what makes addresses that Google does not take',
      'mail',
      [called('a', 'a+b@example.com', 'a@example.com'), called('b', 'b@example.com')],
      makeMapping(),
    ],
    [
      'is mail where a UPN is held twice',
      'mail',
      [called('a', 'x@example.com', 'a@example.com'), called('b', 'X@example.com', 'b@example.com')],
    ],
  ];
  for (const [title, best, people, configured = elsewhere, domains = usual] of rows) {
    it(title, () => {
      const advice = adviseOn(people, { configured, domains });
      assert.equal(advice.best, best, JSON.stringify(advice.decision, undefined, 1));
      const { steps, outcome } = advice.decision;
      assert.ok(steps.length >= 5);
      for (const { question, options, because } of steps) {
        assert.match(question, /\?$/);
        assert.ok(
          options.some(({ taken }) => taken),
          question,
        );
        assert.match(because, /\.$/);
      }
      assert.match(outcome, /^Map people by their (?:UPN|mail)\b.*\.$/);
    });
  }
});

describe('mending', () => {
  const mendingsOf = (
    people: readonly GivenPerson[],
    given: Parameters<typeof adviseOn>[1] = {},
    kinds?: Parameters<typeof makeFacts>[1],
  ) =>
    adviseOn(people, { configured: makeMapping(), ...given }, kinds).mendings.map(({ name, trouble, now, proposed }) => [
      name,
      trouble,
      now,
      proposed,
    ]);
  /** Keep the UPN the best, whatever is wrong with it. */
  const noMail = { mail: undefined };
  const upn = (name: string, value: string | undefined, more: GivenPerson = {}): GivenPerson =>
    called(name, value, undefined, { ...noMail, ...more });
  const crowd = ['p1', 'p2'].map((name) => upn(name, `${name}@example.com`));

  const rows: readonly [
    title: string,
    people: readonly GivenPerson[],
    mended: readonly (readonly (string | null)[])[],
    domains?: DomainAdvice,
  ][] = [
    ['nobody', [], []],
    ['no UPN, but mail', [called('a', undefined, 'Ada@example.com')], [['a', 'without-value', null, 'ada@example.com']]],
    [
      'no UPN, but a primary SMTP address',
      [upn('a', undefined, { primarySmtp: 'ada@example.com' })],
      [['a', 'without-value', null, 'ada@example.com']],
    ],
    ['neither', [upn('ada', undefined)], [['ada', 'without-value', null, 'ada@example.com']]],
    ['neither, and a name that is somebody’s', [upn('p1', undefined)], [['p1', 'without-value', null, 'p12@example.com']]],
    [
      'neither, and a name for people',
      [upn('p1', undefined, { displayName: 'Jürgen Groß' })],
      [['p1', 'without-value', null, 'juergen.gross@example.com']],
    ],
    ['no name that can be written', [upn('андрей', undefined)], [['андрей', 'without-value', null, null]]],
    [
      'letters that no address has',
      [upn('jg', 'jürgen@example.com')],
      [['jg', 'not-an-email-address', 'jürgen@example.com', 'juergen@example.com']],
    ],
    [
      'two @',
      [upn('x', 'x1@example.com@example.com')],
      [['x', 'not-an-email-address', 'x1@example.com@example.com', 'x1@example.com']],
    ],
    [
      'too long',
      [upn('x', `${'x'.repeat(65)}@example.com`)],
      [['x', 'not-an-email-address', `${'x'.repeat(65)}@example.com`, 'x@example.com']],
    ],
    ['another’s domain', [upn('x', 'strange@example.net')], [['x', 'foreign-domain', 'strange@example.net', 'x@example.com']]],
    ['everybody’s domain', [upn('x', 'cool77@gmail.com')], [['x', 'consumer-domain', 'cool77@gmail.com', 'x@example.com']]],
    ['an inner domain', [upn('x', 'ada@corp.local')], [['x', 'unregistrable-domain', 'ada@corp.local', 'x@example.com']]],
    ['a tag', [upn('x', 'ada+x@example.com')], [['x', 'against-guidelines', 'ada+x@example.com', 'ada.x@example.com']]],
    ['a kept name', [upn('x', 'Abuse@example.com')], [['x', 'against-guidelines', 'Abuse@example.com', 'x@example.com']]],
    [
      'who was there first keeps the address',
      [upn('a', 'x@example.com', { whenCreated: 2 }), upn('b', 'X@example.com', { whenCreated: 1 })],
      [
        ['a', 'duplicate', 'x@example.com', 'a@example.com'],
        ['b', 'duplicate', 'X@example.com', null],
      ],
    ],
    [
      'who has it by another attribute keeps the address',
      [
        upn('a', 'x@example.com', { whenCreated: 1 }),
        upn('b', 'X@example.com', { whenCreated: 2, primarySmtp: 'x@example.com' }),
      ],
      [
        ['a', 'duplicate', 'x@example.com', 'a@example.com'],
        ['b', 'duplicate', 'X@example.com', null],
      ],
    ],
    [
      'the first by name keeps it where nothing else tells',
      [upn('b', 'x@example.com'), upn('a', 'X@example.com')],
      [
        ['a', 'duplicate', 'X@example.com', null],
        ['b', 'duplicate', 'x@example.com', 'b@example.com'],
      ],
    ],
  ];
  for (const [title, people, mended, domains = usual] of rows) {
    it(title, () => assert.deepEqual(mendingsOf([...crowd, ...people], { domains }), mended));
  }

  it('proposes nothing that an account of any kind, a group, or another proposal has', () => {
    const people = [
      upn('dora', undefined),
      upn('Dora', undefined),
      upn('svc', 'svc@example.com', { primarySmtp: 'Dora@example.com' }),
      upn('off', 'dora2@example.com'),
      upn('emil', undefined),
      upn('Emil', undefined),
    ];
    const given = { groups: [{ mail: 'EMIL@example.com' }] };
    const kinds: Parameters<typeof makeFacts>[1] = { kinds: ['person', 'person', 'service', 'disabled', 'person', 'person'] };
    assert.deepEqual(mendingsOf(people, given, kinds), [
      ['Dora', 'without-value', null, 'dora3@example.com'],
      ['Emil', 'without-value', null, 'emil2@example.com'],
      ['dora', 'without-value', null, 'dora4@example.com'],
      ['emil', 'without-value', null, 'emil3@example.com'],
    ]);
  });

  it('knows the UPN that everybody of a domain has without one', () => {
    const people = [upn('x', 'a b@example.com', { displayName: 'Ada' }), upn('a.b', 'other@example.com')];
    const domains = makeDomains();
    const given = { forests: [{ name: 'example.com' }], domains };
    assert.deepEqual(mendingsOf(people, { domains }), [['x', 'not-an-email-address', 'a b@example.com', 'a.b@example.com']]);
    const facts = makeFacts(makeSurvey({ forests: given.forests, people }), { configured: makeMapping() });
    assert.deepEqual(adviseMapping(facts, domains, []).mendings[0]?.proposed, 'x@example.com');
  });

  it('leaves the address of a person to them where another account has it wrongly, and shows that one', () => {
    const advice = adviseOn(
      [
        ...crowd,
        upn('ada', 'ada@example.com', { primarySmtp: 'ada@example.com' }),
        upn('svc-x', 'ADA@example.com', { objectGUID: guid(9, 9) }),
      ],
      { configured: makeMapping() },
      { kinds: ['person', 'person', 'person', 'service'] },
    );
    const [mending, ...further] = advice.mendings;
    assert.deepEqual(further, []);
    assert.equal(mending?.proposed, null);
    assert.match(mending.because ?? '', /svc-x \(service\) has the same; it stays/);
    assert.deepEqual(
      readPowershell(mending.powershell).map((words) => words.slice(0, 3)),
      [
        ['Get-ADUser', '-Identity', guid(1, 2)],
        ['Get-ADUser', '-Identity', guid(9, 9)],
      ],
    );
  });

  it('says a line for each', () => {
    const [mending] = adviseOn([upn("o'b", "o'b o'b@example.com"), ...crowd], { configured: makeMapping() }).mendings;
    assert.equal(
      mending?.powershell,
      `Set-ADUser -Identity '${guid(1, 0)}' -Server 'corp.example.com' -UserPrincipalName 'o''b.o''b@example.com'`,
    );
  });
});

/** The survey as it is once all lines were run. */
const mended = ({ people, ...survey }: Survey, { mendings }: MappingAdvice): Survey => {
  const values = new Map(mendings.map((one) => [`${one.objectGUID} ${String(one.domain)}`, one] as const));
  return {
    ...survey,
    people: people.map((person) => {
      const one = values.get(`${person.objectGUID} ${String(person.domain)}`);
      return { ...person, ...(typeof one?.proposed === 'string' && { [one.attribute]: one.proposed }) };
    }),
  };
};

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

describe('any directory', () => {
  const long = `${'x'.repeat(40)}${'1'.repeat(24)}`;
  const local = fc.constantFrom('a', 'A', 'b', 'b+x', 'c d', 'ü', 'postmaster', 'a2', '', 'x'.repeat(70), long);
  const domain = fc.constantFrom(
    'example.com',
    'EXAMPLE.com',
    'example.org',
    'mail.example.com',
    'corp.local',
    'gmail.com',
    'example.net',
    'bad_',
  );
  const address = fc.option(
    fc.oneof(
      { weight: 8, arbitrary: fc.tuple(local, domain).map((parts) => parts.join('@')) },
      fc.constantFrom('', 'alice', 'a@b@example.com'),
    ),
    { nil: undefined, freq: 6 },
  );
  const kind = fc.constantFrom('person', 'person', 'person', 'service', 'disabled', 'guest');
  const person = fc.record({
    place: fc.constantFrom(0, 1),
    userPrincipalName: address,
    mail: address,
    primarySmtp: address,
    sAMAccountName: fc.constantFrom('a', 'b', long, 'ж'),
    displayName: fc.constantFrom(undefined, 'Ada B', 'Ж'),
    whenCreated: fc.constantFrom(undefined, 1, 2),
  });
  const accounts = fc.array(fc.tuple(person, kind), { maxLength: 12 });
  const configured = fc.constantFrom(
    makeMapping(),
    makeMapping({ source: 'mail', letterCase: 'preserve' }),
    makeMapping({ domains: { primary: 'corp.local' } }),
    makeMapping({ substitute: { 'example.com': 'example.org' }, domains: { secondary: ['example.org'] } }),
  );
  const domains = makeDomains(
    { 'corp.local': 'reserved', 'gmail.com': 'consumer', 'example.net': 'public' },
    {
      domains: { secondary: ['example.org'], aliases: { 'mail.example.com': 'example.com' } },
      substitute: { 'corp.local': 'example.org' },
    },
  );
  const factsOf = (given: readonly [GivenPerson, 'person' | 'service' | 'disabled' | 'guest'][], mapping: Mapping) =>
    makeFacts(
      makeSurvey({
        forests: [{ name: 'corp.local' }, { name: 'example.org' }],
        people: given.map(([one, kind]) => ({ ...one, barred: kind === 'disabled' ? 'person-disabled' : undefined })),
        groups: [{ mail: 'a3@example.com' }],
      }),
      { configured: mapping, kinds: given.map(([, kind]) => kind) },
    );

  it('adds up, and its mending mends', () => {
    fc.assert(
      fc.property(accounts, configured, (given, mapping) => {
        const facts = factsOf(given, mapping);
        const advice = adviseMapping(facts, domains, []);
        for (const { outcomes, collisions } of advice.candidates) {
          for (const kind of ['person', 'service', 'disabled', 'guest'] as const)
            assert.equal(sum(Object.values(outcomes[kind])), advice.accounts[kind]);
          const holding = collisions.flatMap(({ holders }) => holders).length;
          assert.equal(holding, sum(Object.values(outcomes).map(({ duplicate }) => duplicate)));
        }
        const best = advice.candidates.find(({ name }) => name === advice.best)!;
        const { mapped, ...refused } = best.outcomes.person;
        assert.equal(advice.mendings.length, sum(Object.values(refused)) + best.againstGuidelines.length);
        assert.equal(mapped + advice.mendings.length - best.againstGuidelines.length, advice.accounts.person);

        const used = new Set(
          facts.survey.people
            .flatMap((one) => [one.userPrincipalName, one.mail, one.primarySmtp])
            .map((value) => value?.toLowerCase()),
        );
        const after = mended(facts.survey, advice);
        const verdicts = judgeEverybody(after.people, best.mapping);
        const byPerson = new Map(advice.mendings.map((one) => [one.objectGUID, one]));
        for (const [index, person] of after.people.entries()) {
          const mending = byPerson.get(person.objectGUID);
          const verdict = verdicts[index]!;
          if (typeof mending?.proposed === 'string') {
            assert.equal(verdict.refused, undefined, `${mending.proposed}: ${String(verdict.because)}`);
            assert.equal(againstGuidelines(verdict.address!), undefined);
            const before = facts.survey.people[index]!;
            const own = [before.userPrincipalName, before.mail, before.primarySmtp].some(
              (value) => value?.toLowerCase() === mending.proposed,
            );
            assert.ok(own || !used.has(mending.proposed), mending.proposed);
            assert.equal(readPowershell(mending.powershell)[0]!.at(-1), mending.proposed);
          } else if (facts.kinds[index] === 'person' && mending === undefined) assert.equal(verdict.refused, undefined);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is advised on alike in whatever order it was read', () => {
    fc.assert(
      fc.property(accounts, configured, (given, mapping) => {
        const { survey, ...facts } = factsOf(given, mapping);
        const turned = { ...facts, survey: { ...survey, people: survey.people.toReversed() }, kinds: facts.kinds.toReversed() };
        assert.deepEqual(adviseMapping(turned, domains, []), adviseMapping({ ...facts, survey }, domains, []));
      }),
      { numRuns: 100 },
    );
  });
});

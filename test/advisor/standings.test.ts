/** Everybody as the configured mapping has them, and the check that holds it against them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkMapping } from '../../src/advisor/check-mapping.ts';
import { standings } from '../../src/advisor/standings.ts';
import { MappingMistake } from '../../src/mapping/prepare-mapping.ts';
import { guid, makeFacts, makeMapping, makeSurvey, type GivenPerson } from './make-survey.ts';

const byMail = { configured: makeMapping({ source: 'mail', substitute: { 'corp.local': 'example.com' } }) };
const person = (name: string, mail: string | undefined, more: GivenPerson = {}): GivenPerson => ({
  sAMAccountName: name,
  mail,
  ...more,
});

describe('standings', () => {
  const facts = makeFacts(
    makeSurvey({
      forests: [{ name: 'corp.example.com' }, { name: undefined, isActiveDirectory: false, domains: [] }],
      domains: [
        { forest: 0, dnsDomain: 'corp.example.com' },
        { forest: 1, dnsDomain: undefined, baseDn: 'o=example' },
      ],
      people: [
        person('zoe', 'Zoe@corp.local'),
        person('ada', 'Ada@example.com', { barred: 'person-expired' }),
        person('eve', undefined, { place: 1, sAMAccountName: undefined, distinguishedName: 'uid=eve,o=example' }),
        person('bob', 'zoe@example.com'),
        person('svc', 'svc@elsewhere.test'),
      ],
    }),
    { ...byMail, kinds: ['person', 'disabled', 'person', 'guest', 'service'] },
  );
  it('are of all accounts, by name', () => {
    const domain = 'corp.example.com';
    assert.deepEqual(standings(facts), [
      { objectGUID: guid(1, 1), domain, name: 'ada', kind: 'disabled', address: 'ada@example.com', refused: 'person-expired' },
      { objectGUID: guid(1, 3), domain, name: 'bob', kind: 'guest', address: 'zoe@example.com', refused: 'address-not-unique' },
      {
        ...{ objectGUID: guid(1, 4), domain, name: 'svc', kind: 'service' },
        ...{ address: null, refused: 'address-not-in-domains' },
      },
      { objectGUID: guid(1, 2), domain: null, name: 'uid=eve,o=example', kind: 'person', address: null, refused: 'no-mail' },
      { objectGUID: guid(1, 0), domain, name: 'zoe', kind: 'person', address: 'zoe@example.com', refused: 'address-not-unique' },
    ]);
  });
  it('refuse a mapping that contradicts itself', () => {
    const configured = makeMapping({ domains: { aliases: { 'a.example': 'b.example' } } });
    assert.throws(() => standings({ ...facts, configured }), MappingMistake);
    assert.throws(() => checkMapping({ ...facts, configured }), MappingMistake);
  });
});

describe('checkMapping', () => {
  const told = (people: readonly GivenPerson[], given: Parameters<typeof makeFacts>[1] = byMail) => {
    const { refused, others, ...counts } = checkMapping(makeFacts(makeSurvey({ people }), given));
    const brief = (list: typeof refused) => list.map(({ name, reason, because }) => `${name} ${reason}: ${because}`);
    return { refused: brief(refused), others: brief(others), ...counts };
  };

  const rows: readonly (readonly [what: string, people: readonly GivenPerson[], refused: readonly string[]])[] = [
    ['nobody', [], []],
    ['somebody without a value', [person('ada', undefined)], ['ada no-mail: has no mail']],
    ['somebody with an empty value', [person('ada', '')], ['ada no-mail: has no mail']],
    [
      'what is no e-mail address',
      [person('ada', 'ada'), person('bob', 'b ob@example.com')],
      [
        'ada not-an-email-address: mail ada: what follows the last @ is not a domain name',
        'bob not-an-email-address: mail b ob@example.com: what precedes the last @ is not an ASCII dot-atom',
      ],
    ],
    [
      'a foreign domain',
      [person('ada', 'ada@gmail.com')],
      ['ada address-not-in-domains: mail ada@gmail.com: gmail.com is no primary, secondary or alias domain'],
    ],
    [
      'an endless value',
      [person('ada', 'a'.repeat(5_000))],
      [`ada not-an-email-address: mail ${'a'.repeat(254)}…: it is too long`],
    ],
    [
      'two with one address, spelt differently, by substitution',
      [person('bob', 'Info@corp.local'), person('ada', 'info@example.com')],
      [
        'ada address-not-unique: info@example.com is also the address of bob of corp.example.com',
        'bob address-not-unique: info@example.com is also the address of ada of corp.example.com',
      ],
    ],
    [
      'a disabled account that has the address of a person',
      [person('old', 'ada@example.com', { barred: 'person-disabled' }), person('ada', 'ada@example.com')],
      ['ada address-not-unique: ada@example.com is also the address of old of corp.example.com (disabled)'],
    ],
    [
      'seven with one address, of whom five are named, and never the one itself',
      ['g', 'f', 'e', 'd', 'c', 'b', 'a'].map((name) => person(name, 'info@example.com')),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, own, all) => {
        const others = all.filter((_, place) => place !== own).slice(0, 5);
        return `${name} address-not-unique: info@example.com is also the address of ${others.map((other) => `${other} of corp.example.com`).join(', ')} and 1 more`;
      }),
    ],
    [
      'three namesakes of another domain',
      [person('a', 'i@example.com'), person('b', 'i@example.com'), person('c', 'i@example.com')],
      [
        'a address-not-unique: i@example.com is also the address of b of corp.example.com and c of corp.example.com',
        'b address-not-unique: i@example.com is also the address of a of corp.example.com and c of corp.example.com',
        'c address-not-unique: i@example.com is also the address of a of corp.example.com and b of corp.example.com',
      ],
    ],
  ];
  for (const [what, people, refused] of rows) {
    it(`tells of ${what}`, () => {
      assert.deepEqual(told(people).refused, refused);
    });
  }

  it('counts people, and keeps other accounts apart', () => {
    const people = [
      person('ada', 'ada@example.com'),
      person('svc', undefined),
      person('guest', 'g@elsewhere.test'),
      person('gone', undefined, { barred: 'person-disabled' }),
      person('late', undefined, { barred: 'person-expired' }),
    ];
    assert.deepEqual(told(people, { ...byMail, kinds: ['person', 'service', 'guest', 'disabled', 'service'] }), {
      refused: [],
      others: [
        'guest address-not-in-domains: mail g@elsewhere.test: elsewhere.test is no primary, secondary or alias domain',
        'svc no-mail: has no mail',
      ],
      people: 1,
      disabled: 2,
    });
  });

  const anybody = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    mail: fc.constantFrom(undefined, 'x@example.com', 'X@example.com', 'y@corp.local', 'y@example.com', 'z', 'z@gmail.com'),
    kind: fc.constantFrom('person', 'service', 'guest', 'disabled'),
  });
  it('agrees with the standings, and each account is counted once', () => {
    fc.assert(
      fc.property(fc.array(anybody, { maxLength: 8 }), (given) => {
        const people = given.map(({ name, mail, kind }) =>
          person(name, mail, { barred: kind === 'disabled' ? 'person-disabled' : undefined }),
        );
        const facts = makeFacts(makeSurvey({ people }), { ...byMail, kinds: given.map(({ kind }) => kind) });
        const check = checkMapping(facts);
        const all = standings(facts);
        const expected = all.filter(({ kind, refused }) => kind !== 'disabled' && refused !== null);
        const found = [...check.refused, ...check.others];
        assert.deepEqual(
          new Set(found.map(({ objectGUID }) => objectGUID)),
          new Set(expected.map(({ objectGUID }) => objectGUID)),
        );
        assert.equal(found.length, expected.length);
        assert.equal(check.people, all.filter(({ kind }) => kind === 'person').length);
        assert.equal(check.disabled, all.filter(({ kind }) => kind === 'disabled').length);
        for (const { reason, objectGUID } of found)
          assert.equal(reason, all.find((standing) => standing.objectGUID === objectGUID)?.refused);
      }),
    );
  });
});

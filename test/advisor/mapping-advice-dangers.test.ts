/** Advice that would do harm: another person's address given away, lines that cannot be run, work that never ends. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DomainAdvice, MappingAdvice } from '../../src/advisor/advice.ts';
import { adviseMapping } from '../../src/advisor/mapping-advice.ts';
import { makeDomains } from './make-domains.ts';
import { guid, makeFacts, makeMapping, makeSurvey, type GivenPerson } from './make-survey.ts';

type Given = Omit<NonNullable<Parameters<typeof makeSurvey>[0]>, 'people'>;

const usual = makeDomains({ 'corp.local': 'reserved' });
const adviseOn = (
  people: readonly GivenPerson[],
  given: Given = {},
  domains: DomainAdvice = usual,
  configured = makeMapping(),
): MappingAdvice => adviseMapping(makeFacts(makeSurvey({ people, ...given }), { configured }), domains, []);
const called = (name: string, upn: string | undefined, mail: string | undefined = upn, more: GivenPerson = {}): GivenPerson => ({
  sAMAccountName: name,
  userPrincipalName: upn,
  mail,
  displayName: undefined,
  ...more,
});

describe('an address under which somebody else gets mail', () => {
  const [jane, john] = [
    called('jane', 'jdoe@example.com', 'jane.doe@example.com'),
    called('john', 'john@example.com', 'jdoe@example.com'),
  ];
  const noMail = { mail: undefined };

  it('is mended, where the mapping would give it to a person who does not', () => {
    const [upn, ...others] = [1, 2, 3].map((index) => called(`only${index}`, `only${index}@example.com`, '', noMail));
    const advice = adviseOn([jane, john, upn!, ...others]);
    assert.equal(advice.best, 'configured');
    assert.deepEqual(
      advice.mendings.map(({ name, trouble, now, proposed, because }) => [name, trouble, now, proposed, because]),
      [['jane', 'duplicate', 'jdoe@example.com', 'jane.doe@example.com', 'it is where john (person) gets mail']],
    );
    assert.deepEqual(
      advice.candidates.map(({ againstGuidelines }) => againstGuidelines.map(({ name, because }) => [name, because])),
      [[['jane', 'it is where john (person) gets mail']], []],
    );
    assert.match(advice.decision.outcome, /1 person of 5 must be mended first/);
  });

  it('makes mail the better choice, where nothing else tells the two apart', () => {
    assert.equal(adviseOn([jane, john, called('zoe', 'zoe@example.com'), called('yan', 'yan@example.com')]).best, 'mail');
  });

  const rows: readonly (readonly [string, readonly GivenPerson[], Given, DomainAdvice, number])[] = [
    [
      'by the substituted UPN',
      [called('jane', 'jdoe@corp.local', 'jane@example.com'), john],
      {},
      makeDomains({}, { substitute: { 'corp.local': 'example.com' } }),
      1,
    ],
    ['in other letters', [{ ...jane, userPrincipalName: 'JDoe@Example.com' }, john], {}, usual, 1],
    ['as the primary SMTP address', [jane, { ...john, mail: 'j@example.com', primarySmtp: 'jdoe@example.com' }], {}, usual, 1],
    [
      'as a secondary SMTP address',
      [jane, { ...john, mail: 'j@example.com', otherSmtps: ['a@b.example', 'JDOE@example.com'] }],
      {},
      usual,
      1,
    ],
    ['though disabled', [jane, { ...john, barred: 'person-disabled' }], {}, usual, 1],
    ['and it is the person’s own, too', [{ ...jane, otherSmtps: ['jdoe@example.com'] }, john], {}, usual, 0],
  ];
  for (const [name, people, given, domains, count] of rows) {
    it(`counts ${name}: ${count}`, () => {
      const candidate = adviseOn(people, given, domains).candidates.find(
        ({ name: its }) => its === (domains === usual ? 'configured' : 'upn-substituted'),
      );
      assert.equal(candidate?.againstGuidelines.length, count);
      assert.deepEqual(new Set(candidate.againstGuidelines.map(({ name: its }) => its)), new Set(count === 0 ? [] : ['jane']));
    });
  }
});

describe('a value that is proposed', () => {
  it('is nobody’s secondary SMTP address, and a person’s own before any other', () => {
    const { mendings } = adviseOn(
      [
        called('kim', 'kim@example.com', '', { mail: undefined }),
        called('lee', undefined, 'lee@partner.example', { otherSmtps: ['lee@corp.local', 'lee.own@example.com'] }),
        called('max', 'max.x@example.com', 'max@example.com', { otherSmtps: ['kim@example.com'] }),
        ...[1, 2, 3, 4].map((index) => called(`p${index}`, undefined, `p${index}@example.com`)),
      ],
      {},
      makeDomains({ 'partner.example': 'reserved' }),
    );
    assert.deepEqual(
      mendings.map(({ name, proposed }) => [name, proposed]),
      [
        ['kim', 'kim2@example.com'],
        ['lee', 'lee.own@example.com'],
      ],
    );
  });

  it('comes of the uid where there is no sAMAccountName', () => {
    const distinguishedName = 'uid=ada+cn=Ada,ou=people,o=acme';
    const { mendings } = adviseOn([
      {
        sAMAccountName: undefined,
        userPrincipalName: undefined,
        mail: undefined,
        displayName: 'Ada Lovelace',
        distinguishedName,
      },
    ]);
    assert.equal(mendings[0]?.proposed, 'ada@example.com');
  });
});

describe('the line of PowerShell', () => {
  const forests = [{ name: undefined, isActiveDirectory: false }] as unknown as Given['forests'];
  const person = (distinguishedName: string, mail?: string): GivenPerson => ({
    ...called('ada', undefined, '', { mail }),
    distinguishedName,
  });
  const lines = (people: readonly GivenPerson[]) =>
    adviseOn(people, { ...(forests && { forests }) }, usual, makeMapping({ source: 'mail' })).mendings.map(
      ({ powershell }) => powershell,
    );

  it('is a remark where there is no Active Directory, whatever stands in the name', () => {
    assert.deepEqual(
      lines([person("uid=o'ada\n; Remove-Item,o=acme")]),
      [
        "# No Active Directory: set mail to 'ada@example.com' by LDAP in ('uid=o''ada' + [char]10 + [char]59 + ' Remove-Item,o=acme')",
      ].map((line) => line.replace("('uid", "('' + 'uid")),
    );
  });

  it('looks at nothing there either', () => {
    const found = lines([person('uid=a,o=acme', 'same@example.com'), person('uid=b,o=acme', 'same@example.com')]);
    assert.equal(found.length, 2);
    assert.equal(found[0], "# No Active Directory: look by LDAP at 'uid=a,o=acme', 'uid=b,o=acme'");
    for (const line of found) assert.match(line, /^# No Active Directory: /);
  });
});

describe('somebody with a mailbox', () => {
  it('is mended in Exchange too, which writes mail itself', () => {
    const { mendings } = adviseOn(
      [
        called('ada', undefined, 'ada@gmail.com', { primarySmtp: 'ada@gmail.com' }),
        called('ben', undefined, '', { mail: undefined, primarySmtp: 'ben@example.com' }),
      ],
      {},
      makeDomains({ 'gmail.com': 'consumer' }),
      makeMapping({ source: 'mail' }),
    );
    assert.deepEqual(
      mendings.map(({ because }) => because),
      [
        'gmail.com is where anybody has mail; the primary SMTP address is ada@gmail.com: where there is Exchange, change it there, which sets mail too',
        'there is no mail',
      ],
    );
  });
});

describe('nobody', () => {
  it('speaks for no change', () => {
    const { best, decision } = adviseOn([called('off', 'off@corp.local', 'off@example.com', { barred: 'person-disabled' })]);
    assert.equal(best, 'configured');
    assert.equal(
      decision.outcome,
      'Nobody was found who may sign in: nothing speaks for another mapping than the configured one.',
    );
    assert.deepEqual(decision.steps, [
      {
        question: 'Is there anybody who may sign in?',
        options: [
          { answer: 'yes', taken: false },
          { answer: 'no', taken: true },
        ],
        because: '0 people were found.',
      },
    ]);
  });

  it('of one alone is spoken of as of many', () => {
    const elsewhere = makeMapping({ domains: { primary: 'elsewhere.example' } });
    const { decision } = adviseOn([called('ada', 'ada@example.com')], {}, usual, elsewhere);
    assert.ok(decision.steps.some(({ because }) => because === 'It is for the 1 person who has both.'));
    assert.doesNotMatch(JSON.stringify(decision), /person (have|share)\b/);
  });
});

describe('very many with the same address', { timeout: 30_000 }, () => {
  it('are each told in time', () => {
    const people = Array.from({ length: 90_000 }, (_, index) => ({
      ...called('same', 'same@example.com'),
      objectGUID: guid(1, index),
    }));
    const { mendings } = adviseOn(people);
    assert.equal(mendings.length, people.length);
    assert.match(mendings[1]?.because ?? '', /^(same \(person\)(, )?){5} and 89,994 others have the same$/);
    assert.equal(new Set(mendings.map(({ proposed }) => proposed)).size, people.length);
  });
});

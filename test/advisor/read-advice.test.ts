/** Reports that come back as they were written, and reports that somebody else wrote. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Advice, Standing } from '../../src/advisor/advice.ts';
import { advise } from '../../src/advisor/advise.ts';
import { driftBetween, isEmptyDrift } from '../../src/advisor/drift.ts';
import { AdviceUnreadable, readAdvice } from '../../src/advisor/read-advice.ts';
import { adviceChunks } from '../../src/advisor/write-advice.ts';
import { emptyAdvice } from './empty-advice.ts';
import { guid, makeMapping, makeSurvey } from './make-survey.ts';

const ada: Standing = {
  objectGUID: guid(1, 1),
  domain: 'corp.example.com',
  name: 'ada\u202e',
  kind: 'person',
  address: "ada.o'neil+x@example.com",
  refused: null,
};
const eve: Standing = {
  ...ada,
  objectGUID: guid(1, 2),
  domain: null,
  kind: 'disabled',
  address: null,
  refused: 'person-disabled',
};
const forest = (...names: readonly string[]): Advice['forests']['forests'][number] => ({
  name: names[0] ?? null,
  isActiveDirectory: true,
  suffixes: [],
  domains: names.map((dnsDomain) => ({ dnsDomain, netbiosName: null, configured: true, people: 1, groups: 1 })),
  trusts: [],
});
const report: Advice = {
  ...emptyAdvice,
  configured: makeMapping({
    substitute: { 'corp.local': 'example.com' },
    domains: { aliases: { 'bücher.example': 'example.com' } },
  }),
  forests: { ...emptyAdvice.forests, forests: [forest('corp.example.com', 'emea.corp.example.com')] },
  people: [ada, eve],
};
const bytesOf = (advice: unknown): Uint8Array => Buffer.from(typeof advice === 'string' ? advice : JSON.stringify(advice));
const text = JSON.stringify(report);
const people = (...given: readonly unknown[]): unknown => ({ ...report, people: given });
/** With a member that no literal can have. */
const withText = (from: string, to: string): string => {
  assert.ok(text.includes(from));
  return text.replace(from, () => to);
};

describe('readAdvice', () => {
  const expected = {
    made: report.made,
    configured: report.configured,
    forests: { forests: [{ domains: [{ dnsDomain: 'corp.example.com' }, { dnsDomain: 'emea.corp.example.com' }] }] },
    people: report.people,
  };
  const sound: readonly (readonly [string, string])[] = [
    ['as it was written', [...adviceChunks(report)].join('')],
    ['on one line', text],
    ['indented', JSON.stringify(report, null, '\t')],
    ['with other line ends', JSON.stringify(report, null, 2).replaceAll('\n', '\r\n')],
    ['with a byte order mark', `\ufeff${text}\n`],
    ['in another order', JSON.stringify(Object.fromEntries(Object.entries(report).reverse()))],
  ];
  for (const [what, given] of sound) {
    it(`takes one ${what}`, () => {
      assert.deepEqual(readAdvice(bytesOf(given)), expected);
    });
  }

  const { people: _people, ...withoutPeople } = report;
  const { version: _version, ...withoutVersion } = report;
  const attacks: readonly (readonly [what: string, given: unknown, says: RegExp])[] = [
    ['nothing', '', /^it is no JSON, or was cut off$/],
    ['blanks', ' \n', /no JSON/],
    ['an array', '[]', /no JSON/],
    ['a text', '"passerelle-advice"', /no JSON/],
    ['another file', { a: 1 }, /^it is not what passerelle advise writes$/],
    ['another format', { ...report, format: 'passerelle' }, /^it is not what passerelle advise writes$/],
    ['a format that is a list', { ...report, format: ['passerelle-advice'] }, /^it is not what passerelle advise writes$/],
    ['an endless format', { ...report, format: 'x'.repeat(1_000_000) }, /^it holds a value of more than 256 bytes$/],
    [
      'a later version, of whose parts nothing is known',
      { format: 'passerelle-advice', version: 2, persons: [] },
      /^it is of version 2, and this Passerelle reads version 1: make both reports with the same Passerelle$/,
    ],
    ['a version as text', { ...report, version: '1' }, /^it is of no version/],
    ['no version', withoutVersion, /^it is of no version/],
    ['a missing part', withoutPeople, /^its part "people" is missing$/],
    ['a part too many', { ...report, more: 1 }, /^it holds parts that no report has$/],
    ['a prototype', withText('"verdict":', '"__proto__":{"a":1},"verdict":'), /^it holds parts that no report has$/],
    ['a part that is there twice', withText('"verdict":', '"people":[],"verdict":'), /^it says one thing twice$/],
    ['a part whose name is escaped', withText('"verdict":', '"peopl\\u0065":[],"verdict":'), /^it says one thing twice$/],
    ['endlessly many parts', `{${Array.from({ length: 10_000 }, (_, n) => `"${String(n)}":0`).join()}}`, /not what passerelle/],
    ['an endless name', `{"${'x'.repeat(100_000)}":0}`, /more than 256 bytes/],
    ['something behind its end', `${text}{}`, /no JSON/],
    ['a comma behind the last', text.replace(/\}$/, ',}'), /no JSON/],
    ['a comma too many', text.replace(',"version"', ',,"version"'), /no JSON/],
    ['no colon', text.replace('"version":', '"version" '), /no JSON/],
    ['a quotation mark that is not closed', `${text.slice(0, 20)}\\`, /no JSON/],
    ['endless nesting', `{"format":${'['.repeat(5_000_000)}`, /no JSON/],
    ['endless nesting that ends', `{"format":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, /more than 256 bytes/],
    ['no time', { ...report, made: 'yesterday' }, /^it does not say when it was made$/],
    ['a time that does not exist', { ...report, made: '2026-02-30T00:00:00.000Z' }, /when it was made/],
    ['a time as a number', { ...report, made: 0 }, /when it was made/],
    ['no mapping', { ...report, configured: null }, /^the mapping in it \("configured"\) is none that a configuration can have$/],
    ['a mapping with less', { ...report, configured: { domains: { primary: 'example.com' } } }, /the mapping in it/],
    ['a mapping with more', { ...report, configured: { ...report.configured, x: 1 } }, /the mapping in it/],
    ['a mapping of no domain', { ...report, configured: makeMapping({ domains: { primary: 'a b' } }) }, /the mapping in it/],
    ['a mapping with a prototype', withText('"substitute":{', '"substitute":{"__proto__":"example.com",'), /the mapping in it/],
    ['a mapping with another prototype', withText('"source":', '"__proto__":{"source":"mail"},"source":'), /the mapping in it/],
    [
      'an endless mapping',
      { ...report, configured: makeMapping({ domains: { secondary: Array<string>(100_000).fill('example.com') } }) },
      /more than 1,048,576 bytes/,
    ],
    ['no forests', { ...report, forests: [] }, /^its forests are not what passerelle advise writes$/],
    ['forests without domains', { ...report, forests: { forests: [{}] } }, /^its forests/],
    ['domains without a name', { ...report, forests: { forests: [{ domains: [{ dnsDomain: null }] }] } }, /^its forests/],
    ['people that are none', { ...report, people: { length: 1 } }, /no JSON/],
    ['a person that is null', people(null), /^entry 1 of its people is not what passerelle advise writes$/],
    ['a person that is a list', people([1, 2, 3, 4, 5, 6]), /^entry 1 of its people is not what/],
    ['a person with less', people(ada, { objectGUID: eve.objectGUID }), /^entry 2 of its people is not what/],
    ['a person with more', people({ ...ada, more: 1 }), /^entry 1 of its people is not what/],
    [
      'a person with a prototype',
      withText('"kind":"person"', '"__proto__":{"kind":"person"}'),
      /^entry 1 of its people is not what/,
    ],
    ['an objectGUID in capitals', people({ ...ada, objectGUID: ada.objectGUID.replace('4', 'A') }), /has no objectGUID$/],
    ['an objectGUID that is a number', people({ ...ada, objectGUID: 1 }), /has no objectGUID$/],
    ['an empty domain', people({ ...ada, domain: '' }), /has no domain, nor says that there is none$/],
    ['an endless domain', people({ ...ada, domain: 'x'.repeat(256) }), /has no domain/],
    ['no name', people({ ...ada, name: null }), /has no name$/],
    ['an endless name of a person', people({ ...ada, name: 'x'.repeat(8_193) }), /has no name$/],
    ['another kind', people({ ...ada, kind: 'toString' }), /is of no kind of account that is known here$/],
    ['another reason', people({ ...eve, refused: 'constructor' }), /is refused for a reason that is not known here$/],
    ['neither address nor reason', people({ ...ada, address: null }), /has neither an address nor a reason why not$/],
    ...[
      '',
      'ada',
      '@example.com',
      'ada@',
      'a@b@example.com',
      'a b@example.com',
      'ada@Example.com',
      'ada@a..b',
      'ädä@example.com',
      7,
    ].map((address): readonly [string, unknown, RegExp] => [
      `an address that is ${JSON.stringify(address)}`,
      people({ ...ada, address }),
      /has an address that is none$/,
    ]),
    ['an endless address', people({ ...ada, address: `${'a'.repeat(250)}@example.com` }), /has an address that is none$/],
    ['a person that is there twice', people(ada, eve, { ...ada, name: 'b' }), /^entry 3 of its people is there twice$/],
    ['an endless person', people({ ...ada, more: 'x'.repeat(70_000) }), /^it holds a value of more than 65,536 bytes$/],
  ];
  for (const [what, given, says] of attacks) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => readAdvice(bytesOf(given)),
        (error) => error instanceof AdviceUnreadable && says.test(error.message),
      );
    });
  }

  it('refuses what is no UTF-8, and UTF-16', () => {
    const at = text.indexOf('ada');
    const broken = Buffer.from(text);
    broken[at] = 0xff;
    for (const bytes of [broken, Buffer.from(text, 'utf16le')]) assert.throws(() => readAdvice(bytes), AdviceUnreadable);
  });

  it('refuses every report that was cut off', () => {
    const bytes = bytesOf(text);
    for (let length = 0; length < bytes.length; length += 7)
      assert.throws(() => readAdvice(bytes.subarray(0, length)), AdviceUnreadable, String(length));
  });

  it('takes or refuses whatever was changed in it, and never fails otherwise', () => {
    const bytes = bytesOf(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.constantFrom(...Buffer.from('"\\,:{}[]0n\u0000')), (place, byte) => {
        const changed = Uint8Array.from(bytes);
        changed[place] = byte;
        try {
          readAdvice(changed);
        } catch (error) {
          assert.ok(error instanceof AdviceUnreadable);
        }
      }),
      { numRuns: 500 },
    );
  });
});

it('reads what advise makes of a directory', async () => {
  const survey = makeSurvey({
    forests: [
      { name: 'corp.example.com', domains: [{ dnsDomain: 'corp.example.com', netbiosName: 'CORP' }] },
      { name: undefined, isActiveDirectory: false, domains: [] },
    ],
    domains: [
      { forest: 0, dnsDomain: 'corp.example.com' },
      // What a server says may be longer than any name, or empty.
      { forest: 1, dnsDomain: undefined, baseDn: `ou=${'x'.repeat(300)},o=example` },
    ],
    people: [
      { place: 1, sAMAccountName: '', distinguishedName: 'uid=nameless,o=example' },
      { place: 1, sAMAccountName: '\u{e0001}'.repeat(100_000), distinguishedName: 'uid=long,o=example' },
      { sAMAccountName: '\u001b[2J"\\</script>', mail: undefined },
      { place: 1, sAMAccountName: undefined, distinguishedName: `uid=${'x'.repeat(2_000)},o=example` },
      { userPrincipalName: "a.o'b&c@example.com" },
      { userPrincipalName: "A.O'B&C@example.com", barred: 'person-expired' },
      { userPrincipalName: 'a\u0000@example.com' },
    ],
  });
  const advice = await advise({ survey, configured: makeMapping(), told: [], ask: undefined, now: 0 });
  const read = readAdvice(bytesOf([...adviceChunks(advice)].join('')));
  assert.deepEqual(read.people, advice.people);
  assert.deepEqual(read.configured, advice.configured);
  assert.equal(read.made, '1970-01-01T00:00:00.000Z');
  assert.ok(isEmptyDrift(driftBetween(advice, read)));
});

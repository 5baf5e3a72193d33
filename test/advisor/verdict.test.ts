/** The mapping to paste: a configuration that holds it reads back as that mapping. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { domainToUnicode } from 'node:url';
import fc from 'fast-check';
import type { Candidate, CandidateName, MappingAdvice, Outcomes } from '../../src/advisor/advice.ts';
import { adviseVerdict } from '../../src/advisor/verdict.ts';
import { renderMappingSection } from '../../src/config/mapping-section.ts';
import type { Mapping } from '../../src/mapping/prepare-mapping.ts';
import { readText, soundFile } from '../config/sound-file.ts';
import { emptyAdvice } from './empty-advice.ts';
import { makeMapping } from './make-survey.ts';

/** The sound file with the section in place of its own. */
const withSection = (section: string): string => {
  const replaced = soundFile.replace('mapping:\n  domains:\n    primary: example.com\n', () => section);
  assert.notEqual(replaced, soundFile);
  return replaced;
};
async function readMapping(section: string): Promise<Mapping> {
  const { configuration, warnings } = await readText(withSection(section));
  assert.deepEqual(warnings, []);
  return configuration.mapping;
}

const none = emptyAdvice.mapping.candidates[0]!.outcomes.person;
const candidate = (name: CandidateName, person: Partial<Outcomes>, mapping = makeMapping(), against = 0): Candidate => ({
  name,
  mapping,
  outcomes: { person: { ...none, ...person }, service: none, disabled: none, guest: none },
  collisions: [],
  againstGuidelines: Array.from({ length: against }, () => ({
    ...{ objectGUID: '', name: '', distinguishedName: '', domain: null, address: '', because: '' },
  })),
});
const advised = (best: CandidateName, ...candidates: readonly Candidate[]): MappingAdvice => ({
  ...emptyAdvice.mapping,
  candidates,
  best,
});

describe('the section', () => {
  it('reads as it stands here', () => {
    const mapping = makeMapping({
      source: 'mail',
      substitute: { 'corp.local': 'example.com' },
      domains: { secondary: ['bücher.example'], aliases: { 'example.net': 'example.com' } },
    });
    const { section } = adviseVerdict(
      advised('mail-substituted', candidate('mail-substituted', { mapped: 1_990, withoutValue: 7, duplicate: 3 }, mapping)),
    );
    assert.equal(
      section,
      `mapping:
  # passerelle advise: 1,990 of 2,000 people get an address of their own; 7 without a value, 3 with an address that somebody else has.
  source: mail
  substitute:
    corp.local: example.com
  domains:
    primary: example.com
    secondary:
      - "bücher.example"
    aliases:
      example.net: example.com
  letterCase: lower
`,
    );
  });

  const rows: readonly (readonly [string, Mapping])[] = [
    ['the least', makeMapping()],
    ['letters as they are', makeMapping({ letterCase: 'preserve', source: 'mail' })],
    ['Unicode', makeMapping({ domains: { primary: 'bücher.example', secondary: ['例え.テスト', 'пример.испытание'] } })],
    [
      'xn--',
      makeMapping({
        domains: { primary: 'xn--bcher-kva.example', aliases: { 'xn--r8jz45g.xn--zckzah': 'xn--bcher-kva.example' } },
      }),
    ],
    [
      'names that YAML could take for something else',
      makeMapping({
        substitute: {
          '1.2': '0x1.f',
          'no.yes': 'null.example',
          '1e3.e5': '0x1.f',
          '-.inf.example': '0x1.f',
          '_corp.local': '0x1.f',
        },
        domains: {
          primary: 'null.example',
          secondary: ['true.false', '2001-12-14.example', '0x1.f'],
          aliases: { '1-000.e5': 'null.example' },
        },
      }),
    ],
    ['names of objects', makeMapping({ substitute: { 'constructor.prototype': 'example.com' } })],
  ];
  for (const [what, mapping] of rows) {
    it(`survives in a configuration: ${what}`, async () => {
      assert.deepEqual(
        await readMapping(adviseVerdict(advised('upn', candidate('upn', { mapped: 1 }, mapping))).section),
        mapping,
      );
    });
  }

  const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const anyDomain = fc.oneof(
    // Nobody's last label is a number, decimal or hexadecimal.
    fc.tuple(label, fc.stringMatching(/^[g-z]{2,6}$/)).map(([one, last]) => `${one}.${last}`),
    fc
      .constantFrom('xn--bcher-kva', 'xn--mnchen-3ya', 'xn--r8jz45g', 'xn--80akhbyknj4f')
      .chain((puny) => fc.tuple(label, fc.boolean()).map(([one, unicode]) => `${one}.${unicode ? domainToUnicode(puny) : puny}`)),
  );
  it('survives in a configuration, whatever the domains', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(anyDomain, { minLength: 6, maxLength: 12, selector: (name) => domainToUnicode(name) }),
        fc.constantFrom('mail' as const, 'userPrincipalName' as const),
        async (names, source) => {
          const [primary = '', second = '', alias = '', ...replaced] = names;
          const mapping = makeMapping({
            source,
            substitute: Object.fromEntries(replaced.map((from, place) => [from, place % 2 === 0 ? primary : second])),
            domains: { primary, secondary: [second], aliases: { [alias]: second } },
          });
          assert.deepEqual(await readMapping(renderMappingSection(mapping, 'figures')), mapping);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('has one line of remark, whatever the remark', async () => {
    const section = renderMappingSection(makeMapping(), 'a\r\nsource: mail\u2028b\u0085c\u202e');
    assert.deepEqual(await readMapping(section), makeMapping());
    assert.equal(section.split('\n')[1], '  # a source: mail b c ');
  });

  it('has no figures where no people were found', () => {
    assert.match(adviseVerdict(emptyAdvice.mapping).section, /^mapping:\n {2}# passerelle advise: no people were found\.\n/);
  });

  it('says how many addresses must not be given', () => {
    const advice = advised('upn', candidate('upn', { mapped: 3, duplicate: 2 }, makeMapping(), 2));
    assert.match(
      adviseVerdict(advice).section,
      /# passerelle advise: 3 of 5 people get an address of their own, 2 of them one that must not be given; 2 with an address that/,
    );
  });

  it('leaves out domains that are too long for the configuration, and names three of them', async () => {
    const long = (first: string): string => `${first}.${'a.'.repeat(130)}local`;
    const mapping = makeMapping({
      substitute: Object.fromEntries(['a', 'b', 'c', 'd'].map((first) => [long(first), 'example.com'])),
    });
    const { section, summary } = adviseVerdict(advised('upn', candidate('upn', { mapped: 3 }, mapping)));
    assert.deepEqual(await readMapping(section), makeMapping());
    const sentence = `without those of ${['a', 'b', 'c'].map(long).join(', ')} and 1 more, which the configuration cannot replace.`;
    assert.ok(summary.endsWith(sentence), summary);
    assert.ok(section.split('\n')[1]?.endsWith(sentence));
  });

  it('leaves out what the configuration cannot say, and says so', async () => {
    const mapping = makeMapping({
      substitute: { corp: 'example.com', 'example.com': 'example.com', 'corp.local': 'example.com' },
    });
    const { section, summary } = adviseVerdict(advised('upn', candidate('upn', { mapped: 3 }, mapping)));
    assert.deepEqual((await readMapping(section)).substitute, { 'corp.local': 'example.com' });
    const sentence = 'without those of corp, which the configuration cannot replace.';
    assert.ok(section.split('\n')[1]?.endsWith(sentence));
    assert.ok(summary.endsWith(sentence));
  });
});

describe('the verdict', () => {
  const mail = makeMapping({ source: 'mail' });
  const replaced = (count: number): Mapping =>
    makeMapping({
      substitute: Object.fromEntries(Array.from({ length: count }, (_, n) => [`d${String(n)}.local`, 'example.com'])),
    });
  const rows: readonly (readonly [string, MappingAdvice, boolean, Mapping['source'], RegExp])[] = [
    [
      'keeps what is best already',
      advised('configured', candidate('configured', { mapped: 9, duplicate: 1 })),
      true,
      'userPrincipalName',
      /^Keep the mapping that is configured: 9 of 10 people get an address of their own; 1 needs mending first\.$/,
    ],
    [
      'changes what leaves people out',
      advised(
        'mail',
        candidate('configured', { mapped: 4, foreignDomain: 6 }),
        candidate('mail', { mapped: 8, withoutValue: 2 }, mail),
      ),
      false,
      'mail',
      /^Map by mail: 8 of 10 people get an address of their own, 4 more than as configured now; 2 need mending first\.$/,
    ],
    [
      'changes what gives addresses that must not be given',
      advised('mail', candidate('configured', { mapped: 10 }, makeMapping(), 1), candidate('mail', { mapped: 10 }, mail)),
      false,
      'mail',
      /^Map by mail: all 10 people get an address of their own\.$/,
    ],
    [
      'tells of addresses that must not be given',
      advised('mail', candidate('configured', { withoutValue: 10 }), candidate('mail', { mapped: 8, withoutValue: 2 }, mail, 3)),
      false,
      'mail',
      /^Map by mail: 8 of 10 people get an address of their own, 3 of them one that must not be given, 8 more than as configured now; 5 need mending first\.$/,
    ],
    [
      'tells of the one address that must not be given',
      advised('configured', candidate('configured', { mapped: 1 }, makeMapping(), 1)),
      true,
      'userPrincipalName',
      /^Keep the mapping that is configured: the one person who was found gets an address that must not be given; 1 needs mending first\.$/,
    ],
    [
      'names what is replaced',
      advised('upn-substituted', candidate('upn-substituted', { mapped: 1_000 }, replaced(2))),
      false,
      'userPrincipalName',
      /^Map by userPrincipalName, with d0\.local replaced by example\.com and d1\.local replaced by example\.com: all 1,000 people/,
    ],
    [
      'names three of many',
      advised('upn-substituted', candidate('upn-substituted', { mapped: 1 }, replaced(40))),
      false,
      'userPrincipalName',
      /d2\.local replaced by example\.com and 37 more: the one person who was found gets an address\./,
    ],
    ['says that no people were found', emptyAdvice.mapping, true, 'userPrincipalName', /^No people were found/],
  ];
  for (const [what, advice, isConfigured, source, summary] of rows) {
    it(what, async () => {
      const verdict = adviseVerdict(advice);
      assert.equal(verdict.isConfigured, isConfigured);
      assert.match(verdict.summary, summary);
      assert.equal((await readMapping(verdict.section)).source, source);
    });
  }
});

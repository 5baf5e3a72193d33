/** Domains in use of every kind, what is made of them, and whom each choice leaves out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainAdvice } from '../../src/advisor/advice.ts';
import { adviseDomains } from '../../src/advisor/domain-advice.ts';
import type { Facts } from '../../src/advisor/facts.ts';
import { mapAddress } from '../../src/mapping/address.ts';
import { prepareMapping, type Mapping } from '../../src/mapping/prepare-mapping.ts';
import { Refusal } from '../../src/refusal.ts';
import { makeFacts, makeMapping, makeSurvey, type GivenForest, type GivenPerson } from './make-survey.ts';

/** So many people with a UPN and a mail address in those domains; none where it is empty. */
const people = (count: number, upn: string, mail: string, prefix = `${upn}.${mail}`): readonly GivenPerson[] =>
  Array.from({ length: count }, (_, n) => {
    const name = `p${String(n)}.${prefix.replaceAll(/[^a-z]/g, '')}`;
    return {
      sAMAccountName: name,
      userPrincipalName: upn === '' ? undefined : `${name}@${upn}`,
      mail: mail === '' ? undefined : `${name}@${mail}`,
    };
  });

interface Given {
  readonly forest?: GivenForest;
  readonly people: readonly GivenPerson[];
  readonly primary?: string;
  readonly mapping?: Parameters<typeof makeMapping>[0];
  readonly told?: readonly string[];
}

const factsOf = ({
  forest = { name: 'ad.contoso.com' },
  people: given,
  primary = 'contoso.com',
  mapping,
  told = [],
}: Given): Facts =>
  makeFacts(makeSurvey({ forests: [forest], people: given }), {
    configured: makeMapping({ ...mapping, domains: { primary, ...mapping?.domains } }),
    told,
  });
const adviseOn = (given: Given): Promise<DomainAdvice> => adviseDomains(factsOf(given), undefined);

interface Row extends Given {
  readonly proposed: readonly [
    primary: string,
    secondary?: readonly string[],
    aliases?: Readonly<Record<string, string>>,
    substitute?: Readonly<Record<string, string>>,
  ];
  readonly notes?: readonly RegExp[];
}

const local = { name: 'corp.local' };

const rows: Readonly<Record<string, Row>> = {
  'everybody in the configured domain': { people: people(5, 'contoso.com', 'contoso.com'), proposed: ['contoso.com'] },
  'everybody in corp.local, with mail in the configured domain': {
    forest: local,
    people: people(5, 'corp.local', 'contoso.com'),
    proposed: ['contoso.com', [], {}, { 'corp.local': 'contoso.com' }],
  },
  'everybody in corp.local without mail': {
    forest: local,
    people: people(5, 'corp.local', ''),
    proposed: ['contoso.com', [], {}, { 'corp.local': 'contoso.com' }],
  },
  'nothing that could be registered': {
    forest: local,
    people: people(5, 'corp.local', ''),
    primary: 'corp.local',
    proposed: ['corp.local'],
    notes: [/No domain of the organisation can be registered/],
  },
  'a configured domain that nobody can register, and one that many have': {
    forest: local,
    people: people(5, 'corp.local', 'contoso.de'),
    primary: 'corp.local',
    proposed: ['contoso.de', [], {}, { 'corp.local': 'contoso.de' }],
    notes: [/configured primary domain corp\.local is not the proposed one/, /inferred from the directory alone/],
  },
  'a configured domain that nobody uses': {
    people: people(9, 'fabrikam.com', 'fabrikam.com'),
    forest: { name: 'fabrikam.com' },
    proposed: ['fabrikam.com', ['contoso.com']],
    notes: [
      /contoso\.com is configured and nobody is in it; 9 people have/,
      /fabrikam\.com is the organisation’s own is inferred/,
    ],
  },
  'a subdomain of the forest, mail above it': {
    people: people(5, 'ad.contoso.com', 'contoso.com'),
    proposed: ['contoso.com', [], {}, { 'ad.contoso.com': 'contoso.com' }],
    notes: [/ad\.contoso\.com could be registered too/],
  },
  'a subdomain of the forest, no mail': {
    people: people(5, 'ad.contoso.com', ''),
    proposed: ['contoso.com', ['ad.contoso.com']],
  },
  'a subdomain of the forest, where names collide': {
    people: [...people(5, 'ad.contoso.com', 'contoso.com', 'same'), ...people(1, 'contoso.com', '', 'same')],
    proposed: ['contoso.com', ['ad.contoso.com']],
    notes: [/ad\.contoso\.com is registered and not replaced/],
  },
  'a subdomain of the forest that is told': {
    people: people(5, 'ad.contoso.com', 'contoso.com', 'x').map((person, n) => ({
      ...person,
      mail: `m${String(n)}@contoso.com`,
    })),
    told: ['ad.contoso.com'],
    proposed: ['contoso.com', ['ad.contoso.com']],
  },
  'several suffixes that the forest has': {
    forest: { name: 'corp.local', suffixes: ['contoso.de', 'contoso.fr', 'unused.com', 'contoso.lan'] },
    people: [
      ...people(5, 'contoso.com', ''),
      ...people(2, 'contoso.de', ''),
      ...people(1, 'contoso.fr', ''),
      ...people(1, 'contoso.lan', 'contoso.fr'),
      ...people(1, 'contoso.lan', 'contoso.com'),
      ...people(2, 'contoso.lan', 'contoso.de'),
    ],
    proposed: ['contoso.com', ['contoso.de', 'contoso.fr'], {}, { 'contoso.lan': 'contoso.de' }],
  },
  'another name of the domain': {
    forest: { name: 'corp.local', suffixes: ['contoso.de'] },
    people: [...people(5, 'contoso.com', 'contoso.com'), ...people(4, 'contoso.de', 'contoso.com')],
    proposed: ['contoso.com', [], { 'contoso.de': 'contoso.com' }],
  },
  'a configured alias and a substitution': {
    people: [...people(5, 'contoso.com', ''), ...people(1, 'contoso.org', '')],
    mapping: { domains: { aliases: { 'contoso.org': 'contoso.com' } }, substitute: { 'old.local': 'contoso.com' } },
    proposed: ['contoso.com', [], { 'contoso.org': 'contoso.com' }, { 'old.local': 'contoso.com' }],
  },
  'a configured alias of what cannot be registered': {
    people: people(5, 'contoso.com', ''),
    mapping: { domains: { secondary: ['x.local'], aliases: { 'contoso.org': 'x.local' } } },
    proposed: ['contoso.com', ['contoso.org']],
    notes: [/not proposed, since they cannot be registered: x\.local/],
  },
  'a configured primary that is also replaced': {
    people: people(5, 'contoso.com', ''),
    mapping: { domains: { secondary: ['contoso.org'] }, substitute: { 'contoso.com': 'contoso.org' } },
    proposed: ['contoso.com', ['contoso.org']],
  },
  'consumer mail': {
    people: [...people(5, 'contoso.com', 'contoso.com'), ...people(9, 'contoso.com', 'gmail.com')],
    proposed: ['contoso.com'],
    notes: [/In gmail\.com 9 mail addresses of people: anybody/],
  },
  'mail in somebody else’s domain': {
    people: [...people(50, 'contoso.com', 'contoso.com'), ...people(2, 'contoso.com', 'partner.net')],
    proposed: ['contoso.com'],
    notes: [/In partner\.net 2 mail addresses of people: not known/],
  },
  'mail of many in a domain that nothing names': {
    people: [...people(8, '', 'contoso.com'), ...people(2, '', 'fabrikam.net')],
    proposed: ['contoso.com', ['fabrikam.net']],
    notes: [/fabrikam\.net is the organisation’s own is inferred/],
  },
  'mail of one in a domain that nothing names': {
    people: [...people(1, '', 'contoso.com'), ...people(1, '', 'fabrikam.net')],
    proposed: ['contoso.com'],
    notes: [/In fabrikam\.net 1 mail address of people: not known/],
  },
  'a domain that the operator names': {
    people: [...people(50, '', 'contoso.com'), ...people(1, '', 'fabrikam.net')],
    told: ['fabrikam.net', 'unused.net'],
    proposed: ['contoso.com', ['fabrikam.net']],
  },
  'mail below a domain of the organisation': {
    people: [...people(50, '', 'contoso.com'), ...people(1, '', 'berlin.contoso.com')],
    proposed: ['contoso.com', ['berlin.contoso.com']],
  },
  'internationalised names': {
    forest: { name: 'corp.local', suffixes: ['münchen.de'] },
    people: [...people(5, 'MÜNCHEN.de', 'contoso.com', 'x'), ...people(1, 'xn--mnchen-3ya.de', '')],
    proposed: ['contoso.com', ['xn--mnchen-3ya.de']],
  },
  'a single label': {
    forest: { name: 'corp' },
    people: [...people(5, 'corp', ''), ...people(5, 'contoso.com', '')],
    proposed: ['contoso.com'],
    notes: [/In corp 5 UPNs of people: a single label/],
  },
  'a slip of the pen': {
    people: [...people(5, 'contoso.com', ''), ...people(1, 'contoso.con', ''), ...people(2, 'contoso.com', 'contoso.co')],
    proposed: ['contoso.com', ['contoso.co']],
    notes: [/In contoso\.con 1 UPN of people: nobody can register/, /contoso\.co is the organisation’s own is inferred/],
  },
  'names that are none': {
    people: [
      ...people(5, 'contoso.com', ''),
      { userPrincipalName: 'x@<script>', mail: 'x@10.0.0.1' },
      { userPrincipalName: 'no at', mail: '@' },
      { userPrincipalName: 'x@a_b.contoso.com', mail: `x@${'a'.repeat(3_000)}` },
      { userPrincipalName: 'x@__proto__.local', mail: 'x@constructor' },
      { userPrincipalName: 'y@__proto__.local', mail: 'y@\u001b[2J' },
    ],
    proposed: ['contoso.com', [], {}, { '__proto__.local': 'contoso.com' }],
    notes: [/a single label/, /no domain names for mail/],
  },
};

/** That mapping's reason not to give the person an address. */
function refusal(person: Facts['survey']['people'][number], mapping: Mapping): string | undefined {
  try {
    mapAddress(person, mapping);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

function lawsOf(facts: Facts, { proposed, domains, choices, decision }: DomainAdvice): void {
  const mapping: Mapping = { ...facts.configured, ...proposed };
  prepareMapping(mapping);
  const { primary, secondary, aliases } = proposed.domains;
  const named = [primary, ...secondary, ...Object.keys(aliases)];
  assert.equal(new Set(named).size, named.length);
  for (const [from, to] of Object.entries(proposed.substitute)) {
    assert.ok(named.includes(to) && !named.includes(from) && !(to in proposed.substitute), `${from} → ${to}`);
    assert.match(from, /^[^\s@/:\\]+\.[^\s@/:\\]+$/u);
  }
  for (const { options } of decision.steps) assert.equal(options.filter(({ taken }) => taken).length, 1);
  assert.deepEqual(
    domains.map(({ name }) => name),
    domains.map(({ name }) => name).toSorted(),
  );
  const isOwn = new Set(domains.filter(({ kind, owned }) => kind === 'public' && owned.length > 0).map(({ name }) => name));
  for (const { name, leftOut, domains: held, source, substitute } of choices) {
    const isConfigured = name.startsWith('as configured');
    const judged: Mapping = isConfigured
      ? facts.configured
      : {
          ...mapping,
          source,
          substitute,
          domains: held.length === 1 ? { primary, secondary: [], aliases: {} } : proposed.domains,
        };
    const expected = facts.survey.people.filter(
      (person, index) => facts.kinds[index] === 'person' && refusal(person, judged) === 'address-not-in-domains',
    );
    assert.deepEqual(
      new Set(leftOut.map(({ objectGUID }) => objectGUID)),
      new Set(expected.map(({ objectGUID }) => objectGUID)),
      name,
    );
    assert.equal(leftOut.length, expected.length);
    if (!name.includes('with substitution')) continue;
    for (const person of expected)
      assert.ok(!isOwn.has(person[source]?.split('@').at(-1) ?? ''), `${String(person[source])} ${name}`);
  }
}

describe('domains', () => {
  for (const [what, { proposed, notes = [], ...given }] of Object.entries(rows)) {
    it(`come to a proposal: ${what}`, async () => {
      const facts = factsOf(given);
      const advice = await adviseDomains(facts, undefined);
      const [primary, secondary = [], aliases = {}, substitute = {}] = proposed;
      assert.deepEqual(advice.proposed, { domains: { primary, secondary, aliases }, substitute });
      assert.equal(advice.notes.length, notes.length, advice.notes.join('\n'));
      for (const note of notes)
        assert.ok(
          advice.notes.some((each) => note.test(each)),
          `${String(note)}\n${advice.notes.join('\n')}`,
        );
      lawsOf(facts, advice);
    });
  }

  it('are counted: people by UPN, mail and primary SMTP address, and accounts of every kind', async () => {
    const { domains } = await adviseOn({
      people: [
        { userPrincipalName: 'a@contoso.com', mail: 'a@MÜNCHEN.de', primarySmtp: 'a@münchen.de' },
        { userPrincipalName: 'b@Contoso.com', mail: 'b@contoso.com', barred: 'person-disabled' },
        { userPrincipalName: 'c@contoso.com', mail: undefined, primarySmtp: 'c@contoso.com' },
      ],
    });
    const figures = domains.map((domain) => [
      domain.name,
      domain.unicode,
      domain.userPrincipalNames,
      domain.mails,
      domain.primarySmtps,
      domain.accounts,
      domain.owned,
      domain.role,
    ]);
    assert.deepEqual(figures, [
      ['ad.contoso.com', 'ad.contoso.com', 0, 0, 0, 0, ['forest'], 'none'],
      ['contoso.com', 'contoso.com', 2, 0, 1, 3, ['configured', 'forest'], 'primary'],
      ['xn--mnchen-3ya.de', 'münchen.de', 0, 1, 1, 1, [], 'none'],
    ]);
  });

  it('are chosen among, with the people whom each choice leaves out', async () => {
    const { choices } = await adviseOn({
      forest: { name: 'corp.local', suffixes: ['contoso.de'] },
      people: [
        { sAMAccountName: 'ann', userPrincipalName: 'ann@corp.local', mail: 'ann@contoso.com' },
        { sAMAccountName: 'bob', userPrincipalName: 'bob@contoso.de', mail: 'bob.b@contoso.com' },
        { sAMAccountName: 'cem', userPrincipalName: 'cem@contoso.com', mail: 'cem@gmail.com' },
        { sAMAccountName: 'dora', userPrincipalName: 'dora', mail: 'no address@gmail.com' },
        { sAMAccountName: 'eve', userPrincipalName: 'eve@corp.local', mail: undefined, barred: 'person-disabled' },
      ],
    });
    assert.deepEqual(
      choices.map(({ name, leftOut }) => [name, leftOut.map((each) => each.name)]),
      [
        ['the primary domain alone, by UPN', ['ann', 'bob']],
        ['the primary domain alone, by mail', ['cem']],
        ['all proposed domains, without substitution, by UPN', ['ann']],
        ['all proposed domains, without substitution, by mail', ['cem']],
        ['all proposed domains, with substitution, by UPN', []],
        ['all proposed domains, with substitution, by mail', ['cem']],
        ['as configured, by UPN', ['ann', 'bob']],
      ],
    );
  });

  it('are asked of DNS: public names alone, those of the organisation first', async () => {
    const asked: string[] = [];
    const facts = factsOf({
      forest: local,
      people: [
        ...people(20, 'corp.local', 'contoso.com'),
        ...people(1, 'corp', 'partner.net'),
        ...people(3, 'x.lan', 'gmail.com'),
      ],
    });
    const advice = await adviseDomains(facts, (name) => {
      asked.push(name);
      return Promise.resolve(name === 'contoso.com' ? { answer: 'found', hosts: ['mx.contoso.com'] } : { answer: 'unknown' });
    });
    assert.deepEqual(asked, ['contoso.com', 'partner.net']);
    assert.equal(advice.dns, 'asked');
    assert.deepEqual(
      advice.domains.map(({ name, exchangers }) => [name, exchangers.answer]),
      [
        ['contoso.com', 'found'],
        ['corp', 'not asked'],
        ['corp.local', 'not asked'],
        ['gmail.com', 'not asked'],
        ['partner.net', 'unknown'],
        ['x.lan', 'not asked'],
      ],
    );
  });

  it('are noted where DNS knows none of that name, or nobody who takes its mail, or says nothing', async () => {
    const facts = factsOf({ people: people(5, 'contoso.com', 'contoso.com') });
    const noted = async (answer: 'unknown' | 'none'): Promise<string> =>
      (await adviseDomains(facts, () => Promise.resolve({ answer }))).notes.join('\n');
    assert.match(await noted('unknown'), /DNS does not know contoso\.com/);
    assert.match(await noted('none'), /names nobody who takes mail/);
    const silent = await adviseDomains(facts, () => Promise.resolve({ answer: 'unanswered', why: 'no answer in time' }));
    assert.equal(silent.dns, 'offline');
    assert.match(silent.notes.join('\n'), /DNS answered nothing/);
  });

  it('are noted where they are more than Google takes', async () => {
    const suffixes = Array.from({ length: 620 }, (_, n) => `d${String(n)}.com`);
    const given = suffixes.flatMap((suffix) => people(1, suffix, ''));
    const advice = await adviseOn({ forest: { name: 'corp.local', suffixes }, people: given });
    assert.match(advice.notes.join('\n'), /621 domains are proposed; Google takes 600/);
    const aliases = Object.fromEntries(suffixes.slice(0, 21).map((suffix) => [suffix, 'contoso.com']));
    const more = await adviseOn({ people: people(2, 'contoso.com', ''), mapping: { domains: { aliases } } });
    assert.match(more.notes.join('\n'), /21 alias domains are configured; Google takes 20/);
  });

  it('are judged in little time, 60,000 of them for half as many people', async () => {
    const given = Array.from({ length: 30_000 }, (_, n): GivenPerson => ({
      userPrincipalName: `p@x${String(n)}.contoso.com`,
      mail: `p@y${String(n)}.${n % 2 === 0 ? 'local' : 'net'}`,
    }));
    const facts = factsOf({ people: given });
    const start = performance.now();
    const { domains, choices, proposed } = await adviseDomains(facts, undefined);
    assert.ok(performance.now() - start < 20_000);
    assert.equal(domains.length, 60_002);
    assert.equal(proposed.domains.secondary.length, 30_000);
    assert.equal(choices[0]?.leftOut.length, 30_000);
  });

  it('come to a mapping that holds, and that leaves nobody of the organisation out', async () => {
    const domain: fc.Arbitrary<string> = fc.constantFrom(
      ...[
        'contoso.com',
        'ad.contoso.com',
        'b.ad.contoso.com',
        'contoso.de',
        'münchen.de',
        'gmail.com',
        'partner.net',
        'corp.local',
      ],
      ...['x.lan', 'corp', 'co.uk', 'a_b.local', 'a_b.contoso.com', 'contoso.github.io', 'CONTOSO.com', '', 'no name'],
    );
    const usable: fc.Arbitrary<string> = fc.constantFrom(
      'contoso.com',
      'ad.contoso.com',
      'contoso.de',
      'partner.net',
      'corp.local',
      'xn--mnchen-3ya.de',
      'gmail.com',
    );
    const name = fc.constantFrom('ann', 'bob', 'cem', 'dora', 'a b', '');
    const address = fc.option(
      fc.tuple(name, domain).map(([before, after]) => `${before}@${after}`),
      { nil: undefined },
    );
    const person = fc.record({
      userPrincipalName: address,
      mail: address,
      barred: fc.constantFrom(undefined, undefined, 'person-disabled' as const),
    });
    const given = fc.record({
      people: fc.array(person, { maxLength: 14 }),
      forest: fc.record({ name: usable, suffixes: fc.array(usable, { maxLength: 3 }) }),
      told: fc.array(usable, { maxLength: 2 }),
      own: fc.uniqueArray(usable, { minLength: 1, maxLength: 4 }),
      areAliases: fc.boolean(),
      substitute: fc.dictionary(
        domain.filter((text) => /^[a-z_]+\.[a-z.]+$/.test(text)),
        usable,
        { maxKeys: 3 },
      ),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ own: [primary = 'contoso.com', ...rest], areAliases, substitute, ...more }) => {
        const domains = areAliases
          ? { secondary: [], aliases: Object.fromEntries(rest.map((alias) => [alias, primary])) }
          : { secondary: rest, aliases: {} };
        const facts = factsOf({ ...more, primary, mapping: { domains, substitute } });
        lawsOf(facts, await adviseDomains(facts, undefined));
      }),
      { numRuns: 300 },
    );
  });
});

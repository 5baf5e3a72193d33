/** Forests, domains and trusts of every shape, and how many accounts, instances and fleets they come to. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { adviseForests } from '../../src/advisor/forest-advice.ts';
import { makeFacts, makeSurvey, trust, type GivenForest } from './make-survey.ts';

type Given = Parameters<typeof makeSurvey>[0];
const adviseOn = (given: Given) => adviseForests(makeFacts(makeSurvey(given)));
const [north, south, east] = ['north.example.com', 'south.example.net', 'east.example.org'] as const;

const openLdap: Given = {
  forests: [{ name: undefined, isActiveDirectory: false, domains: [] }],
  domains: [{ dnsDomain: undefined, baseDn: 'o=contoso' }],
};
const twoWay = [trust(north, south)];

interface Row {
  readonly given: Given;
  /** Instances of GCDS, fleets of AD FS. */
  readonly needs: readonly [sync: number, fleets: number];
  readonly because?: RegExp;
  /** Each is one of the notes; where there is none, there are no notes. */
  readonly notes?: readonly RegExp[];
}

const rows: Readonly<Record<string, Row>> = {
  'one forest of one domain': { given: {}, needs: [1, 1], because: /one forest of Active Directory/ },
  'one forest of three domains, with a global catalog': {
    given: {
      forests: [{ name: 'a.com', hasCatalog: true }],
      domains: ['a.com', 'b.a.com', 'c.a.com'].map((dnsDomain) => ({ dnsDomain })),
    },
    needs: [1, 1],
  },
  'one forest of two domains, without a global catalog': {
    given: { forests: [{ name: 'a.com' }], domains: [{ dnsDomain: 'a.com' }, { dnsDomain: 'b.a.com' }] },
    needs: [1, 1],
    notes: [/a\.com has 2 configured domains and no global catalog/],
  },
  'a domain that is not configured': {
    given: {
      forests: [{ name: 'a.com', domains: ['a.com', 'b.a.com'].map((dnsDomain) => ({ dnsDomain, netbiosName: undefined })) }],
      domains: [{ dnsDomain: 'a.com' }],
    },
    needs: [1, 1],
    notes: [/a\.com has 1 domain that is not configured.*: b\.a\.com/],
  },
  'two forests without a trust': {
    given: { forests: [{ name: north }, { name: south }] },
    needs: [2, 2],
    because: /2 forests have no fleet of another forest/,
  },
  'two forests with a two-way trust': {
    given: {
      forests: [
        { name: north, trusts: twoWay },
        { name: south, trusts: [trust(south, north)] },
      ],
    },
    needs: [2, 1],
    because: /fleet in north\.example\.com serves south\.example\.net too: it trusts them.*they trust it/,
  },
  'two forests with a two-way trust, of which one side alone tells': {
    given: { forests: [{ name: north, trusts: twoWay }, { name: south }] },
    needs: [2, 1],
  },
  'two forests, the first of which trusts the second': {
    given: {
      forests: [
        { name: north, trusts: [trust(north, south, { direction: 'outbound' })] },
        { name: south, trusts: [trust(south, north, { direction: 'inbound' })] },
      ],
    },
    needs: [2, 2],
    because: /north\.example\.com trusts south\.example\.net one way alone/,
    notes: [/one way: north\.example\.com trusts south\.example\.net/],
  },
  'two forests with a trust each way': {
    given: {
      forests: [
        { name: north, trusts: [trust(north, south, { direction: 'outbound' }), trust(north, south, { direction: 'inbound' })] },
        { name: south },
      ],
    },
    needs: [2, 1],
    notes: [/one way: north\.example\.com trusts/, /one way: south\.example\.net trusts/],
  },
  'two forests with a selective trust': {
    given: { forests: [{ name: north, trusts: [trust(north, south, { selective: true })] }, { name: south }] },
    needs: [2, 1],
    notes: [/selective/],
  },
  'two forests whose trust is disabled': {
    given: { forests: [{ name: north, trusts: [trust(north, south, { direction: 'disabled' })] }, { name: south }] },
    needs: [2, 2],
    notes: [/is disabled/],
  },
  'two forests with an external trust': {
    given: {
      forests: [{ name: north, trusts: [trust(north, south, { kind: 'external', transitive: false })] }, { name: south }],
    },
    needs: [2, 2],
  },
  'three forests that trust one in the middle': {
    given: { forests: [{ name: north }, { name: south, trusts: [trust(south, north), trust(south, east)] }, { name: east }] },
    needs: [3, 1],
    because: /fleet in south\.example\.net serves north\.example\.com and east\.example\.org too/,
  },
  'three forests of which two trust one another': {
    given: { forests: [{ name: north, trusts: twoWay }, { name: south }, { name: east }] },
    needs: [3, 2],
    because: /serves south\.example\.net too.*1 forest has no fleet of another/s,
  },
  'four forests in a row: a trust is not handed on': {
    given: {
      forests: [
        { name: 'a.com', trusts: [trust('a.com', 'b.com')] },
        { name: 'b.com', trusts: [trust('b.com', 'c.com')] },
        { name: 'c.com', trusts: [trust('c.com', 'd.com')] },
        { name: 'd.com' },
      ],
    },
    needs: [4, 2],
  },
  'a trusted forest, a domain and a realm that are not configured': {
    given: {
      forests: [
        {
          name: north,
          trusts: [
            trust(north, 'far.com'),
            trust(north, 'old.far.net', { kind: 'external' }),
            trust(north, 'UNIX.CONTOSO.COM', { kind: 'realm', direction: 'inbound' }),
          ],
        },
      ],
    },
    needs: [1, 1],
    notes: [
      /trust with the forest far\.com, which is not configured/,
      /domain of another forest old\.far\.net, which is not configured/,
      /Kerberos realm UNIX\.CONTOSO\.COM, which is not configured/,
      /one way: UNIX\.CONTOSO\.COM trusts north\.example\.com/,
    ],
  },
  'trusts within a forest': {
    given: {
      forests: [{ name: 'a.com', hasCatalog: true, trusts: [trust('a.com', 'b.a.com', { kind: 'within' })] }],
      domains: [{ dnsDomain: 'a.com' }, { dnsDomain: 'b.a.com' }],
    },
    needs: [1, 1],
  },
  'two forests that claim one suffix': {
    given: {
      forests: [
        { name: north, suffixes: ['contoso.com'] },
        { name: south, suffixes: ['contoso.com', 'fabrikam.com'] },
      ],
    },
    needs: [2, 2],
    notes: [/UPN suffix contoso\.com is claimed by north\.example\.com and south\.example\.net/],
  },
  'a suffix that is the domain of another forest': {
    given: { forests: [{ name: north, suffixes: [south] }, { name: south }] },
    needs: [2, 2],
    notes: [/UPN suffix south\.example\.net is claimed by/],
  },
  'an OpenLDAP alone': { given: openLdap, needs: [1, 1], because: /made for it/, notes: [/o=contoso is no Active Directory/] },
  'an OpenLDAP beside a forest': {
    given: {
      forests: [{ name: north }, { name: undefined, isActiveDirectory: false, domains: [] }],
      domains: [{ dnsDomain: north }, { forest: 1, dnsDomain: 'ldap.example.com' }],
    },
    needs: [2, 1],
    because: /1 LDAP directory would join a fleet/,
    notes: [/ldap\.example\.com is no Active Directory/],
  },
};

describe('forests', () => {
  for (const [what, { given, needs, because = /./, notes = [] }] of Object.entries(rows)) {
    it(`come to so many instances: ${what}`, () => {
      const advice = adviseOn(given);
      assert.deepEqual([advice.syncInstances.count, advice.signInFleets.count], needs);
      assert.deepEqual([advice.accounts.count, advice.passerelle.count], [1, 1]);
      assert.match(advice.signInFleets.because, because);
      assert.equal(advice.notes.length, notes.length, advice.notes.join('\n'));
      for (const note of notes)
        assert.ok(
          advice.notes.some((each) => note.test(each)),
          `${String(note)} is none of\n${advice.notes.join('\n')}`,
        );
      for (const { options } of advice.decision.steps) assert.equal(options.filter(({ taken }) => taken).length, 1);
    });
  }

  it('are listed with their domains, and with how many people and groups these have', () => {
    const survey = makeSurvey({
      forests: [
        { name: 'b.com' },
        {
          name: 'a.com',
          domains: [
            { dnsDomain: 'z.a.com', netbiosName: 'Z' },
            { dnsDomain: 'a.com', netbiosName: 'A' },
          ],
        },
      ],
      domains: [{ dnsDomain: 'b.com' }, { forest: 1, dnsDomain: 'a.com' }],
      people: [{}, { barred: 'person-disabled' }, { place: 1 }, { place: 1 }],
      groups: [{ place: 1 }],
    });
    const { forests } = adviseForests(makeFacts(survey));
    assert.deepEqual(
      forests.map(({ name, domains }) => [name, domains]),
      [
        [
          'a.com',
          [
            { dnsDomain: 'a.com', netbiosName: 'A', configured: true, people: 2, groups: 1 },
            { dnsDomain: 'z.a.com', netbiosName: 'Z', configured: false, people: 0, groups: 0 },
          ],
        ],
        ['b.com', [{ dnsDomain: 'b.com', netbiosName: 'B', configured: true, people: 1, groups: 0 }]],
      ],
    );
  });

  it('are asked about by questions, with the figures that decided', () => {
    const { decision } = adviseOn({ forests: [{ name: north, trusts: twoWay }, { name: south }], people: [{}, {}] });
    assert.deepEqual(
      decision.steps.map(({ options, because }) => [options.find(({ taken }) => taken)?.answer, because]),
      [
        ['Several', '2 forests configured: north.example.com and south.example.net.'],
        ['No', '2 domains in 2 forests.'],
        ['All through one of them', '1 trust found: north.example.com and south.example.net (forest, both).'],
        ['Yes', '2 of 2 domains were read, with 2 people.'],
      ],
    );
    assert.equal(decision.outcome, 'One Cloud Identity account and one fleet of Passerelle for 2 forests.');
  });

  it('count a trust once that both sides tell of, and speak of one directory as of one', () => {
    const { decision } = adviseOn({
      forests: [
        { name: north, trusts: [trust(north, south, { direction: 'outbound' }), trust(north, east)] },
        { name: south, trusts: [trust(south, north, { direction: 'inbound' })] },
      ],
    });
    assert.equal(
      decision.steps[2]?.because,
      '2 trusts found: north.example.com and east.example.org (forest, both) and north.example.com and south.example.net (forest, outbound).',
    );
    assert.match(adviseOn(openLdap).signInFleets.because, /with 1 LDAP directory as local claims provider\./);
    assert.equal(adviseOn(openLdap).decision.steps[0]?.because, '1 forest configured, which is no Active Directory: o=contoso.');
  });

  it('need as many fleets however they are ordered, between one and their number', () => {
    const names = Array.from({ length: 15 }, (_, n) => `f${String(n)}.com`);
    const forest = fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 14 });
    const pair = fc.record({ from: fc.nat(14), to: fc.nat(14), direction: fc.constantFrom('both', 'inbound', 'outbound') });
    fc.assert(
      fc.property(forest, fc.array(pair, { maxLength: 20 }), (own, pairs) => {
        const forests = own.map((name): GivenForest => ({
          name,
          trusts: pairs.flatMap(({ from, to, direction }) =>
            names[from] === name ? [trust(name, names[to] ?? '', { direction })] : [],
          ),
        }));
        const one = adviseOn({ forests });
        const other = adviseOn({ forests: forests.toReversed() });
        assert.deepEqual(one.forests, other.forests);
        assert.ok(one.signInFleets.count >= 1 && one.signInFleets.count <= own.length);
        if (own.length <= 12) assert.equal(one.signInFleets.count, other.signInFleets.count);
        assert.deepEqual(one.notes.toSorted(), other.notes.toSorted());
      }),
      { numRuns: 60 },
    );
  });
});

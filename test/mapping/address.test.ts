/** The mapping's laws, and a table of every way in which it refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { describeSteps, mapAddress, sourcesOf } from '../../src/mapping/address.ts';
import { MappingMistake, prepareMapping, type Mapping } from '../../src/mapping/prepare-mapping.ts';
import { Refusal } from '../../src/refusal.ts';

const mapping = (given: Partial<Omit<Mapping, 'domains'>> & { domains?: Partial<Mapping['domains']> } = {}): Mapping => ({
  source: 'userPrincipalName',
  substitute: {},
  letterCase: 'lower',
  ...given,
  domains: { primary: 'example.com', secondary: [], aliases: {}, ...given.domains },
});
const upn = (userPrincipalName: string | undefined) => ({ userPrincipalName, mail: undefined });

const rich = mapping({
  substitute: {
    'corp.local': 'example.com',
    'corp_2.local': 'alias.example',
    'old.example': 'example.org',
    'Straße.example': 'münchen.example',
  },
  domains: {
    primary: 'Example.COM',
    secondary: ['example.org', 'münchen.example'],
    aliases: { 'alias.example': 'example.com', 'xn--bcher-kva.example': 'MÜNCHEN.example' },
  },
});

describe('an address', () => {
  const rows: readonly [title: string, source: string, address: string, from?: Mapping][] = [
    ['in the primary domain', 'alice@example.com', 'alice@example.com'],
    ['in capitals', 'ALICE@EXAMPLE.COM', 'alice@example.com'],
    ['case preserved before the @ alone', 'Alice.L@EXAMPLE.com', 'Alice.L@example.com', { ...rich, letterCase: 'preserve' }],
    ['in a secondary domain', 'carol@example.org', 'carol@example.org'],
    ['in an alias domain', 'alice@alias.example', 'alice@example.com'],
    ['substituted', 'alice@CORP.local', 'alice@example.com'],
    ['substituted from a domain with an underscore into an alias', 'alice@corp_2.local', 'alice@example.com'],
    ['in a Unicode domain', 'a@münchen.example', 'a@xn--mnchen-3ya.example'],
    ['in a Unicode domain in capitals', 'a@MÜNCHEN.example', 'a@xn--mnchen-3ya.example'],
    ['in the ASCII form of a Unicode domain', 'a@XN--MNCHEN-3YA.example', 'a@xn--mnchen-3ya.example'],
    ['in a Unicode alias', 'a@bücher.example', 'a@xn--mnchen-3ya.example'],
    ['ß is not ss', 'a@straße.example', 'a@xn--mnchen-3ya.example'],
    ['apostrophe', "pat.o'brien@example.com", "pat.o'brien@example.com"],
    ['plus', 'a+b@example.com', 'a+b@example.com'],
    ['64 characters', `${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  ];
  for (const [title, source, address, from] of rows) {
    it(title, () => {
      assert.equal(mapAddress(upn(source), from ?? rich).address, address);
    });
  }

  it('comes from mail where the configuration says so', () => {
    const person = { userPrincipalName: 'x@example.org', mail: 'Mail@example.com' };
    assert.equal(mapAddress(person, mapping({ source: 'mail' })).address, 'mail@example.com');
  });

  it('tells every step, and none that changed nothing', () => {
    assert.equal(
      describeSteps(mapAddress(upn('Alice@corp_2.LOCAL'), rich).steps),
      'userPrincipalName Alice@corp_2.LOCAL → substitute Alice@alias.example → alias Alice@example.com → letterCase alice@example.com',
    );
    assert.deepEqual(mapAddress(upn('a@example.com'), rich).steps, [{ rule: 'userPrincipalName', value: 'a@example.com' }]);
  });

  it('is substituted once, never in a chain', () => {
    const chain = mapping({ substitute: { 'a.example': 'b.example', 'b.example': 'example.com' } });
    assert.throws(() => mapAddress(upn('x@a.example'), chain), { reason: 'address-not-in-domains' });
    assert.equal(mapAddress(upn('x@b.example'), chain).address, 'x@example.com');
    const swap = mapping({
      substitute: { 'example.com': 'example.org', 'example.org': 'example.com' },
      domains: { secondary: ['example.org'] },
    });
    assert.equal(mapAddress(upn('x@example.com'), swap).address, 'x@example.org');
    assert.deepEqual(sourcesOf('x@example.org', swap), ['x@example.com']);
  });
});

describe('a refusal', () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.example`;
  const wide = mapping({ domains: { primary: long, aliases: { 'short.example': long } } });
  const email = 'not-an-email-address';
  const outside = 'address-not-in-domains';
  const rows: readonly [title: string, source: string | undefined, reason: string, from?: Mapping][] = [
    ['no UPN', undefined, 'no-user-principal-name'],
    ['an empty UPN', '', 'no-user-principal-name'],
    ['no mail', undefined, 'no-mail', mapping({ source: 'mail' })],
    ['no @', 'alice', email],
    ['nothing before the @', '@example.com', email],
    ['nothing after the @', 'alice@', email],
    ['two @', 'alice@evil.example@example.com', email],
    ['two @ next to each other', 'alice@@example.com', email],
    ['a quoted local part', '"alice"@example.com', email],
    ['a quoted @', '"a@b"@example.com', email],
    ['a leading space', ' alice@example.com', email],
    ['a trailing space', 'alice@example.com ', email],
    ['a space within', 'al ice@example.com', email],
    ['a line end', 'alice@example.com\n', email],
    ['a line end before the @', 'alice\n@example.com', email],
    ['NUL', 'alice\0@example.com', email],
    ['a comment', 'alice(x)@example.com', email],
    ['angle brackets', '<alice@example.com>', email],
    ['a leading dot', '.alice@example.com', email],
    ['a trailing dot before the @', 'alice.@example.com', email],
    ['two dots', 'al..ice@example.com', email],
    ['a trailing dot after the domain', 'alice@example.com.', email],
    ['an empty label', 'alice@example..com', email],
    ['a letter outside ASCII before the @', 'zoë@example.com', email],
    ['dotless i before the @', 'alıce@example.com', email],
    ['the Kelvin sign before the @', '\u212Aim@example.com', email],
    ['65 characters before the @', `${'a'.repeat(65)}@example.com`, email],
    ['more than 254 characters', `${'a'.repeat(60)}@${long}`, email, wide],
    ['more than 254 characters only once the alias is resolved', `${'a'.repeat(60)}@short.example`, email, wide],
    ['very long', `${'a'.repeat(100_000)}@example.com`, email],
    ['a domain literal', 'alice@[192.0.2.1]', email],
    ['a percent-encoded domain', 'alice@ex%61mple.com', email],
    ['a port', 'alice@example.com:80', email],
    ['a path', 'alice@example.com/x', email],
    ['a full-width domain', 'alice@ｅxample.com', email],
    ['an ideographic full stop', 'alice@example。com', email],
    ['a soft hyphen', 'alice@exam\u00ADple.com', email],
    ['a zero-width joiner', 'alice@exam\u200Dple.com', email],
    ['a right-to-left mark', 'alice@\u200Fexample.com', email],
    ['the Kelvin sign in the domain', 'a@\u212Aelvin.example', email, mapping({ domains: { primary: 'kelvin.example' } })],
    ['capital ẞ, which directories fold differently', 'a@STRAẞE.example', email],
    ['İ in the domain', 'a@İ.example', email, mapping({ domains: { primary: 'i.example' } })],
    ['a decomposed accent', 'a@mu\u0308nchen.example', email],
    ['Unicode and xn-- mixed', 'a@münchen.xn--bcher-kva', email],
    ['an xn-- label that is no Punycode', 'a@xn--example.com', email],
    ['an underscore in the domain', 'a@corp_3.local', email],
    ['a label that begins with a hyphen', 'a@-example.com', email],
    ['another domain', 'alice@elsewhere.example', outside],
    ['a subdomain', 'alice@sub.example.com', outside],
    ['a parent domain', 'alice@com', outside],
    ['an IP address', 'alice@192.0.2.1', outside],
    ['dotless i in the domain', 'a@ı.example', outside, mapping({ domains: { primary: 'i.example' } })],
    ['ss for ß', 'a@strasse.example', outside],
    ['a domain named like a property of every object', 'a@constructor', outside],
  ];
  for (const [title, source, reason, from] of rows) {
    it(`${reason}: ${title}`, () => {
      assert.throws(
        () => mapAddress(upn(source), from ?? rich),
        (error) => error instanceof Refusal && error.reason === reason && typeof error.detail.steps === 'string',
      );
    });
  }

  it('bears the steps as text, of bounded length', () => {
    const caught = (source: string) => {
      try {
        mapAddress(upn(source), rich);
      } catch (error) {
        return error instanceof Refusal ? error.detail : undefined;
      }
      return undefined;
    };
    assert.deepEqual(caught('Al@CORP.local@old.example'), {
      steps: 'userPrincipalName Al@CORP.local@old.example → substitute Al@CORP.local@example.org',
      because: 'what precedes the last @ is not an ASCII dot-atom',
    });
    assert.ok(JSON.stringify(caught('x'.repeat(1_000_000))).length < 2_000);
  });
});

describe('a mapping that contradicts itself', () => {
  const rows: readonly [title: string, given: Mapping][] = [
    ['alias of a foreign domain', mapping({ domains: { aliases: { 'a.example': 'foreign.example' } } })],
    ['alias that is the primary domain', mapping({ domains: { aliases: { 'EXAMPLE.com': 'example.com' } } })],
    [
      'alias twice',
      mapping({ domains: { secondary: ['b.example'], aliases: { 'a.example': 'b.example', 'A.example': 'example.com' } } }),
    ],
    ['substitution twice', mapping({ substitute: { 'ü.example': 'example.com', 'xn--tda.example': 'example.org' } })],
    ['primary domain that cannot bear mail', mapping({ domains: { primary: 'a_b.example' } })],
    ['full-width domain', mapping({ domains: { primary: 'ｅxample.com' } })],
    ['substitution into nonsense', mapping({ substitute: { 'a.example': 'b..example' } })],
  ];
  for (const [title, given] of rows) {
    it(title, () => {
      assert.throws(() => prepareMapping(given), MappingMistake);
    });
  }

  it('tells all mistakes at once', () => {
    assert.throws(
      () =>
        prepareMapping(mapping({ substitute: { 'a..b': 'example.com' }, domains: { primary: '-.example', secondary: ['_.x'] } })),
      (error) => error instanceof MappingMistake && error.mistakes.length === 3,
    );
  });
});

// As a directory compares without regard to case: letter by letter, never changing their number.
const fold = (text: string) =>
  Array.from(text, (letter) => (Array.from(letter.toLowerCase()).length === 1 ? letter.toLowerCase() : letter)).join('');

const names = [
  'example.com',
  'example.org',
  'münchen.example',
  'straße.example',
  'strasse.example',
  'ısp.example',
  'isp.example',
  'σας.example',
  'corp.local',
  'xn--bcher-kva.example',
];
const name = fc.constantFrom(...names);
const mappings = fc
  .record({
    own: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
    aliases: fc.uniqueArray(name, { maxLength: 4 }),
    targets: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
    substitute: fc.dictionary(name, name, { maxKeys: 5 }),
    source: fc.constantFrom('userPrincipalName' as const, 'mail' as const),
    letterCase: fc.constantFrom('lower' as const, 'preserve' as const),
  })
  .map(({ own, aliases, targets, substitute, source, letterCase }): Mapping => {
    const [primary = '', ...secondary] = own;
    const free = aliases.filter((alias) => !own.includes(alias));
    return {
      source,
      letterCase,
      substitute,
      domains: {
        primary,
        secondary,
        aliases: Object.fromEntries(free.map((alias, index) => [alias, own[(targets[index] ?? 0) % own.length] ?? primary])),
      },
    };
  });
const spelling = fc
  .tuple(
    fc.oneof(
      { weight: 4, arbitrary: name },
      fc.constantFrom(
        'xn--mnchen-3ya.example',
        'xn--strae-oqa.example',
        'bücher.example',
        'ıSP.example',
        'STRAẞE.example',
        'mu\u0308nchen.example',
      ),
    ),
    fc.func(fc.boolean()),
  )
  .map(([domain, raise]) => Array.from(domain, (letter, index) => (raise(index) ? letter.toUpperCase() : letter)).join(''));
const local = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('alice', 'Alice', 'a.b', "o'b", 'i', 'I') },
  fc.string({ maxLength: 6 }),
);
const source = fc.tuple(local, spelling).map(([before, after]) => `${before}@${after}`);

function tryMap(value: string, from: Mapping): string | undefined {
  try {
    return mapAddress({ userPrincipalName: value, mail: value }, from).address;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

describe('for every mapping', () => {
  it('the address lies in a primary or secondary domain, in ASCII', () => {
    fc.assert(
      fc.property(mappings, source, (from, value) => {
        const address = tryMap(value, from);
        if (address === undefined) return;
        const own = [from.domains.primary, ...from.domains.secondary].map((domain) => new URL(`http://${domain}`).hostname);
        assert.ok(own.includes(address.slice(address.lastIndexOf('@') + 1)));
        assert.match(address, /^[!-~]+$/);
        if (from.letterCase === 'lower') assert.equal(address, address.toLowerCase());
      }),
      { numRuns: 500 },
    );
  });

  it('an address maps to itself where nothing is substituted', () => {
    fc.assert(
      fc.property(mappings, source, (from, value) => {
        const address = tryMap(value, from);
        if (address !== undefined) assert.equal(tryMap(address, { ...from, substitute: {} }), address);
      }),
      { numRuns: 500 },
    );
  });

  it('whoever maps to an address holds one of its sources, up to letter case', () => {
    fc.assert(
      fc.property(mappings, source, (from, value) => {
        const address = tryMap(value, from);
        if (address !== undefined) assert.ok(sourcesOf(address, from).map(fold).includes(fold(value)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('every source of an address maps to it, and so does nobody else', () => {
    fc.assert(
      fc.property(mappings, source, fc.array(source, { minLength: 5, maxLength: 30 }), (from, value, others) => {
        const address = tryMap(value, from);
        if (address === undefined) return;
        const sources = sourcesOf(address, from);
        assert.ok(sources.length > 0 && sources.every((each) => tryMap(each, from) === address));
        const folded = new Set(sources.map(fold));
        for (const other of others) if (!folded.has(fold(other))) assert.notEqual(tryMap(other, from), address);
      }),
      { numRuns: 1_000 },
    );
  });

  it('preparing it changes nothing', () => {
    fc.assert(
      fc.property(mappings, source, (from, value) => {
        assert.equal(tryMap(value, prepareMapping(from)), tryMap(value, from));
      }),
    );
  });

  it('a foreign address has no sources', () => {
    assert.deepEqual(sourcesOf('a@elsewhere.example', rich), []);
    assert.deepEqual(sourcesOf('a', rich), []);
    assert.deepEqual(sourcesOf('a@alias.example', rich), []);
  });

  it('sources hold both spellings of each domain', () => {
    assert.deepEqual([...sourcesOf('a@xn--mnchen-3ya.example', rich)].sort(), [
      'a@bücher.example',
      'a@münchen.example',
      'a@straße.example',
      'a@xn--bcher-kva.example',
      'a@xn--mnchen-3ya.example',
      'a@xn--strae-oqa.example',
    ]);
    assert.deepEqual(sourcesOf('a@example.com', rich), ['a@example.com', 'a@alias.example', 'a@corp.local', 'a@corp_2.local']);
  });
});

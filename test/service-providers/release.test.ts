/** Attribute release: names, formats, groups, and the limits of Google, down to the byte. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AttributesConfig } from '../../src/config/release-schema.ts';
import type { Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import { buildSuccess } from '../../src/saml/response.ts';
import { groupName } from '../../src/service-providers/group-name.ts';
import { releaseRules } from '../../src/service-providers/release-rule.ts';
import type { RegisteredServiceProvider } from '../../src/service-providers/service-provider.ts';
import { releasing, registered, somebody } from './somebody.ts';

const person = (attributes: Person['attributes'] = {}): Person =>
  somebody({ mail: undefined, displayName: 'Alice Liddell', attributes });
type Given = Partial<RegisteredServiceProvider> & { readonly attributes?: AttributesConfig };
const releaseAttributes = ({ attributes = {}, ...given }: Given, about: Person) =>
  releasing(registered({ rules: releaseRules(attributes), ...given }), about);

const format = (word: string) => `urn:oasis:names:tc:SAML:2.0:attrname-format:${word}`;

describe('released attributes', () => {
  it('are read without regard to the case of their names, from entry and person alike; absent ones are left out', async () => {
    const attributes = {
      dept: 'Department',
      name: 'displayName',
      mail: 'mail',
      empty: 'title',
      none: 'manager',
      proto: 'constructor',
    };
    const found = await releaseAttributes({ attributes }, person({ department: ['Engineering', ''], title: [''], manager: [] }));
    assert.deepEqual(found, [
      { name: 'dept', nameFormat: format('basic'), values: ['Engineering'] },
      { name: 'name', nameFormat: format('basic'), values: ['Alice Liddell'] },
    ]);
  });

  const formats: readonly [name: string, word: string][] = [
    ['urn:oid:2.5.4.3', 'uri'],
    ['http://schemas.microsoft.com/ws/2008/06/identity/claims/groups', 'uri'],
    ['https://example.com/a?b=c#d', 'uri'],
    ['department', 'basic'],
    ['first-name_1.a', 'basic'],
    ['größe', 'basic'],
    ['two words', 'unspecified'],
    ['1st', 'unspecified'],
    ['http://two words', 'unspecified'],
  ];
  for (const [name, word] of formats) {
    it(`${name} has NameFormat ${word}`, async () => {
      const [attribute] = await releaseAttributes({ attributes: { [name]: 'displayName' } }, person());
      assert.equal(attribute?.nameFormat, format(word));
    });
  }

  it('may be the names of groups, each once, unreadable ones left out', async () => {
    const memberOf = [
      'CN=vpn\\, remote (EU),OU=Groups,DC=x',
      'cn=Łódź,DC=x',
      'CN=vpn\\2C remote (EU),OU=Other,DC=x',
      'OU=no,DC=x',
      'nonsense',
    ];
    const groups = { 'urn:groups': { groups: 'name' } } as const;
    const found = await releaseAttributes({ attributes: { a: 'displayName', ...groups } }, person({ memberOf }));
    assert.deepEqual(found[1], { name: 'urn:groups', nameFormat: format('uri'), values: ['vpn, remote (EU)', 'Łódź'] });
    assert.deepEqual(await releaseAttributes({ attributes: groups }, person()), []);
  });
});

describe('the limits', () => {
  const reasonOf = async (given: Given, values: string[]): Promise<string | undefined> => {
    try {
      await releaseAttributes({ attributes: { a: 'x' }, ...given }, person({ x: values }));
      return undefined;
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
  };

  it('ASCII alone where the service provider takes no more', async () => {
    const attributeLimits = { ascii: true };
    assert.equal(await reasonOf({ attributeLimits }, ['a~ z']), undefined);
    for (const value of ['é', '\u0080', '测试', '😀']) {
      assert.equal(await reasonOf({ attributeLimits }, ['fine', value]), 'attributes-not-ascii');
      assert.equal(await reasonOf({}, [value]), undefined);
    }
    assert.equal(await reasonOf({ attributeLimits, attributes: { größe: 'x' } }, ['fine']), 'attributes-not-ascii');
  });

  it('a character that XML forbids is refused by name', async () => {
    for (const attributeLimits of [{ bytes: 2_000 }, {}]) {
      for (const value of ['a\u0000b', '\u000b', '\uffff', '\ud800']) {
        assert.equal(await reasonOf({ attributeLimits }, ['fine', value]), 'attribute-character-forbidden');
      }
    }
  });

  it('nobody is sent more than 256 kB or 5,000 values', async () => {
    assert.equal(await reasonOf({}, ['x'.repeat(262_144)]), 'attributes-too-large');
    assert.equal(await reasonOf({}, ['x'.repeat(200_000)]), undefined);
    const many = Array.from({ length: 5_001 }, (_, number) => String(number));
    assert.equal(await reasonOf({}, many), 'attributes-too-large');
    assert.equal(await reasonOf({}, many.slice(1)), undefined);
  });

  const text = fc.string({ unit: fc.constantFrom('a', '&', '<', 'é', '😀', '\r', '"'), maxLength: 40 });
  it('count the AttributeStatement exactly as it is written', async () => {
    const signer = {
      algorithm: 'urn:x',
      digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
      certificate: '',
      sign: () => Promise.resolve(''),
    };
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(
          text.filter((value) => value !== ''),
          { minLength: 1, maxLength: 4 },
        ),
        async (values) => {
          const given = {
            attributes: { a: 'x', 'urn:b&c': { from: 'displayName', friendlyName: '<"é">', nameFormat: 'urn:d&e' } },
          };
          const attributes = await releaseAttributes(given, person({ x: values }));
          const xml = await buildSuccess(
            {
              id: '_r',
              assertionID: '_a',
              issuer: 'i',
              issueInstant: 0,
              destination: 'd',
              inResponseTo: undefined,
              audience: 'x',
              nameID: { format: 'f', value: 'v' },
              notBefore: 0,
              notOnOrAfter: 0,
              authnInstant: 0,
              authnContextClassRef: 'c',
              sessionIndex: '_s',
              sessionNotOnOrAfter: 0,
              attributes,
              sign: { response: true, assertion: true },
            },
            signer,
          );
          const bytes = Buffer.byteLength(/<saml:AttributeStatement>.*<\/saml:AttributeStatement>/s.exec(xml)?.[0] ?? '');
          assert.equal(await reasonOf({ ...given, attributeLimits: { bytes } }, values), undefined);
          assert.equal(await reasonOf({ ...given, attributeLimits: { bytes: bytes - 1 } }, values), 'attributes-too-large');
        },
      ),
    );
  });

  it('nothing to release is within every limit', async () => {
    assert.equal(await reasonOf({ attributes: {}, attributeLimits: { bytes: 0, ascii: true } }, ['x'.repeat(5_000)]), undefined);
  });
});

describe('the name of a group', () => {
  const rows: readonly [dn: string, name: string | undefined][] = [
    ['CN=engineering,OU=Groups,DC=example,DC=com', 'engineering'],
    ['cn=lower,dc=x', 'lower'],
    ['commonName=long,dc=x', 'long'],
    ['2.5.4.3=oid,dc=x', 'oid'],
    ['CN=vpn\\, remote (EU),OU=Groups', 'vpn, remote (EU)'],
    ['CN=vpn\\2C remote,OU=Groups', 'vpn, remote'],
    ['CN=O\'Brien\\, Pat (Ext) \\+ \\"Co\\" #1,OU=x', 'O\'Brien, Pat (Ext) + "Co" #1'],
    ['CN=Z\\C3\\ABe,DC=x', 'Zëe'],
    ['CN=Lu\\C4\\8Di\\C4\\87', 'Lučić'],
    ['CN=测试😀,DC=x', '测试😀'],
    ['CN=\\😀,DC=x', '😀'],
    ['CN=line\\0Abreak,DC=x', 'line\nbreak'],
    ['CN="Sales, EU",DC=x', 'Sales, EU'],
    ['CN="a\\"b" ,DC=x', 'a"b'],
    ['CN=\\ lead and trail\\ ,DC=x', ' lead and trail '],
    ['CN= spaced ,DC=x', 'spaced'],
    ['CN=a=b,DC=x', 'a=b'],
    ['CN=back\\\\slash,DC=x', 'back\\slash'],
    ['CN=a;DC=x', 'a'],
    ['OU=x+CN=multi,DC=x', 'multi'],
    ['CN=multi+OU=x,DC=x', 'multi'],
    ['CN=#0c0568656c6c6f,DC=x', 'hello'],
    ['CN=#130568656C6C6F', 'hello'],
    ['CN=#1e0400610062,DC=x', 'ab'],
    ['CN=\\#1,DC=x', '#1'],
    ['CN=#0c05686,DC=x', undefined],
    ['CN=#0c0668656c6c6f,DC=x', undefined],
    ['CN=#020101,DC=x', undefined],
    ['CN=#0c810568656c6c6f,DC=x', 'hello'],
    ['CN=#0c82000568656c6c6f,DC=x', 'hello'],
    ['CN=#0c,DC=x', undefined],
    ['CN=#0c81,DC=x', undefined],
    ['CN=#0c80,DC=x', undefined],
    ['CN=#0cff,DC=x', undefined],
    ['CN=#0c01ff,DC=x', undefined],
    ['CN=#,DC=x', undefined],
    ['CN=\\C3,DC=x', undefined],
    ['CN="open,DC=x', undefined],
    ['CN="a"b,DC=x', undefined],
    ['CN=a\\', undefined],
    ['CN=,DC=x', undefined],
    ['OU=CN\\=x,DC=x', undefined],
    ['DC=x,CN=later', undefined],
    ['CN', undefined],
    ['', undefined],
  ];
  for (const [dn, name] of rows) {
    it(`${JSON.stringify(dn)} is ${JSON.stringify(name)}`, () => {
      assert.equal(groupName(dn), name);
    });
  }

  // RFC 4514 §2.4, once by characters and once by bytes.
  const byCharacter = (name: string) =>
    name
      .replace(/[\\",+<>;=]/g, '\\$&')
      .replace(/^[ #]/, '\\$&')
      .replace(/ $/, '\\ ')
      .replaceAll('\0', '\\00');
  const byBytes = (name: string) => [...Buffer.from(name)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  const names = fc.string({
    unit: fc.oneof(fc.constantFrom(',', '+', '"', '\\', '#', ' ', ';', '=', '\0', 'é', '😀'), fc.constantFrom('a', 'b', '0')),
    minLength: 1,
  });

  it('is what was escaped', () => {
    fc.assert(
      fc.property(
        names.filter((name) => name !== ' '),
        (name) => {
          assert.equal(groupName(`CN=${byCharacter(name)},OU=x`), name);
          assert.equal(groupName(`CN=${byBytes(name)},OU=x`), name);
        },
      ),
    );
  });

  const hex = fc.uint8Array({ maxLength: 6 }).map((bytes) => `#${Buffer.from(bytes).toString('hex')}`);
  it('of anything at all is a string or undefined', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), hex), (text) => {
        for (const dn of [text, `CN=${text}`, `CN="${text}`]) {
          const name = groupName(dn);
          assert.ok(name === undefined || name.length > 0);
        }
      }),
    );
  });
});

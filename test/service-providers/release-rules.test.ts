/** The rules of attribute release: sources, filters, patterns, renames, conditions, presets. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  presetNames,
  release as releaseSchema,
  type AttributesConfig,
  type ReleaseRuleConfig,
} from '../../src/config/release-schema.ts';
import type { Further, FurtherWanted, Person } from '../../src/directory/directory.ts';
import { Refusal } from '../../src/refusal.ts';
import type { AttributeConsumingService, RequestedAttribute } from '../../src/saml/service-provider.ts';
import { presets } from '../../src/service-providers/presets/presets.ts';
import { releaseRules } from '../../src/service-providers/release-rule.ts';
import { pageAt } from '../docs/pages.ts';
import { registered, releaseOf, releasing, somebody } from './somebody.ts';

const base64 = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');
const sid = (...numbers: readonly number[]): string => {
  const bytes = Buffer.alloc(8 + 4 * numbers.length);
  bytes[0] = 1;
  bytes[1] = numbers.length;
  bytes[7] = 5;
  numbers.forEach((number, place) => bytes.writeUInt32LE(number, 8 + 4 * place));
  return bytes.toString('base64');
};

const memberOf = [
  'CN=app-wiki,OU=Apps,OU=Groups,DC=example,DC=com',
  'CN=app-mail,OU=Apps,OU=Groups,DC=example,DC=com',
  'CN=aws-123456789012-Admin,OU=Groups,DC=example,DC=com',
  'CN=vpn\\, remote (EU),OU=Other,DC=example,DC=com',
];
const alice: Person = somebody({
  attributes: { memberOf, title: ['Engineer', 'Lead'], employeeID: ['0042'], odd: ['$&', '$1'], givenName: ['Al'], sn: ['Li'] },
});
const further: Further = {
  bytes: {
    usercertificate: [base64(0x30, 0x82, 0x01), base64(0x30, 0x00)],
    'ms-ds-consistencyguid': [base64(...Array.from({ length: 16 }, (_, place) => place))],
    sidhistory: [sid(21, 1, 2, 3, 500), base64(9, 9)],
  },
  groups: [
    { dn: memberOf[0], sid: 'S-1-5-21-1', objectGUID: '00000000-0000-0000-0000-000000000001', direct: true },
    { dn: 'CN=all,DC=example,DC=com', sid: 'S-1-5-21-2', objectGUID: '00000000-0000-0000-0000-000000000002', direct: false },
    { sid: 'S-1-5-21-3', direct: false },
  ],
};

/** The values that one rule makes of Alice. */
const values = async (rule: ReleaseRuleConfig | string, about = alice): Promise<readonly string[]> =>
  (await releasing(registered({ rules: releaseRules({ a: rule }) }), about, { further }))[0]?.values ?? [];

describe('a rule', () => {
  const rows: readonly (readonly [what: string, rule: ReleaseRuleConfig, values: readonly string[]])[] = [
    ['takes an attribute, with all its values', { from: 'TITLE' }, ['Engineer', 'Lead']],
    ['takes a fixed text', { text: 'x' }, ['x']],
    ['takes several, each once', { text: ['x', 'y', 'x'] }, ['x', 'y']],
    ['takes the address', { address: true }, ['alice@example.com']],
    ['takes groups by name', { groups: 'name' }, ['app-wiki', 'app-mail', 'aws-123456789012-Admin', 'vpn, remote (EU)']],
    ['takes groups by DN', { groups: 'dn', keep: { prefix: 'vpn' } }, [memberOf[3] ?? '']],
    ['takes groups by SID', { groups: 'sid' }, ['S-1-5-21-1']],
    ['takes nested groups by SID', { groups: 'sid', nested: true }, ['S-1-5-21-1', 'S-1-5-21-2', 'S-1-5-21-3']],
    ['takes nested groups by name, where they have one', { groups: 'name', nested: true }, ['app-wiki', 'all']],
    ['takes groups by objectGUID', { groups: 'objectGUID' }, ['00000000-0000-0000-0000-000000000001']],
    ['writes objectGUIDs of groups in base64', { groups: 'objectGUID', as: 'base64' }, ['AAAAAAAAAAAAAAAAAAAAAQ==']],
    [
      'filters groups by name whatever it tells of them',
      { groups: 'sid', nested: true, keep: { equals: 'all' } },
      ['S-1-5-21-2'],
    ],
    ['keeps what equals one of several', { from: 'title', keep: { equals: ['Lead', 'Boss'] } }, ['Lead']],
    ['keeps what begins so, letter by letter', { groups: 'name', keep: { prefix: ['app-m', 'App-w'] } }, ['app-mail']],
    ['keeps what fits as a whole', { groups: 'name', keep: { pattern: 'app-\\w+' } }, ['app-wiki', 'app-mail']],
    ['keeps nothing that fits in part', { groups: 'name', keep: { pattern: 'app' } }, []],
    [
      'keeps groups below an entry, however it is spelled',
      { groups: 'name', keep: { below: 'ou=apps, OU=groups,dc=EXAMPLE,DC=com' } },
      ['app-wiki', 'app-mail'],
    ],
    ['keeps no group that merely ends like it', { groups: 'name', keep: { below: 'OU=pps,OU=Groups,DC=example,DC=com' } }, []],
    ['keeps not the entry itself', { groups: 'name', keep: { below: memberOf[0] ?? '' } }, []],
    ['keeps what all filters let through', { groups: 'name', keep: { prefix: 'app', equals: ['app-wiki', 'x'] } }, ['app-wiki']],
    [
      'captures and puts together',
      { groups: 'name', match: { pattern: 'aws-(\\d{12})-(\\w+)', becomes: '$2@$1 $$ $0' } },
      ['Admin@123456789012 $ aws-123456789012-Admin'],
    ],
    ['writes nothing for a group that took no part', { text: 'b', match: { pattern: '(a)?b', becomes: '<$1>' } }, ['<>']],
    ['leaves out what becomes empty', { text: 'b', match: { pattern: '(a)?b', becomes: '$1' } }, []],
    ['takes values for text, not for templates', { from: 'odd', match: { pattern: '(.+)', becomes: '[$1]' } }, ['[$&]', '[$1]']],
    ['renames', { from: 'title', rename: { Lead: 'Chief' } }, ['Engineer', 'Chief']],
    ['leaves out what it does not rename', { from: 'title', rename: { Lead: 'Chief' }, onlyRenamed: true }, ['Chief']],
    ['renames to one', { from: 'title', rename: { Lead: 'x', Engineer: 'x' } }, ['x']],
    ['renames nothing by inherited names', { text: 'constructor', rename: { a: 'b' }, onlyRenamed: true }, []],
    [
      'goes keep, match, rename',
      {
        groups: 'name',
        keep: { prefix: 'app-' },
        match: { pattern: 'app-(.+)', becomes: '$1' },
        rename: { wiki: 'Wiki', 'app-mail': 'never' },
      },
      ['Wiki', 'mail'],
    ],
    ['writes objectGUID as text', { from: 'objectGUID' }, ['00112233-4455-6677-8899-aabbccddeeff']],
    ['writes objectGUID as Entra’s immutable ID', { from: 'objectGUID', as: 'base64' }, ['MyIRAFVEd2aImaq7zN3u/w==']],
    ['writes objectGUID in hexadecimal', { from: 'objectguid', as: 'hex' }, ['33221100554477668899aabbccddeeff']],
    ['writes certificates in base64 DER', { from: 'userCertificate' }, [base64(0x30, 0x82, 0x01), base64(0x30, 0x00)]],
    ['writes bytes in hexadecimal', { from: 'userCertificate', as: 'hex' }, ['308201', '3000']],
    ['writes GUIDs that it must read', { from: 'mS-DS-ConsistencyGuid', as: 'uuid' }, ['03020100-0504-0706-0809-0a0b0c0d0e0f']],
    ['writes SIDs, and leaves out what is none', { from: 'sIDHistory' }, ['S-1-5-21-1-2-3-500']],
  ];
  for (const [what, rule, expected] of rows) {
    it(what, async () => {
      assert.deepEqual(await values(rule), expected);
    });
  }

  it('bears any Name, NameFormat and FriendlyName', async () => {
    const rules = releaseRules({
      'urn:oid:2.5.4.42': { from: 'givenName', friendlyName: 'givenName' },
      a: { text: 'x', nameFormat: 'urn:example:format' },
      'b c': { text: 'x', nameFormat: 'basic' },
      'http://d': { text: 'x', nameFormat: 'unspecified' },
    });
    const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format:';
    assert.deepEqual(await releasing(registered({ rules }), alice), [
      { name: 'urn:oid:2.5.4.42', nameFormat: `${format}uri`, friendlyName: 'givenName', values: ['Al'] },
      { name: 'a', nameFormat: 'urn:example:format', values: ['x'] },
      { name: 'b c', nameFormat: `${format}basic`, values: ['x'] },
      { name: 'http://d', nameFormat: `${format}unspecified`, values: ['x'] },
    ]);
  });

  const costs: readonly (readonly [what: string, attributes: AttributesConfig, wanted: FurtherWanted | undefined])[] = [
    ['nothing where there is no rule', {}, undefined],
    [
      'nothing for texts, groups by name or DN and identifiers',
      { a: 'title', b: { groups: 'name' }, c: { groups: 'dn' }, d: 'objectSid', e: { from: 'objectGUID', as: 'base64' } },
      undefined,
    ],
    ['certificates alone', { a: 'userCertificate' }, { bytes: ['usercertificate'], groups: undefined }],
    ['SIDs of the token alone', { a: { groups: 'sid', nested: true } }, { bytes: [], groups: { nested: true, entries: false } }],
    [
      'entries for a filter',
      { a: { groups: 'sid', nested: true, keep: { prefix: 'a' } } },
      { bytes: [], groups: { nested: true, entries: true } },
    ],
    ['direct entries for their SIDs', { a: { groups: 'sid' } }, { bytes: [], groups: { nested: false, entries: true } }],
    [
      'what several want, once',
      { a: { groups: 'objectGUID' }, b: { groups: 'sid', nested: true }, c: 'jpegPhoto', d: { from: 'JPEGPHOTO', as: 'hex' } },
      { bytes: ['jpegphoto'], groups: { nested: true, entries: true } },
    ],
  ];
  for (const [what, attributes, wanted] of costs) {
    it(`asks the directory for ${what}`, async () => {
      const asked: FurtherWanted[] = [];
      await releasing(registered({ rules: releaseRules(attributes) }), alice, { further, asked });
      assert.deepEqual(asked, wanted === undefined ? [] : [wanted]);
    });
  }

  it('that does not apply costs nothing', async () => {
    const asked: FurtherWanted[] = [];
    const release = releaseSchema.parse([
      { to: { entityIds: 'urn:other' }, attributes: { a: { groups: 'sid' }, b: 'jpegPhoto' } },
    ]);
    assert.deepEqual(await releasing(registered(), alice, { release, asked }), []);
    assert.deepEqual(asked, []);
  });
});

const names = async (given: Parameters<typeof releasing>[2], to = registered()): Promise<readonly string[]> =>
  (await releasing(to, alice, given)).map(({ name }) => name);

describe('an entry of release', () => {
  const category = 'http://macedir.org/entity-category';
  const uri = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri';
  const scholar = registered({
    entityAttributes: [
      {
        name: category,
        nameFormat: uri,
        values: ['http://example.com/other', 'http://refeds.org/category/research-and-scholarship'],
      },
      { name: 'assurance', nameFormat: uri, values: ['low'] },
    ],
  });
  const research = { name: category, values: 'http://refeds.org/category/research-and-scholarship' };
  const rows: readonly (readonly [what: string, to: unknown, met: boolean])[] = [
    ['everybody', 'everybody', true],
    ['its entity ID', { entityIds: 'https://sp.example.net/' }, true],
    ['one of several entity IDs', { entityIds: ['urn:x', 'https://sp.example.net/'] }, true],
    ['an entity ID that differs by a letter', { entityIds: 'https://sp.example.net' }, false],
    ['an entity ID that differs by case', { entityIds: 'https://SP.example.net/' }, false],
    ['an entity attribute', { entityAttributes: [research] }, true],
    ['an entity attribute of that format', { entityAttributes: [{ ...research, nameFormat: uri }] }, true],
    ['an entity attribute of another format', { entityAttributes: [{ ...research, nameFormat: 'urn:x' }] }, false],
    ['one of several values', { entityAttributes: [{ ...research, values: ['x', research.values] }] }, true],
    ['another value', { entityAttributes: [{ ...research, values: ['x'] }] }, false],
    ['another name', { entityAttributes: [{ ...research, name: 'x' }] }, false],
    ['both entity attributes', { entityAttributes: [research, { name: 'assurance', values: 'low' }] }, true],
    ['one entity attribute of two', { entityAttributes: [research, { name: 'assurance', values: 'high' }] }, false],
    ['entity ID and entity attribute', { entityIds: 'https://sp.example.net/', entityAttributes: [research] }, true],
    ['entity attribute, yet another entity ID', { entityIds: 'urn:x', entityAttributes: [research] }, false],
  ];
  for (const [what, to, met] of rows) {
    it(`for ${what} ${met ? 'is' : 'is not'} applied`, async () => {
      const release = releaseSchema.parse([{ to, attributes: { a: 'title' } }]);
      assert.deepEqual(await names({ release }, scholar), met ? ['a'] : []);
    });
  }

  it('is needed: who is known by metadata alone is told nothing', async () => {
    assert.deepEqual(await names({}, scholar), []);
  });

  it('adds values to those of the service provider’s own rules, each once', async () => {
    const release = releaseSchema.parse([
      { to: 'everybody', attributes: { a: { text: ['y', 'x'] } } },
      { to: 'everybody', attributes: { b: { text: 'z' }, a: { text: 'w', nameFormat: 'uri' } } },
    ]);
    const found = await releasing(registered({ rules: releaseRules({ a: { text: 'x' } }) }), alice, { release });
    assert.deepEqual(
      found.map(({ name, values: all }) => [name, ...all]),
      [
        ['a', 'x', 'y'],
        ['b', 'z'],
        ['a', 'w'],
      ],
    );
  });

  it('says why it was not applied', async () => {
    const release = releaseSchema.parse([
      { to: { entityIds: 'urn:x' }, attributes: { a: 'title' } },
      { to: { requested: 'any' }, attributes: { b: 'title' } },
    ]);
    const request = { address: 'a@example.com', attributeConsumingServiceIndex: undefined };
    const results = await releaseOf({ release }).results(scholar, alice, request);
    assert.deepEqual(
      results.map(({ origin, because }) => [origin, because]),
      [
        ['release.0', 'its entity ID is not listed'],
        ['release.1', 'its metadata does not ask for it'],
      ],
    );
  });
});

describe('what metadata asks for', () => {
  const unspecified = 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified';
  const basic = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';
  const requested = (name: string, more: Partial<RequestedAttribute> = {}): RequestedAttribute => ({
    name,
    nameFormat: unspecified,
    isRequired: false,
    values: [],
    ...more,
  });
  const service = (
    index: number,
    isDefault: boolean,
    ...requestedAttributes: RequestedAttribute[]
  ): AttributeConsumingService => ({
    index,
    isDefault,
    requestedAttributes,
  });
  const asking = registered({
    rules: releaseRules({
      title: { from: 'title', requested: 'any' },
      sn: { from: 'sn', requested: 'required' },
      always: { text: 'x' },
    }),
    attributeConsumingServices: [
      service(1, false, requested('title'), requested('sn', { isRequired: true })),
      service(2, true, requested('title', { nameFormat: basic, values: ['Lead', 'Boss'] }), requested('sn')),
      service(3, false, requested('title', { nameFormat: 'urn:x' }), requested('SN', { isRequired: true })),
      service(4, false, requested('title', { values: ['Lead'] }), requested('title')),
      service(5, false, requested('title', { values: ['Boss'] })),
    ],
  });
  const rows: readonly (readonly [index: number | undefined, found: Record<string, readonly string[]>])[] = [
    [undefined, { title: ['Lead'], always: ['x'] }],
    [1, { title: ['Engineer', 'Lead'], sn: ['Li'], always: ['x'] }],
    [2, { title: ['Lead'], always: ['x'] }],
    [3, { always: ['x'] }],
    [4, { title: ['Engineer', 'Lead'], always: ['x'] }],
    [5, { always: ['x'] }],
  ];
  for (const [index, found] of rows) {
    it(`counts by index ${String(index)}`, async () => {
      const told = await releasing(asking, alice, index === undefined ? {} : { index });
      assert.deepEqual(Object.fromEntries(told.map(({ name, values: all }) => [name, all])), found);
    });
  }

  it('has no service of another index, which is refused', async () => {
    for (const index of [0, 6, 65_535]) {
      await assert.rejects(
        releasing(asking, alice, { index }),
        (error) => error instanceof Refusal && error.reason === 'attribute-consuming-service-unknown',
      );
    }
  });

  it('means nothing by an index where it has no services', async () => {
    const { rules } = asking;
    assert.deepEqual(await releasing(registered({ rules }), alice, { index: 7 }), await releasing(registered({ rules }), alice));
  });

  it('is not known of Google, whose index means nothing', async () => {
    const google = registered({ kind: 'google-profile', rules: releaseRules({ a: { text: 'x' } }) });
    assert.deepEqual(await names({ index: 7 }, google), ['a']);
  });

  it('counts for whole entries of release', async () => {
    const release = releaseSchema.parse([{ to: { requested: 'required' }, attributes: { sn: 'sn', title: 'title' } }]);
    const to = { ...asking, rules: [] };
    assert.deepEqual(await names({ release, index: 1 }, to), ['sn']);
    assert.deepEqual(await names({ release, index: 2 }, to), []);
  });
});

describe('a preset', () => {
  const expected: Readonly<Record<(typeof presetNames)[number], Readonly<Record<string, readonly string[]>>>> = {
    google: {},
    'google-workforce': {
      'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': [
        'app-wiki',
        'app-mail',
        'aws-123456789012-Admin',
        'vpn, remote (EU)',
      ],
    },
    aws: {
      'https://aws.amazon.com/SAML/Attributes/Role': [
        'arn:aws:iam::123456789012:role/Admin,arn:aws:iam::123456789012:saml-provider/passerelle',
      ],
      'https://aws.amazon.com/SAML/Attributes/RoleSessionName': ['alice@example.com'],
      'https://aws.amazon.com/SAML/Attributes/SessionDuration': ['3600'],
    },
    'microsoft-entra': { IDPEmail: ['alice@corp.example'], 'http://schemas.xmlsoap.org/claims/UPN': ['alice@corp.example'] },
    'github-enterprise': { username: ['alice'], full_name: ['Alice'], emails: ['alice@example.com'] },
    slack: { 'User.Email': ['alice@example.com'], 'User.Username': ['alice'], first_name: ['Al'], last_name: ['Li'] },
    atlassian: {
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname': ['Al'],
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname': ['Li'],
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': ['00112233-4455-6677-8899-aabbccddeeff'],
    },
    grafana: {
      displayName: ['Alice'],
      mail: ['alice@example.com'],
      login: ['alice'],
      groups: ['app-wiki', 'app-mail', 'aws-123456789012-Admin', 'vpn, remote (EU)'],
    },
  };
  for (const name of presetNames) {
    it(`${name} tells what the service documents, and is itself a sound configuration`, async () => {
      const asked: FurtherWanted[] = [];
      const { attributes } = presets[name];
      const told = await releasing(registered({ rules: releaseRules(attributes) }), alice, { asked });
      assert.deepEqual(Object.fromEntries(told.map((one) => [one.name, one.values])), expected[name]);
      assert.deepEqual(asked, []);
      releaseSchema.parse([{ to: 'everybody', attributes }]);
    });
  }

  it('stands in the administrators’ guide with its attributes and the name that it knows people by', () => {
    const spans = (cell: string | undefined): readonly string[] =>
      [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);
    const told = { persistent: 'persistent', emailAddress: 'the address', transient: '', none: '' } as const;
    const rows = pageAt('docs/administrator.md').rows.filter(
      ([name, , nameID]) => nameID !== undefined && spans(name)[0] !== undefined,
    );
    for (const name of presetNames) {
      const { attributes, nameId } = presets[name];
      const row = rows.find(([cell]) => spans(cell)[0] === name);
      assert.deepEqual(spans(row?.[1]), Object.keys(attributes), name);
      const expectedName =
        nameId.persistent === undefined ? told[nameId.format ?? 'none'] : 'the objectGUID in base64 (immutable ID)';
      assert.equal(row?.[2], expectedName, name);
    }
  });

  it('slack has names of no format', async () => {
    const told = await releasing(registered({ rules: releaseRules(presets.slack.attributes) }), alice);
    for (const { nameFormat } of told) assert.equal(nameFormat, 'urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified');
  });
});

describe('whatever the rules', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '-', '$', '1', 'é', '<'), maxLength: 4 });
  const text = word.filter((value) => value !== '');
  const shape = fc.record(
    {
      keep: fc.record({ prefix: text, pattern: fc.constantFrom('.*', '[ab]+', 'a.*') }, { requiredKeys: [] }),
      match: fc.record({
        pattern: fc.constantFrom('(.)(.*)', '(a|b)+', '.*(-).*'),
        becomes: fc.constantFrom('$1', '<$0>', '$$'),
      }),
      rename: fc.dictionary(text, text, { maxKeys: 3 }),
      requested: fc.constantFrom('any' as const, 'required' as const),
    },
    { requiredKeys: [] },
  );
  const source = fc.constantFrom<ReleaseRuleConfig>(
    { from: 'title' },
    { from: 'odd' },
    { text: ['a', 'b-'] },
    { address: true },
    { groups: 'name' },
  );
  const attributes = fc.dictionary(
    fc.constantFrom('a', 'b', 'c'),
    fc.tuple(source, shape).map(([from, more]): ReleaseRuleConfig => ({ ...from, ...more })),
    { maxKeys: 3 },
  );
  const people = fc.record({ title: fc.array(word, { maxLength: 4 }), odd: fc.array(word, { maxLength: 3 }) });

  it('nothing goes out that no rule makes, in an order that is always the same, each value once', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, attributes, people, async (own, shared, read) => {
        const release = releaseSchema.parse([{ to: 'everybody', attributes: shared }]);
        const to = registered({ rules: releaseRules(own) });
        const person = somebody({ attributes: { ...read, memberOf } });
        const told = await releasing(to, person, { release });
        assert.deepEqual(await releasing(to, person, { release }), told);
        const request = { address: 'alice@example.com', attributeConsumingServiceIndex: undefined };
        const results = await releaseOf({ release }).results(to, person, request);
        for (const { name, nameFormat, values: all } of told) {
          const made = results
            .filter(({ rule }) => rule.name === name && rule.nameFormat === nameFormat)
            .flatMap((one) => one.values);
          assert.deepEqual(all, [...new Set(made)]);
          assert.ok(all.length > 0 && !all.includes(''));
        }
        // The metadata asks for nothing.
        assert.ok(results.every(({ rule, because }) => rule.requested === undefined || because !== undefined));
        const filters = results.filter(({ rule }) => rule.match === undefined && rule.rename === undefined);
        for (const { evaluation } of filters)
          assert.ok(evaluation?.values.every((value) => evaluation.found.includes(value)) ?? true);
      }),
    );
  });
});

/** Which attributes go out, to whom, and under which names. */
import assert from 'node:assert/strict';
import type { ForeignServiceProvider, MetadataOptions } from '../fixtures/foreign-service-provider.ts';
import type { HouseOptions } from '../fixtures/house.ts';
import { attribute, all } from './dom.ts';
import { type Question, signIn } from './exchange.ts';
import { type Answer, type GivenAttribute, judge } from './judge.ts';
import { at, type Known, plain } from './partners.ts';
import { requirement } from './requirement.ts';
import { credential, stage } from './stage.ts';

const nameFormat = (name: string): string => `urn:oasis:names:tc:SAML:2.0:attrname-format:${name}`;
const [uri, basic, unspecified] = ['uri', 'basic', 'unspecified'].map(nameFormat) as [string, string, string];
const sites = new Map<string, ForeignServiceProvider>();
const sp = (name: string): ForeignServiceProvider => sites.get(name) ?? assert.fail(name);

/** Names and formats as an administrator might want them. */
const spellings: readonly (readonly [string, string | undefined, string])[] = [
  ['urn:oid:2.5.4.4', 'uri', uri],
  ['sn', 'basic', basic],
  ['Family name', 'unspecified', unspecified],
  ['https://example.com/claims/sn?a=b&c=d#e', 'uri', uri],
  ['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname', 'urn:example:format', 'urn:example:format'],
  ['<"名字" & \'\u{1F600}\'>', 'basic', basic],
  ['x'.repeat(256), 'https://example.com/formats/%C3%A9', 'https://example.com/formats/%C3%A9'],
  ['of no format', undefined, unspecified],
];

const requested = (name: string, format: string, more = '', content = ''): string =>
  `<md:RequestedAttribute Name="${name}" NameFormat="${format}"${more}>${content}</md:RequestedAttribute>`;
const consuming = (index: number, more: string, ...attributes: readonly string[]): string =>
  `<md:AttributeConsumingService index="${String(index)}"${more}><md:ServiceName xml:lang="en">s</md:ServiceName>${attributes.join('')}</md:AttributeConsumingService>`;
const value = (text: string): string =>
  `<saml:AttributeValue xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${text}</saml:AttributeValue>`;
const entityAttributes = (name: string, ...values: readonly string[]): string =>
  '<md:Extensions><mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute">' +
  `<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="${name}" NameFormat="${uri}">` +
  `${values.map((each) => `<saml:AttributeValue>${each}</saml:AttributeValue>`).join('')}</saml:Attribute></mdattr:EntityAttributes></md:Extensions>`;
const category = 'http://macedir.org/entity-category';
const research = 'http://refeds.org/category/research-and-scholarship';

const wanted: Readonly<Record<string, MetadataOptions>> = {
  spellings: {},
  'by-id': {},
  stranger: {},
  scholar: { extensions: entityAttributes(category, 'http://example.com/category/other', research) },
  'other-category': { extensions: entityAttributes(category, 'http://example.com/category/other') },
  'other-name': { extensions: entityAttributes('http://example.com/name', research) },
  asking: {
    attributeConsumingServices:
      consuming(1, '', requested('mail', basic, ' isRequired="true"'), requested('sn', basic, ' isRequired="false"')) +
      consuming(2, ' isDefault="true"', requested('sn', basic)) +
      consuming(7, '', requested('department', basic, '', value('Engineering')), requested('givenName', basic, '', value('Bob'))),
  },
  'asking-in-another-format': { attributeConsumingServices: consuming(1, '', requested('mail', uri), requested('sn', basic)) },
  'asking-nothing': {},
};

const requestedRules = { mail: { from: 'mail', requested: 'any' }, sn: { from: 'sn', requested: 'any' } } as const;
const moreRules = {
  department: { from: 'department', requested: 'any' },
  givenName: { from: 'givenName', requested: 'any' },
} as const;

const open = stage(async (): Promise<HouseOptions> => {
  const key = await credential();
  for (const name of Object.keys(wanted)) sites.set(name, at(name, key));
  const attributes: Readonly<Record<string, NonNullable<Known['attributes']>>> = {
    spellings: Object.fromEntries(
      spellings.map(([name, format]) => [name, { from: 'sn', ...(format !== undefined && { nameFormat: format }) }]),
    ),
    asking: { ...requestedRules, ...moreRules },
    'asking-in-another-format': requestedRules,
    'asking-nothing': requestedRules,
  };
  return {
    metadata: [...sites].map(([name, site]) => plain(site, wanted[name], { attributes: attributes[name] ?? {} })),
    config: {
      release: [
        { to: { entityIds: sp('by-id').entityID }, attributes: { employeeNumber: 'employeeID' } },
        {
          to: { entityAttributes: [{ name: category, values: research }] },
          attributes: { displayName: 'sn', groups: { groups: 'name' } },
        },
      ],
    },
  };
});

async function given(name: string, question: Question = {}): Promise<Answer> {
  const set = await open();
  return judge(set, sp(name), await signIn(set, sp(name), question));
}
const names = ({ attributes }: Answer): readonly string[] => attributes.map(({ name }) => name).toSorted();
const named = ({ attributes }: Answer, name: string): GivenAttribute =>
  attributes.find((each) => each.name === name) ?? assert.fail(name);

requirement('IIP-IDP01', 'attributes of any Name and any NameFormat', (prove) => {
  for (const [name, , format] of spellings) {
    prove(
      `a Name of ${String([...name].length)} characters in ${format.split(/[:/]/).at(-1) ?? ''}: ${/^[\w:./ ]{0,60}$/.test(name) ? name : 'with every kind of character'}`,
      async () => {
        const found = named(await given('spellings'), name);
        assert.equal(found.nameFormat, format);
        assert.deepEqual(found.values, ['Liddell']);
      },
    );
  }
  prove('several values are several AttributeValues of one Attribute', async () => {
    const { values } = named(await given('scholar'), 'groups');
    assert.deepEqual(values.toSorted(), ['engineering', 'vpn, remote (EU)']);
  });
  prove('an attribute without a value is left out whole', async () => {
    const { assertion } = await given('by-id', { person: 'zoe' });
    assert.equal(all('saml:AttributeStatement', assertion).length, 0);
  });
  prove('no attribute is written twice', async () => {
    const { assertion } = await given('spellings');
    const found = all('saml:AttributeStatement/saml:Attribute', assertion).map((each) => attribute(each, 'Name'));
    assert.equal(new Set(found).size, found.length);
  });
});

requirement('IIP-IDP02', 'release by entity ID', (prove) => {
  prove('the service provider that is named gets the attribute', async () => {
    assert.deepEqual(named(await given('by-id'), 'employeeNumber').values, ['1001']);
  });
  prove('one that is not named gets none', async () => {
    assert.deepEqual(names(await given('stranger')), []);
  });
});

requirement('IIP-IDP03', 'release by entity attributes', (prove) => {
  prove('one of the values is enough', async () => {
    assert.deepEqual(names(await given('scholar')), ['displayName', 'groups']);
  });
  prove('another value gets nothing', async () => {
    assert.deepEqual(names(await given('other-category')), []);
  });
  prove('the value under another Name gets nothing', async () => {
    assert.deepEqual(names(await given('other-name')), []);
  });
});

requirement('IIP-IDP04', 'release by AttributeConsumingService and RequestedAttribute', (prove) => {
  prove('without an index, the default service counts', async () => {
    assert.deepEqual(names(await given('asking')), ['sn']);
  });
  for (const [index, expected] of [
    ['1', ['mail', 'sn']],
    ['2', ['sn']],
    ['7', ['department']],
  ] as const) {
    prove(`index ${index} chooses what is released, and which values`, async () => {
      const answer = await given('asking', { attributes: { AttributeConsumingServiceIndex: index } });
      assert.deepEqual(names(answer), expected);
    });
  }
  prove('an index that metadata does not have releases nothing more than the default, or is an error', async () => {
    const set = await open();
    const outcome = await signIn(set, sp('asking'), { attributes: { AttributeConsumingServiceIndex: '9' } });
    const xml = Buffer.from(outcome.page.form?.fields.SAMLResponse ?? '', 'base64').toString();
    if (!xml.includes(':status:Success"')) assert.match(xml, /:status:(Requester|RequestUnsupported|RequestDenied)"/);
    else assert.ok(names(judge(set, sp('asking'), outcome)).every((name) => name === 'sn'));
  });
  prove('an attribute asked for in another NameFormat is another attribute', async () => {
    assert.deepEqual(names(await given('asking-in-another-format')), ['sn']);
  });
  prove('where metadata requests nothing, what is released on request is not', async () => {
    assert.deepEqual(names(await given('asking-nothing')), []);
  });
  prove('isRequired alone can be what counts', async () => {
    const set = await open();
    assert.equal(set.house.configuration.release.length, 2);
    const answer = await given('asking', { attributes: { AttributeConsumingServiceIndex: '1' } });
    assert.deepEqual(named(answer, 'mail').values, ['alice@example.com']);
  });
});

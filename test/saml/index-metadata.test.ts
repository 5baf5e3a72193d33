/** Metadata documents: groups and what they hand down, signatures against pinned keys, times, and children that are left out. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import fc from 'fast-check';
import { SignedXml } from 'xml-crypto';
import { indexMetadata, type MetadataIndex, type MetadataRules } from '../../src/saml/index-metadata.ts';
import { MetadataDocument, openMetadata } from '../../src/saml/metadata-document.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { base64Of, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf, signCanonical } from '../fixtures/metadata-aggregate.ts';
import { xmlsec1 } from '../fixtures/xmlsec1.ts';

const urn = 'urn:oasis:names:tc:SAML:2.0';
const now = Date.parse('2026-07-01T10:00:00Z');
const day = 86_400_000;
const lax: MetadataRules = { keys: [], requireValidUntil: false, validAtMost: undefined, now, clockSkew: 0 };
const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';

let credential: Credential;
let other: Credential;
before(async () => {
  [credential, other] = await Promise.all([makeCredential('federation'), makeCredential('other')]);
});

/** A small entity, with what stands in its start tag and its role. */
const small = (name: string, attributes = '', content = '', prefix = 'md'): string =>
  `<${prefix}:EntityDescriptor entityID="https://${name}.example.net/"${attributes}>` +
  `<${prefix}:SPSSODescriptor protocolSupportEnumeration="${urn}:protocol">${content}` +
  `<${prefix}:AssertionConsumerService Binding="${urn}:bindings:HTTP-POST" Location="https://${name}.example.net/acs" index="0"/>` +
  `</${prefix}:SPSSODescriptor></${prefix}:EntityDescriptor>`;
const group = (content: string, attributes = ''): string =>
  `<md:EntitiesDescriptor xmlns:md="${urn}:metadata"${attributes}>${content}</md:EntitiesDescriptor>`;
const inner = (content: string, attributes = ''): string =>
  `<md:EntitiesDescriptor${attributes}>${content}</md:EntitiesDescriptor>`;
const at = (offset: number): string => new Date(now + offset).toISOString();

const index = (xml: string, rules: Partial<MetadataRules> = {}): MetadataIndex =>
  indexMetadata(Buffer.from(xml), { ...lax, ...rules });
const namesOf = ({ entities }: MetadataIndex): readonly string[] =>
  entities.map(({ entityID }) => entityID.replace(/^https:\/\/|\.example\.net\/$/g, ''));
const keyOf = ({ certificate }: Credential) => createPublicKey(certificate);

/** Signed by xml-crypto, as others sign. */
function signedByOthers(
  xml: string,
  { prefixes = [] as string[], key = credential.privateKey, transforms = [enveloped, c14n] } = {},
): string {
  const signed = new SignedXml({ privateKey: key, signatureAlgorithm: rsaSha256, canonicalizationAlgorithm: c14n });
  signed.addReference({ xpath: '/*', transforms, digestAlgorithm: sha256, inclusiveNamespacesPrefixList: prefixes });
  signed.computeSignature(xml, { prefix: 'ds', location: { reference: '/*', action: 'prepend' } });
  return signed.getSignedXml();
}

function assertMistake(act: () => unknown, message: RegExp): void {
  assert.throws(act, (error) => error instanceof MetadataMistake && message.test(error.message) && error.message.length < 300);
}

describe('a document', () => {
  it('IIP-MD02: is one entity or groups within groups, with any number of children', () => {
    assert.deepEqual(namesOf(index(small('a').replace('entityID', `xmlns:md="${urn}:metadata" entityID`))), ['a']);
    assert.deepEqual(namesOf(index(group(''))), []);
    const nested = group(
      `${small('a')}${inner(`${inner('')}${small('b')}`)}\n<!-- x -->${inner(inner(small('c')))}${small('d')}`,
    );
    assert.deepEqual(namesOf(index(`<?xml version="1.0" encoding="UTF-8"?>\n<!-- by us -->\n${nested}\n<?end?>\n`)), [
      'a',
      'b',
      'c',
      'd',
    ]);
    assert.deepEqual(namesOf(index(`\uFEFF${nested}`)), ['a', 'b', 'c', 'd']);
  });

  it('hands namespaces down, whatever their names', () => {
    const odd = 'urn:x?a=1&amp;b=&quot;2&quot;';
    const xml = `<e:EntitiesDescriptor xmlns:e="${urn}:metadata" xmlns:x="${odd}"><e:EntitiesDescriptor xmlns:f="${urn}:metadata" xmlns:e="urn:else">${small('a', ' x:y="1"', '', 'f')}</e:EntitiesDescriptor></e:EntitiesDescriptor>`;
    assert.match(index(xml).mistakes[0]?.sentence ?? '', /EntitiesDescriptor stands where/);
    const good = `<e:EntitiesDescriptor xmlns:e="${urn}:metadata" xmlns:x="${odd}"><e:EntitiesDescriptor xmlns:f="${urn}:metadata">${small('a', ' x:y="1"', '', 'f')}</e:EntitiesDescriptor></e:EntitiesDescriptor>`;
    assert.deepEqual(namesOf(index(good)), ['a']);
    const byDefault = `<EntitiesDescriptor xmlns="${urn}:metadata">${small('a').replaceAll('md:', '')}</EntitiesDescriptor>`;
    assert.deepEqual(namesOf(index(byDefault)), ['a']);
  });

  it('hands entity attributes, times and affiliations down', () => {
    const attribute = (value: string): string =>
      `<md:Extensions><mdattr:EntityAttributes xmlns:mdattr="urn:oasis:names:tc:SAML:metadata:attribute"><s:Attribute xmlns:s="${urn}:assertion" Name="urn:category"><s:AttributeValue>${value}</s:AttributeValue></s:Attribute></mdattr:EntityAttributes></md:Extensions>`;
    const affiliation = `<md:EntityDescriptor entityID="urn:club"><md:AffiliationDescriptor affiliationOwnerID="https://a.example.net/"><md:AffiliateMember>\nhttps://b.example.net/ </md:AffiliateMember></md:AffiliationDescriptor></md:EntityDescriptor>`;
    const xml = group(
      `${attribute('outer')}${small('a')}${affiliation}${inner(`${attribute('inner')}${small('b')}`, ` validUntil="${at(day)}"`)}`,
      ` validUntil="${at(2 * day)}" cacheDuration="P1DT2H"`,
    );
    const document = openMetadata(Buffer.from(xml), lax);
    assert.equal(document.index.validUntil, now + 2 * day);
    assert.equal(document.index.cacheDuration, 26 * 3_600_000);
    const valuesOf = (name: string, judged: MetadataRules = lax): unknown =>
      document.find(`https://${name}.example.net/`, judged)?.entityAttributes.map(({ values }) => values);
    assert.deepEqual(valuesOf('a'), [['outer']]);
    assert.deepEqual(valuesOf('b'), [['outer'], ['inner']]);
    assert.deepEqual(document.find('https://b.example.net/', lax)?.affiliations, ['urn:club']);
    assert.deepEqual(document.find('https://a.example.net/', lax)?.affiliations, []);
    assert.equal(document.find('urn:club', lax), undefined);
    const later = { ...lax, now: now + day };
    assertMistake(
      () => valuesOf('b', later),
      /^Line 2: the element EntitiesDescriptor was valid until 2026-07-02T10:00:00.000Z only/,
    );
    assert.deepEqual(valuesOf('a', later), [['outer']]);
    assert.deepEqual(valuesOf('b', { ...later, clockSkew: 1 }), [['outer'], ['inner']]);
  });

  it('gives the same value each time it is asked', () => {
    const document = openMetadata(Buffer.from(group(small('a'))), lax);
    assert.equal(document.find('https://a.example.net/', lax), document.find('https://a.example.net/', lax));
    for (const unknown of ['', 'https://A.example.net/', '__proto__', 'constructor'])
      assert.equal(document.find(unknown, lax), undefined);
  });

  it('passes over identity providers', () => {
    const idp = small('idp').replaceAll('SPSSODescriptor', 'IDPSSODescriptor');
    const found = index(group(`${idp}${small('a')}`));
    assert.deepEqual([namesOf(found), found.others, found.mistakes], [['a'], 1, []]);
  });

  const leftOut: readonly (readonly [what: string, child: string, sentence: RegExp, line: number, entityID?: string])[] = [
    [
      'a certificate that is none',
      small(
        'x',
        '',
        `\n<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
      ),
      /X509Certificate does not hold a certificate/,
      4,
      'https://x.example.net/',
    ],
    [
      'no endpoint',
      small('x').replace(/<md:Assertion[^>]*>/, ''),
      /SPSSODescriptor has no AssertionConsumerService/,
      3,
      'https://x.example.net/',
    ],
    [
      'a past validUntil',
      small('x', ' validUntil="2020-01-01T00:00:00Z"'),
      /EntityDescriptor was valid until 2020/,
      3,
      'https://x.example.net/',
    ],
    ['no entityID', small('x').replace(/ entityID="[^"]*"/, ''), /EntityDescriptor has no entityID/, 3],
    ['a prefix that is not declared', small('x', ' y:z="1"'), /a prefix that is not declared/, 3],
    ['an attribute twice', small('x', ' a="1" a="2"'), /the attribute a twice/, 3],
    ['a CDATA section', small('x', '', '<![CDATA[x]]>'), /CDATA/, 3],
    ['an entity that is not predefined', small('x', '', '\n\n<a/>&x;'), /malformed reference/, 5],
    ['tags that cross', small('x', '', '<md:a><md:b></md:a></md:b>'), /an end tag that matches no start tag/, 3],
    ['the same entity again', small('a'), /repeats an entityID/, 3, 'https://a.example.net/'],
    ['something else', '<md:RoleDescriptor/>', /RoleDescriptor does not belong here/, 3],
    [
      'an entity of another namespace',
      small('x').replace('<md:EntityDescriptor', '<md:EntityDescriptor xmlns:md="urn:x"'),
      /not in the namespace/,
      3,
    ],
    ['a past group', inner(small('x'), ' validUntil="2020-01-01T00:00:00Z"'), /EntitiesDescriptor was valid until/, 3],
    [
      'extensions that say nothing',
      '<md:Extensions><m:EntityAttributes xmlns:m="urn:oasis:names:tc:SAML:metadata:attribute"><s:Attribute xmlns:s="urn:oasis:names:tc:SAML:2.0:assertion"/></m:EntityAttributes></md:Extensions>',
      /Attribute has no Name/,
      3,
    ],
  ];
  for (const [what, child, sentence, line, entityID] of leftOut) {
    it(`leaves out a child with ${what}, tells of it, and keeps the others`, () => {
      const found = index(group(`\n${small('a')}\n${child}\n${small('b')}`));
      assert.deepEqual(namesOf(found), ['a', 'b']);
      const [mistake, ...others] = found.mistakes;
      assert.deepEqual(others, []);
      assert.match(mistake?.sentence ?? '', sentence);
      assert.deepEqual([mistake?.line, mistake?.entityID], [line, entityID]);
    });
  }

  it('says of an entity that was left out why it was', () => {
    const document = openMetadata(Buffer.from(group(`\n${small('x', ' validUntil="2020-01-01T00:00:00Z"')}`)), lax);
    assertMistake(() => document.find('https://x.example.net/', lax), /^Line 2: the element EntityDescriptor was valid until/);
  });

  const unusable: readonly (readonly [what: string, xml: string, message: RegExp])[] = [
    ['nothing', '', /no root element/],
    ['text', 'hello', /no root element/],
    ['a DOCTYPE', `<!DOCTYPE x>${group('')}`, /^Line 1: .*DOCTYPE/],
    ['a DOCTYPE inside', group('\n<!DOCTYPE x>'), /^Line 2: .*DOCTYPE/],
    ['text before', `x${group('')}`, /text outside/],
    ['two roots', `${group('')}\n${group('')}`, /^Line 2: .*second root/],
    ['an open group', group('').replace(/<\/.*/, ''), /not closed/],
    ['an open child', `${group('').replace(/<\/.*/, '')}<a>`, /not closed/],
    ['an open tag', `<md:EntitiesDescriptor a="`, /a tag does not end/],
    ['an open comment', `${group('')}<!-- `, /a comment does not end/],
    ['an open instruction', `${group('')}<?x `, /a processing instruction does not end/],
    ['an open CDATA section', group('<a><![CDATA[</a>'), /a CDATA section does not end/],
    ['an end tag too many', `${group('')}</a>`, /matches no start tag/],
    ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${group('')}`, /XML declaration/],
    ['another root', '<a/>', /element a stands where/],
    ['a root of another namespace', '<EntitiesDescriptor/>', /stands where/],
    ['groups without end', '<md:EntitiesDescriptor>'.repeat(50), /too many groups/],
    [
      'one broken entity',
      small('a').replace('entityID', `xmlns:md="${urn}:metadata" validUntil="2020-01-01T00:00:00Z" entityID`),
      /was valid until/,
    ],
    [
      'one that is no service provider',
      small('a').replaceAll('SPSSO', 'IDPSSO').replace('entityID', `xmlns:md="${urn}:metadata" entityID`),
      /no SPSSODescriptor/,
    ],
    ['a cacheDuration that is none', group('', ' cacheDuration="1 day"'), /cacheDuration that is no length of time/],
  ];
  /** Beyond it the document is not read as a whole to say more exactly what is wrong. */
  const padding = `<!-- ${'x'.repeat(1_000_000)} -->`;
  for (const [what, xml, message] of unusable) {
    it(`cannot be ${what}, however long it is`, () => {
      assertMistake(() => index(xml), /this is not usable XML|the element/);
      if (!xml.startsWith('<?xml')) assertMistake(() => index(padding + xml), message);
    });
  }

  it('cannot be other bytes than UTF-8', () => {
    const bytes = Buffer.from(group(small('a')));
    assertMistake(() => indexMetadata(Buffer.concat([Buffer.from([0xff]), bytes]), lax), /not UTF-8/);
    bytes[bytes.indexOf('example')] = 0xff;
    assert.match(indexMetadata(bytes, lax).mistakes[0]?.sentence ?? '', /not UTF-8/);
  });

  it('never ends in anything but an index or a mistake', () => {
    const original = group(`${small('a')}<!-- -->${inner(small('b', ' validUntil="2030-01-01T00:00:00Z"'))}`, ' ID="_a"');
    const change = fc.record({
      at: fc.nat({ max: original.length }),
      removed: fc.nat({ max: 30 }),
      inserted: fc.string({ unit: 'binary', maxLength: 8 }),
    });
    fc.assert(
      fc.property(change, ({ at: from, removed, inserted }) => {
        const bytes = Buffer.from(original.slice(0, from) + inserted + original.slice(from + removed));
        try {
          const document = new MetadataDocument(bytes, indexMetadata(bytes, lax));
          for (const { entityID } of document.index.entities) document.find(entityID, lax);
        } catch (error) {
          assert.ok(error instanceof MetadataMistake, String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('IIP-MD04: times', () => {
  const strict = { requireValidUntil: true, validAtMost: 7 * day, clockSkew: 60_000 };
  const rows: readonly (readonly [what: string, attributes: string, message: RegExp | undefined])[] = [
    ['none', '', /has no validUntil, which this source must have/],
    ['past', ` validUntil="${at(-60_000)}"`, /was valid until/],
    ['past within the clock skew (IIP-G01)', ` validUntil="${at(-59_999)}"`, undefined],
    ['far ahead', ` validUntil="${at(7 * day + 60_001)}"`, /further ahead than this source may be/],
    ['as far ahead as it may be', ` validUntil="${at(7 * day)}"`, undefined],
    ['no instant', ' validUntil="tomorrow"', /no instant in UTC/],
  ];
  for (const [what, attributes, message] of rows) {
    it(`${message === undefined ? 'takes' : 'refuses'} a validUntil: ${what}`, () => {
      const act = () => index(group(small('a'), attributes), strict);
      if (message === undefined) assert.deepEqual(namesOf(act()), ['a']);
      else assertMistake(act, message);
    });
  }
  it('asks nothing where nothing is configured', () => {
    assert.deepEqual(namesOf(index(group(small('a'), ` validUntil="${at(9_999 * day)}"`))), ['a']);
  });
  const durations: readonly (readonly [text: string, milliseconds: number])[] = [
    ['PT1S', 1_000],
    ['PT1.5S', 1_000],
    ['P1Y2M3DT4H5M6S', (365 + 60 + 3) * day + 4 * 3_600_000 + 5 * 60_000 + 6_000],
    ['PT0S', 0],
  ];
  for (const [text, milliseconds] of durations) {
    it(`reads the cacheDuration ${text}`, () => {
      assert.equal(index(group('', ` cacheDuration="${text}"`)).cacheDuration, milliseconds);
    });
  }
  for (const text of ['', 'P', 'PT', 'P1', '-P1D', 'P1DT', 'PT1D', 'P1.5D']) {
    it(`reads no cacheDuration in "${text}"`, () => {
      assertMistake(() => index(group('', ` cacheDuration="${text}"`)), /cacheDuration/);
    });
  }
});

describe('IIP-MD03: the signature of the root', () => {
  const several = (): string =>
    aggregateOf(
      [0, 1, 2].map((number) => entityOf(number, base64Of(credential))),
      { signedBy: credential },
    );
  const withKey = (...credentials: Credential[]): Partial<MetadataRules> => ({ keys: credentials.map(keyOf) });

  it('is verified by a pinned key, one of several', () => {
    assert.equal(index(several(), withKey(credential)).entities.length, 3);
    assert.equal(index(several(), withKey(other, credential)).entities.length, 3);
  });

  it('is not looked at where no key is pinned', () => {
    assert.equal(index(several().replace('sp1', 'sp9')).entities.length, 3);
  });

  // xml-crypto leaves processing instructions out of its canonical form, which libxml2 and the standard do not.
  it('is taken as xml-crypto makes it, with all that a document may hold', () => {
    const odd = group(
      `\n<!-- left out -->${small('a', " y='&lt;&#10;&quot;' x = \"2\" xml:lang='en'", 'é&#x1F600;&#13;\t<md:Extensions xmlns:unused="urn:u"><x xmlns=""/></md:Extensions>')}\n`,
      ' ID="_a" xmlns:b="urn:b" xmlns:a="urn:a" b:z="1" a:z="2"',
    );
    for (const prefixes of [[], ['b'], ['unused', 'xs', 'md']]) {
      const signed = signedByOthers(odd, { prefixes });
      assert.deepEqual(namesOf(index(signed, withKey(credential))), ['a'], prefixes.join(' '));
    }
    const alone = signedByOthers(small('a').replace('entityID', `xmlns:md="${urn}:metadata" ID="_e" entityID`));
    assert.deepEqual(namesOf(index(alone, withKey(credential))), ['a']);
  });

  it('is taken as xmlsec1 makes it, by RSA and by ECDSA, of the whole document and of the root', () => {
    const folder = mkdtempSync(join(tmpdir(), 'passerelle-xmlsec-'));
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const keys = [
      [rsaSha256, credential.privateKey, keyOf(credential)],
      ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', privateKey.export({ type: 'pkcs8', format: 'pem' }), publicKey],
    ] as const;
    try {
      for (const [algorithm, pem, key] of keys) {
        for (const uri of ['', '#_a']) {
          const template =
            `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${c14n}"/>` +
            `<ds:SignatureMethod Algorithm="${algorithm}"/><ds:Reference URI="${uri}"><ds:Transforms><ds:Transform Algorithm="${enveloped}"/>` +
            `<ds:Transform Algorithm="${c14n}"><ec:InclusiveNamespaces xmlns:ec="${c14n}" PrefixList="xs #default"/></ds:Transform></ds:Transforms>` +
            `<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`;
          const xml = `<?xml version="1.0"?>\n<?before it?><!-- and a comment -->\n${group(`${template}\n${small('a')}<!-- x -->\r\n`, ' ID="_a" xmlns:xs="urn:xs" xmlns="urn:d"')}\n<?after it?>\n`;
          const [input, private_, output] = ['in.xml', 'key.pem', 'out.xml'].map((name) => join(folder, name)) as [
            string,
            string,
            string,
          ];
          writeFileSync(input, xml);
          writeFileSync(private_, pem);
          const ids = ['--id-attr:ID', `${urn}:metadata:EntitiesDescriptor`];
          xmlsec1(['--sign', '--privkey-pem', private_, ...ids, '--output', output, input]);
          assert.deepEqual(namesOf(index(readFileSync(output, 'utf8'), { keys: [key] })), ['a'], `${algorithm} ${uri}`);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const spoilt: readonly (readonly [what: string, spoil: (xml: string) => string, message: RegExp])[] = [
    [
      'none',
      () => aggregateOf([entityOf(0, base64Of(credential))]),
      /^Line 1: the element EntitiesDescriptor is not signed, and a key is pinned/,
    ],
    [
      'one by another key',
      () => aggregateOf([entityOf(0, base64Of(credential))], { signedBy: other }),
      /Signature fits none of the keys/,
    ],
    [
      'another entityID',
      (xml) => xml.replace('https://sp1.example.net/metadata', 'https://sp1.evil.example/metadata'),
      /fits none/,
    ],
    [
      'an entity taken away',
      (xml) => xml.replace(/<md:EntityDescriptor entityID="https:\/\/sp1.*?<\/md:EntityDescriptor>/s, ''),
      /fits none/,
    ],
    ['an entity more', (xml) => xml.replace('</md:EntitiesDescriptor>', `${small('evil')}</md:EntitiesDescriptor>`), /fits none/],
    [
      'an attribute of the root',
      (xml) => xml.replace('ID="_aggregate"', 'ID="_aggregate" validUntil="2099-01-01T00:00:00Z"'),
      /fits none/,
    ],
    ['white space', (xml) => xml.replace('</md:EntitiesDescriptor>', ' </md:EntitiesDescriptor>'), /fits none/],
    ['an instruction', (xml) => xml.replace('</md:EntitiesDescriptor>', '<?x?></md:EntitiesDescriptor>'), /fits none/],
    ['another ID', (xml) => xml.replace('ID="_aggregate"', 'ID="_other"'), /is not one enveloped signature/],
    ['two signatures', (xml) => xml.replace(/(<ds:Signature .*<\/ds:Signature>)/s, '$1$1'), /second of its kind/],
    [
      'a signature of another namespace',
      (xml) => xml.replaceAll('http://www.w3.org/2000/09/xmldsig#"', 'urn:x"'),
      /not one enveloped/,
    ],
    [
      'SHA-1',
      (xml) => xml.replace('2001/04/xmldsig-more#rsa-sha256', '2000/09/xmldsig#rsa-sha1'),
      /algorithm that is not allowed/,
    ],
    ['HMAC', (xml) => xml.replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256'), /algorithm that is not allowed/],
    [
      'a SHA-1 digest',
      (xml) => xml.replace('http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1'),
      /algorithm that is not allowed/,
    ],
    ['an XPath transform', (xml) => xml.replace(enveloped, 'http://www.w3.org/TR/1999/REC-xpath-19991116'), /not one enveloped/],
    [
      'inclusive canonicalization',
      (xml) => xml.replaceAll(c14n, 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'),
      /not one enveloped/,
    ],
    ['an empty SignatureValue', (xml) => xml.replace(/<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>'), /not one enveloped/],
    [
      'markup that has no canonical form',
      (xml) => xml.replace('</md:EntitiesDescriptor>', '&x;</md:EntitiesDescriptor>'),
      /no canonical form/,
    ],
    ['a ds:Object', (xml) => xml.replace('</ds:Signature>', '<ds:Object/></ds:Signature>'), /not one enveloped/],
  ];
  for (const [what, spoil, message] of spoilt) {
    it(`refuses ${what}`, () => {
      assertMistake(() => index(spoil(several()), withKey(credential)), message);
    });
  }

  it('of a child does not stand for that of the root', () => {
    const child = signCanonical(
      `<md:EntityDescriptor xmlns:md="${urn}:metadata" ID="_c" entityID="https://a.example.net/">`,
      '</md:EntityDescriptor>',
      '_c',
      credential,
    );
    assertMistake(() => index(group(child), withKey(credential)), /EntitiesDescriptor is not signed/);
  });

  it('IIP-MD12: takes the key of an expired certificate', () => {
    assert.equal(index(several(), { ...withKey(credential), now: now + 100 * 365 * day }).entities.length, 3);
  });

  it('holds for whatever document xml-crypto signs', () => {
    const text = fc.array(
      fc.constantFrom('x', ' ', '\n', '&amp;', '&lt;', '&#13;', 'é', '😀', '<!-- c -->', '<md:Extensions/>'),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(text, text, fc.subarray(['md', 'q', 'none']), (inside, between, prefixes) => {
        const xml = group(
          `${small('a', ' q:r="1"', inside.join(''))}${between.join('')}${small('b')}`,
          ' ID="_a" xmlns:q="urn:q"',
        );
        assert.deepEqual(namesOf(index(signedByOthers(xml, { prefixes }), withKey(credential))), ['a', 'b']);
      }),
      { numRuns: 60 },
    );
  });
});

describe('ten thousand entities', () => {
  it('are indexed and each is found', () => {
    const certificate = base64Of(credential);
    const bytes = Buffer.from(
      aggregateOf(
        Array.from({ length: 10_000 }, (_, number) => entityOf(number, certificate)),
        { signedBy: credential },
      ),
    );
    const document = openMetadata(bytes, { ...lax, keys: [keyOf(credential)] });
    assert.equal(document.index.entities.length, 10_000);
    for (const number of [0, 5_000, 9_999]) {
      assert.equal(document.find(entityIDOf(number), lax)?.assertionConsumerServices.length, 3);
    }
  });
});

/** What metadata say beside where answers go: keys of every form, algorithms, requested attributes, entity attributes, endpoints. */
import assert from 'node:assert/strict';
import { ECDH, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { attributeNameFormats, bindings, namespaces } from '../../src/saml/names.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { readServiceProviderMetadata } from '../fixtures/read-service-provider.ts';
import { base64Of, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { entityID, now } from './requests.ts';

const acs = `<md:AssertionConsumerService Binding="${bindings.httpPost}" Location="https://sp.example.com/acs" index="0"/>`;

interface Parts {
  readonly entity?: string;
  readonly role?: string;
  /** In the role: before the endpoints that answers go to, these, and after them. */
  readonly content?: string;
  readonly services?: string;
  readonly after?: string;
}
const read = ({ entity = '', role = '', content = '', services = acs, after = '' }: Parts) =>
  readServiceProviderMetadata(
    `<md:EntityDescriptor xmlns:md="${namespaces.metadata}" xmlns:ds="${namespaces.ds}" xmlns:dsig11="${namespaces.dsig11}" xmlns:saml="${namespaces.assertion}" xmlns:alg="${namespaces.alg}" entityID="${entityID}">\n${entity}` +
      `<md:SPSSODescriptor protocolSupportEnumeration="${namespaces.protocol}"${role}>\n${content}${services}${after}</md:SPSSODescriptor></md:EntityDescriptor>`,
    now,
  );
function assertMistake(parts: Parts, message: RegExp): void {
  assert.throws(
    () => read(parts),
    (error) => error instanceof MetadataMistake && message.test(error.message),
  );
}

const descriptor = (keyInfo: string, use = '', methods = ''): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo>${keyInfo}</ds:KeyInfo>${methods}</md:KeyDescriptor>`;
const base64 = (value: string | undefined): string => Buffer.from(value ?? '', 'base64url').toString('base64');
const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64');
const rsaKeyValue = (key: KeyObject): string => {
  const { n, e } = key.export({ format: 'jwk' });
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
};
const oids: Readonly<Record<string, string>> = {
  'P-256': '1.2.840.10045.3.1.7',
  'P-384': '1.3.132.0.34',
  'P-521': '1.3.132.0.35',
};
const openssl: Readonly<Record<string, string>> = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };
const point = (key: KeyObject, format: 'compressed' | 'uncompressed'): string => {
  const { crv = '', x = '', y = '' } = key.export({ format: 'jwk' });
  const whole = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return Buffer.from(ECDH.convertKey(whole, openssl[crv] ?? '', undefined, undefined, format)).toString('base64');
};
const ecKeyValue = (curve: string, value: string): string =>
  `<ds:KeyValue><dsig11:ECKeyValue><dsig11:NamedCurve URI="${curve}"/><dsig11:PublicKey>${value}</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>`;
const derKeyValue = (value: string): string => `<dsig11:DEREncodedKeyValue>${value}</dsig11:DEREncodedKeyValue>`;
const x509 = (value: string): string =>
  `<ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName><ds:X509Certificate>${value}</ds:X509Certificate></ds:X509Data>`;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const second = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 768 });
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
const curves = Object.keys(oids).map((name) => [name, generateKeyPairSync('ec', { namedCurve: name })] as const);
const [[, p256]] = curves as [(typeof curves)[number]];
const bitcoin = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const ed25519 = generateKeyPairSync('ed25519');
let certificate = '';
before(async () => {
  certificate = base64Of(await makeCredential());
});

describe('keys', () => {
  const signing = (content: string): readonly string[] => read({ content }).signingKeys.map(spki);

  for (const [name, { publicKey }] of curves) {
    for (const format of ['uncompressed', 'compressed'] as const) {
      it(`are read from an ECKeyValue: ${name}, ${format}`, () => {
        assert.deepEqual(signing(descriptor(ecKeyValue(`urn:oid:${oids[name] ?? ''}`, point(publicKey, format)))), [
          spki(publicKey),
        ]);
      });
    }
  }
  for (const [what, { publicKey }] of [
    ['RSA', rsa],
    ['RSASSA-PSS', pss],
    ['P-256', p256],
  ] as const) {
    it(`are read from a DEREncodedKeyValue: ${what}`, () => {
      assert.deepEqual(signing(descriptor(derKeyValue(spki(publicKey)))), [spki(publicKey)]);
    });
  }

  it('IIP-MD07, IIP-MD08: are any number, each for its use, in their order', () => {
    const content =
      descriptor(rsaKeyValue(rsa.publicKey), ' use="signing"') +
      descriptor(rsaKeyValue(second.publicKey), ' use="encryption"') +
      descriptor(derKeyValue(spki(p256.publicKey))) +
      descriptor(x509(certificate)) +
      descriptor(rsaKeyValue(rsa.publicKey), ' use="encryption"');
    const { signingKeys, encryptionKeys } = read({ content });
    assert.equal(signingKeys.length, 3);
    assert.deepEqual(
      signingKeys.slice(0, 2).map(spki),
      [rsa, p256].map(({ publicKey }) => spki(publicKey)),
    );
    assert.equal(encryptionKeys.length, 3);
    assert.deepEqual(
      [encryptionKeys[0], encryptionKeys[2]].map((each) => each && spki(each.key)),
      [second, rsa].map(({ publicKey }) => spki(publicKey)),
    );
  });

  it('IIP-MD11: without use serve both', () => {
    const { signingKeys, encryptionKeys } = read({ content: descriptor(x509(certificate)) });
    assert.deepEqual([signingKeys.length, encryptionKeys.length], [1, 1]);
  });

  it('bear the methods that they are to be used by', () => {
    const methods =
      `<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/>` +
      `<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><x:MGF xmlns:x="${namespaces.xenc11}" Algorithm="urn:mgf"/></md:EncryptionMethod>`;
    assert.deepEqual(read({ content: descriptor(rsaKeyValue(rsa.publicKey), '', methods) }).encryptionKeys[0]?.methods, [
      { algorithm: 'http://www.w3.org/2009/xmlenc11#aes128-gcm', digest: undefined, mgf: undefined },
      {
        algorithm: 'http://www.w3.org/2009/xmlenc11#rsa-oaep',
        digest: 'http://www.w3.org/2001/04/xmlenc#sha256',
        mgf: 'urn:mgf',
      },
    ]);
  });

  it('in several forms are one', () => {
    const forms = `<ds:KeyName>x</ds:KeyName>${rsaKeyValue(rsa.publicKey)}${derKeyValue(spki(rsa.publicKey))}<other xmlns="urn:x"/>`;
    assert.deepEqual(signing(descriptor(forms)), [spki(rsa.publicKey)]);
  });

  const unused: readonly (readonly [what: string, keyInfo: string])[] = [
    ['a name alone', '<ds:KeyName>x</ds:KeyName>'],
    ['another curve', derKeyValue(spki(bitcoin.publicKey))],
    ['a curve by parameters', '<ds:KeyValue><dsig11:ECKeyValue><dsig11:ECParameters/></dsig11:ECKeyValue></ds:KeyValue>'],
    ['an unknown curve', ecKeyValue('urn:oid:1.2.3', 'AAAA')],
    ['Ed25519', derKeyValue(spki(ed25519.publicKey))],
    ['DSA', '<ds:KeyValue><ds:DSAKeyValue><ds:Y>AAAA</ds:Y></ds:DSAKeyValue></ds:KeyValue>'],
    ['nothing', ''],
  ];
  for (const [what, keyInfo] of unused) {
    it(`of kinds without use here are passed over: ${what}`, () => {
      const { signingKeys, encryptionKeys } = read({ content: descriptor(keyInfo) });
      assert.deepEqual([signingKeys, encryptionKeys], [[], []]);
    });
  }

  it('that only sign are none to encrypt to', () => {
    assert.deepEqual(
      read({ content: descriptor(derKeyValue(spki(p256.publicKey))) + descriptor(derKeyValue(spki(pss.publicKey))) })
        .encryptionKeys,
      [],
    );
  });

  const mistakes: readonly (readonly [what: string, keyInfo: string, message: RegExp])[] = [
    [
      'a point that is not on the curve',
      ecKeyValue(`urn:oid:${oids['P-256'] ?? ''}`, Buffer.concat([Buffer.of(4), Buffer.alloc(64, 1)]).toString('base64')),
      /Line 3: the element ECKeyValue does not hold a point of its curve/,
    ],
    [
      'a point of another curve',
      ecKeyValue(`urn:oid:${oids['P-384'] ?? ''}`, point(p256.publicKey, 'uncompressed')),
      /ECKeyValue does not hold a point/,
    ],
    [
      'no point',
      '<ds:KeyValue><dsig11:ECKeyValue><dsig11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/></dsig11:ECKeyValue></ds:KeyValue>',
      /ECKeyValue has no PublicKey/,
    ],
    ['bytes that are no key', derKeyValue('AAAA'), /DEREncodedKeyValue does not hold a public key/],
    [
      'two keys',
      rsaKeyValue(rsa.publicKey) + derKeyValue(spki(second.publicKey)),
      /DEREncodedKeyValue holds another key than the rest/,
    ],
    ['a weak key', rsaKeyValue(weak.publicKey), /RSAKeyValue holds an RSA key of 768 bits/],
    [
      'no modulus',
      '<ds:KeyValue><ds:RSAKeyValue><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>',
      /RSAKeyValue has no Modulus/,
    ],
  ];
  for (const [what, keyInfo, message] of mistakes) {
    it(`cannot be ${what}`, () => {
      assertMistake({ content: descriptor(keyInfo) }, message);
    });
  }
});

describe('endpoints', () => {
  const service = (binding: string, index: number, more = ''): string =>
    `<md:AssertionConsumerService Binding="${binding}" Location="https://sp.example.com/${String(index)}" index="${String(index)}"${more}/>`;

  for (const binding of [bindings.httpPost, bindings.httpArtifact, bindings.paos]) {
    it(`are enough where one is over ${binding}`, () => {
      assert.equal(read({ services: service(binding, 0) }).assertionConsumerServices[0]?.binding, binding);
    });
  }
  it('IIP-SSO06: are all kept, with a default for browsers and of each other binding', () => {
    const services =
      service(bindings.httpPost, 0) +
      service(bindings.httpPost, 1, ' isDefault="true"') +
      service(bindings.httpArtifact, 2) +
      service(bindings.paos, 3) +
      service('urn:unknown', 4);
    assert.deepEqual(
      read({ services }).assertionConsumerServices.map(({ index, isDefault }) => [index, isDefault]),
      [
        [0, false],
        [1, true],
        [2, false],
        [3, true],
        [4, true],
      ],
    );
  });
  it('IIP-IDP20: of single logout are kept with their response locations', () => {
    const content = `<md:SingleLogoutService Binding="${bindings.soap}" Location="https://sp.example.com/soap"/><md:SingleLogoutService Binding="${bindings.httpRedirect}" Location="https://sp.example.com/slo" ResponseLocation="https://sp.example.com/slr"/>`;
    assert.deepEqual(read({ content }).singleLogoutServices, [
      { binding: bindings.soap, location: 'https://sp.example.com/soap' },
      { binding: bindings.httpRedirect, location: 'https://sp.example.com/slo', responseLocation: 'https://sp.example.com/slr' },
    ]);
    assertMistake(
      { content: content.replace('https://sp.example.com/slr', 'javascript:alert(1)') },
      /SingleLogoutService has a ResponseLocation/,
    );
  });
});

describe('attributes', () => {
  const requested = (more: string, values = ''): string => `<md:RequestedAttribute ${more}>${values}</md:RequestedAttribute>`;
  const consuming = (attributes: string, content: string): string =>
    `<md:AttributeConsumingService ${attributes}><md:ServiceName xml:lang="en">x</md:ServiceName>${content}</md:AttributeConsumingService>`;

  it('IIP-IDP04: are requested by name, format and value', () => {
    const after =
      consuming(
        'index="1"',
        requested(
          'Name="urn:a" NameFormat="urn:f" isRequired="true" FriendlyName="a"',
          '<saml:AttributeValue>\n one </saml:AttributeValue><saml:AttributeValue>two</saml:AttributeValue>',
        ) + requested('Name="b"'),
      ) + consuming('index="7" isDefault="true"', requested('Name="c"'));
    const attribute = { nameFormat: attributeNameFormats.unspecified, values: [], isRequired: false };
    assert.deepEqual(read({ after }).attributeConsumingServices, [
      {
        index: 1,
        isDefault: false,
        requestedAttributes: [
          { name: 'urn:a', nameFormat: 'urn:f', values: ['one', 'two'], isRequired: true },
          { ...attribute, name: 'b' },
        ],
      },
      { index: 7, isDefault: true, requestedAttributes: [{ ...attribute, name: 'c' }] },
    ]);
  });
  it('cannot be requested without a name or twice under one index', () => {
    assertMistake({ after: consuming('index="1"', requested('NameFormat="x"')) }, /RequestedAttribute has no Name/);
    assertMistake(
      { after: consuming('index="1"', '') + consuming('index="1"', '') },
      /AttributeConsumingService repeats index="1"/,
    );
    assertMistake({ after: consuming('', '') }, /AttributeConsumingService has no index/);
  });
  it('IIP-IDP03: of the entity are read; assertions about it are passed over', () => {
    const entity = `<md:Extensions><x:EntityAttributes xmlns:x="${namespaces.mdattr}"><saml:Attribute Name="urn:category" NameFormat="${attributeNameFormats.uri}"><saml:AttributeValue>urn:1</saml:AttributeValue><saml:AttributeValue>urn:2</saml:AttributeValue></saml:Attribute><saml:Assertion/></x:EntityAttributes></md:Extensions>`;
    assert.deepEqual(read({ entity }).entityAttributes, [
      { name: 'urn:category', nameFormat: attributeNameFormats.uri, values: ['urn:1', 'urn:2'] },
    ]);
  });
});

describe('IIP-MD10: algorithms', () => {
  const of = (content: string): string => `<md:Extensions>${content}</md:Extensions>`;
  const digests = '<alg:DigestMethod Algorithm="urn:d1"/><alg:DigestMethod Algorithm="urn:d2"/>';
  it('are read in their order, with the sizes of keys', () => {
    const entity = of(
      `${digests}<alg:SigningMethod Algorithm="urn:s1" MinKeySize="256" MaxKeySize="511"/><alg:SigningMethod Algorithm="urn:s2"/>`,
    );
    assert.deepEqual(read({ entity }).algorithmSupport, {
      digests: ['urn:d1', 'urn:d2'],
      signings: [{ algorithm: 'urn:s1', minKeySize: 256, maxKeySize: 511 }, { algorithm: 'urn:s2' }],
    });
  });
  it('of the role stand before those of the entity, kind by kind', () => {
    const entity = of(`${digests}<alg:SigningMethod Algorithm="urn:s1"/>`);
    assert.deepEqual(read({ entity, content: of('<alg:DigestMethod Algorithm="urn:d3"/>') }).algorithmSupport, {
      digests: ['urn:d3'],
      signings: [{ algorithm: 'urn:s1' }],
    });
  });
  it('are told wrong where they have no name or a size that is none', () => {
    assertMistake({ entity: of('<alg:DigestMethod/>') }, /DigestMethod has no Algorithm/);
    assertMistake({ entity: of('<alg:SigningMethod Algorithm="x" MinKeySize="big"/>') }, /SigningMethod has MinKeySize="big"/);
  });
});

describe('IIP-EXT01: what nobody here knows', () => {
  it('breaks nothing', () => {
    const unknown = '<md:Extensions><x:y xmlns:x="urn:x" x:z="1"><x:deep><x:deeper/></x:deep></x:y></md:Extensions>';
    const provider = read({
      entity: unknown,
      role: ' xmlns:o="urn:o" o:p="q"',
      content: unknown,
      services: acs.replace('/>', ' xmlns:o="urn:o" o:p="q"><o:child/></md:AssertionConsumerService>'),
      after: '<o:Unknown xmlns:o="urn:o"/>',
    });
    assert.equal(provider.entityID, entityID);
    assert.equal(provider.assertionConsumerServices.length, 1);
  });
});

/** Metadata of service providers: what is taken from it, and mistakes told with their line. */
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { X509CertificateGenerator } from '@peculiar/x509';
import fc from 'fast-check';
import { bindings, nameIDFormats, namespaces } from '../../src/saml/names.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { readServiceProviderMetadata } from '../fixtures/read-service-provider.ts';
import { ec, entityID, now, rsa } from './requests.ts';

const acsElement = (
  attributes = 'index="0"',
  location = 'https://sp.example.com/acs',
  binding: string = bindings.httpPost,
): string => `<md:AssertionConsumerService Binding="${binding}" Location="${location}" ${attributes}/>`;

interface Parts {
  readonly entity?: string;
  readonly role?: string;
  readonly content?: string;
  readonly services?: string;
}

const metadata = ({ entity = `entityID="${entityID}"`, role = '', content = '', services = acsElement() }: Parts = {}): string =>
  `<?xml version="1.0"?>\n<!-- made by hand -->\n<md:EntityDescriptor xmlns:md="${namespaces.metadata}" xmlns:ds="${namespaces.ds}" ${entity}>\n` +
  `<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:1.1:protocol ${namespaces.protocol}" ${role}>\n${content}\n${services}\n</md:SPSSODescriptor>\n` +
  `<?editor x?></md:EntityDescriptor>\n`;

const read = (parts: Parts = {}) => readServiceProviderMetadata(metadata(parts), now);
const descriptor = (keyInfo: string, use = ''): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo>${keyInfo}</ds:KeyInfo></md:KeyDescriptor>`;
const x509 = (...certificates: string[]): string =>
  `<ds:X509Data>${certificates.map((certificate) => `<ds:X509Certificate>${certificate}</ds:X509Certificate>`).join('')}</ds:X509Data>`;
const number = (value: string | undefined): string => Buffer.from(value ?? '', 'base64url').toString('base64');
const keyValue = (key: KeyObject): string => {
  const { n, e } = key.export({ format: 'jwk' });
  return `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${number(n)}</ds:Modulus><ds:Exponent>${number(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
};
const spki = (key: KeyObject | undefined): string => String(key?.export({ type: 'spki', format: 'pem' }));

describe('reading metadata', () => {
  let certificate = '';
  let certified: KeyObject;
  before(async () => {
    const algorithm = {
      name: 'RSASSA-PKCS1-v1_5',
      hash: 'SHA-256',
      publicExponent: new Uint8Array([1, 0, 1]),
      modulusLength: 2048,
    };
    const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const expired = { notBefore: new Date('2001-01-01'), notAfter: new Date('2002-01-01') };
    const made = await X509CertificateGenerator.createSelfSigned({
      name: 'CN=nobody',
      keys,
      signingAlgorithm: algorithm,
      ...expired,
    });
    certificate = (
      Buffer.from(made.rawData)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    ).join('\n');
    certified = createPublicKey({ key: Buffer.from(made.publicKey.rawData), format: 'der', type: 'spki' });
  });

  it('takes what it says', () => {
    const content =
      `${descriptor(keyValue(rsa.publicKey), ' use="signing"')}<md:NameIDFormat>\n ${nameIDFormats.persistent}\n</md:NameIDFormat>` +
      `<md:NameIDFormat>urn:a<!-- -->b</md:NameIDFormat>`;
    const provider = read({ role: 'AuthnRequestsSigned="true" WantAssertionsSigned="1"', content });
    const { signingKeys, ...rest } = provider;
    assert.deepEqual(signingKeys.map(spki), [spki(rsa.publicKey)]);
    assert.deepEqual(rest, {
      entityID,
      assertionConsumerServices: [
        { index: 0, binding: bindings.httpPost, location: 'https://sp.example.com/acs', isDefault: true },
      ],
      singleLogoutServices: [],
      attributeConsumingServices: [],
      entityAttributes: [],
      encryptionKeys: [],
      algorithmSupport: { digests: undefined, signings: undefined },
      authnRequestsSigned: true,
      wantAssertionsSigned: true,
      nameIDFormats: [nameIDFormats.persistent, 'urn:ab'],
      affiliations: [],
    });
    assert.equal(readServiceProviderMetadata(`\uFEFF${metadata()}`, now).authnRequestsSigned, false);
  });

  it('IIP-MD07, IIP-MD11: takes any number of signing keys, those without use as well', () => {
    const content =
      descriptor(x509(certificate)) +
      descriptor(keyValue(rsa.publicKey), ' use="signing"') +
      descriptor(keyValue(rsa.publicKey), ' use="encryption"');
    assert.deepEqual(read({ content }).signingKeys.map(spki), [certified, rsa.publicKey].map(spki));
  });

  it('IIP-MD12: takes the key of an expired certificate', () =>
    assert.equal(spki(read({ content: descriptor(x509(certificate)) }).signingKeys[0]), spki(certified)));

  it('passes over keys of kinds that verify nothing here', () => {
    assert.deepEqual(read({ content: descriptor('<ds:KeyName>x</ds:KeyName>') }).signingKeys, []);
    assert.ok(spki(ec.publicKey).length > 0);
  });

  it('IIP-MD05: is not disturbed by extensions', () => {
    const content =
      '<md:Extensions><ui:UIInfo xmlns:ui="urn:oasis:names:tc:SAML:metadata:ui"><ui:DisplayName xml:lang="en">x</ui:DisplayName></ui:UIInfo></md:Extensions>';
    assert.equal(read({ content, entity: `entityID="${entityID}" x:y="1" xmlns:x="relative"` }).entityID, entityID);
  });

  const defaults: readonly (readonly [what: string, services: string, index: number])[] = [
    ['the one that says so', acsElement('index="3"') + acsElement('index="1" isDefault="true"'), 1],
    ['the first that says so', acsElement('index="3" isDefault="1"') + acsElement('index="1" isDefault="true"'), 3],
    [
      'the first that does not deny it',
      acsElement('index="3" isDefault="false"') + acsElement('index="1"') + acsElement('index="0"'),
      1,
    ],
    ['the first of those that deny it', acsElement('index="3" isDefault="false"') + acsElement('index="1" isDefault="0"'), 3],
    [
      'the first of its binding',
      acsElement('index="1"') + acsElement('index="2" isDefault="true"', 'https://sp.example.com/a', 'urn:other:binding'),
      1,
    ],
  ];
  for (const [what, services, index] of defaults) {
    it(`saml-metadata §2.2.3: the default is ${what}`, () => {
      assert.deepEqual(
        read({ services }).assertionConsumerServices.flatMap(({ isDefault, binding, index: found }) =>
          isDefault && binding === bindings.httpPost ? [found] : [],
        ),
        [index],
      );
    });
  }

  it('passes over endpoints on plain http, but for this machine', () => {
    const { assertionConsumerServices, singleLogoutServices } = read({
      content: [
        'http://sp.example.com/slo',
        'http://localhost:8080/slo',
        'https://sp.example.com/slo" ResponseLocation="http://sp.example.com/',
      ]
        .map((location) => `<md:SingleLogoutService Binding="${bindings.httpPost}" Location="${location}"/>`)
        .join(''),
      services: [
        'http://sp.example.com/acs',
        'https://sp.example.com/acs',
        'http://[::1]:8080/acs',
        'http://localhost.evil.example/acs',
      ]
        .map((location, index) => acsElement(`index="${String(index)}"${index === 0 ? ' isDefault="true"' : ''}`, location))
        .join(''),
    });
    assert.deepEqual(
      assertionConsumerServices.map(({ index, location, isDefault }) => [index, location, isDefault]),
      [
        [1, 'https://sp.example.com/acs', true],
        [2, 'http://[::1]:8080/acs', false],
      ],
    );
    assert.deepEqual(
      singleLogoutServices.map(({ location }) => location),
      ['http://localhost:8080/slo'],
    );
  });

  it('believes it until validUntil', () => {
    assert.equal(read({ entity: `entityID="${entityID}" validUntil="2026-07-01T10:00:06Z"` }).entityID, entityID);
  });

  const mistakes: readonly (readonly [what: string, xml: string | Parts, message: RegExp])[] = [
    ['no XML', 'hello', /^Line 1: .*text outside the root element/],
    ['nothing', '', /no root element/],
    ['an unclosed element', metadata().replace('</md:SPSSODescriptor>', ''), /^Line 8: .*an end tag that matches no start tag/],
    ['a DOCTYPE', `<!DOCTYPE x>${metadata()}`, /DOCTYPE/],
    ['much', { content: ' '.repeat(500_000) }, /^Line 3: the element EntityDescriptor is longer than 500000 bytes/],
    [
      'another root',
      `<md:RoleDescriptor xmlns:md="${namespaces.metadata}"/>`,
      /^Line 1: the element RoleDescriptor stands where/,
    ],
    ['no entityID', { entity: '' }, /^Line 3: the element EntityDescriptor has no entityID/],
    ['an endless entityID', { entity: `entityID="${'x'.repeat(1025)}"` }, /^Line 3: .*entityID/],
    ['past metadata', { entity: `entityID="${entityID}" validUntil="2026-07-01T10:00:05Z"` }, /^Line 3: .*valid until/],
    ['a past role', { role: 'validUntil="2020-01-01T00:00:00Z"' }, /^Line 4: the element SPSSODescriptor was valid until/],
    ['a validUntil that is no instant', { role: 'validUntil="tomorrow"' }, /^Line 4: .*no instant/],
    ['an identity provider', metadata().replaceAll('SPSSODescriptor', 'IDPSSODescriptor'), /^Line 3: .*no SPSSODescriptor/],
    ['SAML 1.1 alone', metadata().replace(` ${namespaces.protocol}"`, '"'), /^Line 3: .*no SPSSODescriptor/],
    ['no AssertionConsumerService', { services: '' }, /^Line 4: .*HTTP-POST/],
    [
      'no AssertionConsumerService over a binding that can be answered',
      { services: acsElement('index="0"', undefined, bindings.httpRedirect) },
      /^Line 4: .*HTTP-POST, HTTP-Artifact or PAOS/,
    ],
    ['no index', { services: acsElement('') }, /^Line 6: the element AssertionConsumerService has no index/],
    ['an index that is no number', { services: acsElement('index="x"') }, /^Line 6: .*index="x"/],
    ['an index beyond its type', { services: acsElement('index="65536"') }, /^Line 6: .*65536/],
    ['an index twice', { services: `${acsElement()}\n${acsElement()}` }, /^Line 7: .*repeats index="0"/],
    ['isDefault that is no boolean', { services: acsElement('index="0" isDefault="yes"') }, /^Line 6: .*neither true nor false/],
    ['a script as the Location', { services: acsElement(undefined, 'javascript:alert(1)') }, /^Line 6: .*Location/],
    ['a relative Location', { services: acsElement(undefined, '/acs') }, /^Line 6: .*Location/],
    ['a Location with a blank', { services: acsElement(undefined, 'https://sp.example.com/a b') }, /^Line 6: .*Location/],
    ['a Location with a password', { services: acsElement(undefined, 'https://a:b@sp.example.com/') }, /^Line 6: .*Location/],
    [
      'plain http alone',
      { services: acsElement(undefined, 'http://sp.example.com/acs') },
      /^Line 6: the element AssertionConsumerService has a Location on plain http/,
    ],
    ['a KeyDescriptor without KeyInfo', { content: '<md:KeyDescriptor/>' }, /^Line 5: the element KeyDescriptor/],
    ['another use', { content: descriptor('', ' use="both"') }, /^Line 5: .*use/],
    [
      'a certificate that is not base64',
      { content: descriptor(x509('*')) },
      /^Line 5: the element X509Certificate does not hold base64/,
    ],
    ['base64 that is no certificate', { content: descriptor(x509('AAAA')) }, /^Line 5: .*does not hold a certificate/],
    ['two certificates in one KeyDescriptor', { content: descriptor(x509('AAAA', 'AAAA')) }, /^Line 5: .*second certificate/],
    [
      'an RSA key without exponent',
      { content: descriptor(keyValue(rsa.publicKey).replace(/<ds:Exponent>.*<\/ds:Exponent>/, '')) },
      /^Line 5: .*no Exponent/,
    ],
    ['signed requests without a key', { role: 'AuthnRequestsSigned="true"' }, /^Line 4: .*AuthnRequestsSigned/],
    ['AuthnRequestsSigned that is no boolean', { role: 'AuthnRequestsSigned="maybe"' }, /^Line 4: .*maybe/],
  ];
  for (const [what, given, message] of mistakes) {
    it(`tells of ${what}`, () => {
      const xml = typeof given === 'string' ? given : metadata(given);
      assert.throws(
        () => readServiceProviderMetadata(xml, now),
        (error) => error instanceof MetadataMistake && message.test(error.message) && error.message.length < 300,
      );
    });
  }

  it('never ends in anything but a service provider or a mistake', () => {
    const original = metadata({ content: descriptor(keyValue(rsa.publicKey)) });
    const change = fc.record({
      at: fc.nat({ max: original.length }),
      removed: fc.nat({ max: 30 }),
      inserted: fc.string({ unit: 'binary', maxLength: 8 }),
    });
    fc.assert(
      fc.property(change, ({ at, removed, inserted }) => {
        try {
          readServiceProviderMetadata(original.slice(0, at) + inserted + original.slice(at + removed), now);
        } catch (error) {
          assert.ok(error instanceof MetadataMistake, String(error));
        }
      }),
      { numRuns: 1000 },
    );
  });
});

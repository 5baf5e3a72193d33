/** What goes out is judged by others: xml-crypto, xmlsec1, node-saml and the standards' schemas, over generated inputs. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SAML } from '@node-saml/node-saml';
import fc from 'fast-check';
import { algorithmUri } from '../../src/config/algorithm-names.ts';
import { Refusal } from '../../src/refusal.ts';
import { createAlgorithmPolicy } from '../../src/saml/algorithm-policy.ts';
import { capabilitiesOf } from '../../src/saml/capabilities.ts';
import { buildMetadata } from '../../src/saml/metadata.ts';
import type { NameID } from '../../src/saml/name-id.ts';
import { bindings, nameIDFormats } from '../../src/saml/names.ts';
import { buildFailure, buildSuccess, type Attribute, type Success } from '../../src/saml/response.ts';
import { certificatePem, signer } from '../fixtures/signing-key.ts';
import { assertValidBySchema, assertVerifiedByXmlsec, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const now = Date.now();
const acs = 'https://sp.example.net/acs?x=1&y="2"';
const success: Success & { readonly nameID: NameID } = {
  id: '_0123456789abcdef0123456789abcdef',
  issuer: 'https://idp.example.com/saml/metadata',
  issueInstant: now,
  destination: acs,
  inResponseTo: 'abcdefghijklmnopabcdefghijklmnopabcdefgh',
  assertionID: '_fedcba9876543210fedcba9876543210',
  audience: 'https://sp.example.net/',
  nameID: { format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', value: 'alice@example.com' },
  notBefore: now - 60_000,
  notOnOrAfter: now + 240_000,
  authnInstant: now - 5_000,
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  sessionIndex: '_session',
  sessionNotOnOrAfter: now + 3_600_000,
  attributes: [],
  sign: { response: true, assertion: true },
};

const isXmlText = (text: string): boolean => text.isWellFormed() && !/[^\P{Cc}\t\n\r\u007F-\u009F]|[\uFFFE\uFFFF]/u.test(text);
const nasty = fc.constantFrom(
  '{Tag}',
  ']]>',
  '&',
  '&amp;',
  '<b>',
  '"',
  "'",
  '\r\n',
  '\t',
  '\u0085',
  '\u2028',
  '{NameID}',
  '<!--',
  '<?x?>',
  '😀',
  '测试',
  '\u00a0',
);
const text = fc
  .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 8 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter(isXmlText);
const attributes: fc.Arbitrary<Attribute[]> = fc.array(
  fc.record({
    name: text,
    nameFormat: fc.constant('urn:oasis:names:tc:SAML:2.0:attrname-format:basic'),
    values: fc.array(text, { maxLength: 3 }),
  }),
  { maxLength: 4 },
);
const signs = fc.constantFrom(
  { response: true, assertion: true },
  { response: true, assertion: false },
  { response: false, assertion: true },
);

const nodeSaml = (parts: { response: boolean; assertion: boolean }): SAML =>
  new SAML({
    callbackUrl: acs,
    entryPoint: 'https://idp.example.com/saml/sso',
    issuer: success.audience,
    audience: success.audience,
    idpCert: certificatePem,
    idpIssuer: success.issuer,
    wantAuthnResponseSigned: parts.response,
    wantAssertionsSigned: parts.assertion,
    validateInResponseTo: 'never' as never,
  });

describe('a Response of success', () => {
  it('is verified by xml-crypto and read by node-saml as it was meant, whatever the directory holds', async () => {
    await fc.assert(
      fc.asyncProperty(attributes, text, signs, async (given, nameID, sign) => {
        const xml = await buildSuccess(
          { ...success, attributes: given, nameID: { ...success.nameID, value: `n${nameID}n` }, sign },
          signer,
        );
        if (sign.assertion) verifiedByXmlCrypto(xml, 'Assertion', certificatePem);
        if (sign.response) verifiedByXmlCrypto(xml, 'Response', certificatePem);
        const { profile } = await nodeSaml(sign).validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString('base64') });
        assert.ok(profile !== null);
        // node-saml parses the canonical bytes again, with a parser that takes these two for line ends.
        assert.equal(profile.nameID, `n${nameID}n`.replace(/\r\u0085|[\u0085\u2028]/g, '\n'));
        assert.equal(profile.sessionIndex, '_session');
      }),
      { numRuns: 60 },
    );
  });

  it('is verified by xmlsec1, and its very bytes are what exclusive canonicalization gives', async () => {
    const samples = fc.sample(fc.tuple(attributes, signs), 12);
    for (const [given, sign] of samples) {
      const xml = await buildSuccess({ ...success, attributes: given, sign }, signer);
      if (sign.assertion) assertVerifiedByXmlsec(xml, 'Assertion', certificatePem);
      if (sign.response) assertVerifiedByXmlsec(xml, 'Response', certificatePem);
      if (sign.response) {
        const covered = verifiedByXmlCrypto(xml, 'Response', certificatePem);
        const end = xml.indexOf('</ds:Signature>') + '</ds:Signature>'.length;
        const without = xml.slice(0, xml.indexOf('<ds:Signature')) + xml.slice(end);
        assert.equal(covered, without.replaceAll('&#x85;', '\u0085').replaceAll('&#x2028;', '\u2028'));
      }
    }
  });

  it('is valid by the schema of the protocol, in every shape', async () => {
    const { inResponseTo: _, ...unsolicited } = success;
    const shapes: Success[] = [
      success,
      { ...unsolicited, inResponseTo: undefined },
      { ...success, sign: { response: false, assertion: true } },
      { ...success, nameID: undefined },
      { ...success, nameID: { value: 'x', format: undefined, nameQualifier: 'a"&', spNameQualifier: 'b' } },
      { ...success, sign: { response: true, assertion: false } },
      {
        ...success,
        attributes: [
          { name: 'groups', nameFormat: 'urn:x', values: ['a', 'b'] },
          { name: 'none', nameFormat: 'urn:x', values: [] },
        ],
      },
    ];
    assertValidBySchema(await Promise.all(shapes.map((shape) => buildSuccess(shape, signer))), 'protocol');
  });

  it('refuses to be unsigned', async () => {
    await assert.rejects(buildSuccess({ ...success, sign: { response: false, assertion: false } }, signer), /signature/);
  });

  for (const [title, value] of [
    ['NUL', 'a\u0000b'],
    ['a control character', '\u0001'],
    ['an escape', '\u001b[31m'],
    ['a lone surrogate', 'a\ud800b'],
    ['U+FFFE', '\ufffe'],
  ] as const) {
    it(`refuses ${title} in an attribute, by name`, async () => {
      await assert.rejects(
        buildSuccess({ ...success, attributes: [{ name: 'displayName', nameFormat: 'urn:x', values: [value] }] }, signer),
        (error: unknown) =>
          error instanceof Refusal && error.reason === 'attribute-character-forbidden' && error.detail.where === 'displayName',
      );
    });
  }
});

describe('a Response of failure', () => {
  it('is signed, valid by the schema, and bears both status codes', async () => {
    const xml = await buildFailure(
      { ...success, status: ['Responder', 'NoPassive'], message: 'passive-impossible, reference 7K3F' },
      signer,
    );
    assertValidBySchema([xml], 'protocol');
    assertVerifiedByXmlsec(xml, 'Response', certificatePem);
    assert.match(
      xml,
      /StatusCode Value="urn:oasis:names:tc:SAML:2\.0:status:Responder"><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2\.0:status:NoPassive">/,
    );
    assert.doesNotMatch(xml, /Assertion /);
  });
});

describe('our metadata', () => {
  it('is signed, valid by the schema, and names every key of a rollover', async () => {
    const provider = {
      entityID: 'https://idp.example.com/saml/metadata?a=1&b=2',
      singleSignOnServices: [bindings.httpRedirect, bindings.httpPost].map((binding) => ({
        binding,
        location: 'https://idp.example.com/saml/sso?a=1&b=2',
      })),
      singleLogoutServices: [
        {
          binding: bindings.httpPost,
          location: 'https://idp.example.com/saml/slo',
          responseLocation: 'https://idp.example.com/saml/slo/"back"',
        },
      ],
      artifactResolutionServices: [{ binding: bindings.soap, location: 'https://idp.example.com/saml/artifact', index: 3 }],
      nameIDFormats: [nameIDFormats.emailAddress, nameIDFormats.persistent],
      certificates: [signer.certificate, signer.certificate],
    };
    const xml = await buildMetadata(provider, '_m', now + 86_400_000, signer);
    assertValidBySchema([xml], 'metadata');
    assertVerifiedByXmlsec(xml, 'EntityDescriptor', certificatePem);
    verifiedByXmlCrypto(xml, 'EntityDescriptor', certificatePem);
    assert.equal(xml.match(/<md:KeyDescriptor use="signing">/g)?.length, 2);
  });

  for (const [title, algorithms] of [
    ['nothing said', { forbidden: [], allowed: [] }],
    ['much forbidden', { forbidden: ['rsa-sha256', 'sha384', 'sha1', 'rsa-oaep', 'aes192-gcm'], allowed: [] }],
    ['much allowed', { forbidden: [], allowed: ['aes128-cbc', 'rsa-1_5'] }],
  ] as const) {
    it(`says what we verify and open, as the configuration leaves it: ${title}`, async () => {
      const uris = (names: readonly string[]): string[] => names.map((name) => algorithmUri(name) ?? assert.fail(name));
      const [forbidden, allowed] = [uris(algorithms.forbidden), uris(algorithms.allowed)];
      const capabilities = capabilitiesOf(createAlgorithmPolicy({ forbidden, allowed }, () => undefined));
      const xml = await buildMetadata(
        {
          entityID: success.issuer,
          singleSignOnServices: [{ binding: bindings.httpPost, location: 'https://idp.example.com/saml/sso' }],
          singleLogoutServices: [],
          artifactResolutionServices: [],
          nameIDFormats: [],
          certificates: [signer.certificate],
          encryptionCertificates: [signer.certificate, signer.certificate],
          capabilities,
        },
        '_m',
        now + 86_400_000,
        signer,
      );
      assertValidBySchema([xml], 'metadata');
      assertVerifiedByXmlsec(xml, 'EntityDescriptor', certificatePem);
      verifiedByXmlCrypto(xml, 'EntityDescriptor', certificatePem);
      assert.equal(xml.match(/<md:KeyDescriptor use="encryption">/g)?.length, 2);
      const named = new Set(
        [...xml.matchAll(/<(?:md:Encryption|alg:Digest|alg:Signing|ds:Digest)Method [^>]*?Algorithm="([^"]+)"/g)].map(
          ([, uri]) => uri,
        ),
      );
      for (const uri of forbidden) assert.ok(!named.has(uri), uri);
      for (const uri of allowed) assert.ok(named.has(uri), uri);
      const weak = uris(['aes256-cbc', 'rsa-sha1', 'tripledes-cbc', 'md5']);
      for (const uri of weak) assert.ok(!named.has(uri), uri);
      assert.match(xml, /<alg:SigningMethod [^>]*rsa-sha512" MinKeySize="2048">/);
      assert.equal(named.has(algorithmUri('rsa-sha256')), title !== 'much forbidden');
    });
  }
});

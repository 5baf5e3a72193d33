/** What is encrypted to a service provider: chosen by its metadata, opened by xmlsec1, node-saml and code straight from the standard. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { SAML } from '@node-saml/node-saml';
import fc from 'fast-check';
import { dataCiphers, keyTransports, maskFunctions, oaepDigests, weakAlgorithms } from '../../src/config/algorithm-names.ts';
import { Refusal } from '../../src/refusal.ts';
import { createAlgorithmPolicy, standardPolicy } from '../../src/saml/algorithm-policy.ts';
import { createEncryptions } from '../../src/saml/encrypt.ts';
import { buildSuccess, type Success } from '../../src/saml/response.ts';
import type { EncryptionKey, EncryptionMethod, Protection, ServiceProvider } from '../../src/saml/service-provider.ts';
import { unsaid } from '../../src/saml/service-provider.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openEncrypted } from '../fixtures/open-encrypted.ts';
import { certificatePem, signer } from '../fixtures/signing-key.ts';
import { assertValidBySchema, assertVerifiedByXmlsec, decryptedByXmlsec, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const now = Date.now();
const acs = 'https://sp.example.net/acs';
const success: Success = {
  id: '_0123456789abcdef0123456789abcdef',
  issuer: 'https://idp.example.com/saml/metadata',
  issueInstant: now,
  destination: acs,
  inResponseTo: undefined,
  assertionID: '_fedcba9876543210fedcba9876543210',
  audience: 'https://sp.example.net/metadata',
  nameID: { format: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', value: 'alice@example.com' },
  notBefore: now - 60_000,
  notOnOrAfter: now + 240_000,
  authnInstant: now - 5_000,
  authnContextClassRef: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  sessionIndex: '_session',
  sessionNotOnOrAfter: now + 3_600_000,
  attributes: [
    { name: 'displayName', nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic', values: ['Zoë <&> 测\u2028'] },
  ],
  sign: { response: true, assertion: true },
};

let foreign: ForeignServiceProvider;
let key: EncryptionKey;
before(async () => {
  foreign = new ForeignServiceProvider(await makeCredential());
  key = { key: new X509Certificate(foreign.credential.certificate).publicKey, methods: [] };
});

const uses: [string, string | undefined][] = [];
const lenient = createAlgorithmPolicy({ forbidden: [], allowed: Object.values(weakAlgorithms) }, (uri, entityID) =>
  uses.push([uri, entityID]),
);

const provider = (keys: readonly EncryptionKey[], protection: Partial<Protection> = {}): ServiceProvider => ({
  ...unsaid,
  entityID: foreign.entityID,
  assertionConsumerServices: [{ index: 0, binding: 'b', location: acs, isDefault: true }],
  encryptionKeys: keys,
  protection: { signature: {}, encryption: {}, ...protection },
});
const encryptionFor = (serviceProvider: ServiceProvider, policy = standardPolicy, nameID = false) =>
  createEncryptions({ policy, random: randomBytes }).for(serviceProvider, { nameID });
const build = (
  serviceProvider: ServiceProvider,
  shape: Partial<Success> = {},
  policy = standardPolicy,
  nameID = false,
): Promise<string> => buildSuccess({ ...success, ...shape }, signer, encryptionFor(serviceProvider, policy, nameID));

const signs = [
  { response: true, assertion: true },
  { response: true, assertion: false },
  { response: false, assertion: true },
];
const encrypts = ['assertion', 'nameId'] as const;

describe('an encrypted answer', () => {
  for (const sign of signs) {
    for (const encrypt of encrypts) {
      const what = Object.entries(sign).flatMap(([name, signed]) => (signed ? [name] : []));

      it(`is verified, opened and verified again by xmlsec1: ${encrypt} encrypted, ${what.join(' and ')} signed`, async () => {
        const xml = await build(provider([key], { encrypt }), { sign });
        assert.doesNotMatch(xml, /alice@example\.com/);
        assertValidBySchema([xml], 'protocol');
        if (sign.response) {
          assertVerifiedByXmlsec(xml, 'Response', certificatePem);
          verifiedByXmlCrypto(xml, 'Response', certificatePem);
        }
        const opened = decryptedByXmlsec(xml, foreign.credential.privateKey);
        assert.match(opened, /alice@example\.com/);
        // A NameID was encrypted before the assertion around it was signed.
        const signed = encrypt === 'assertion' ? opened : xml;
        if (sign.assertion) assertVerifiedByXmlsec(signed, 'Assertion', certificatePem);
      });

      it(`is opened by the standard, stands alone and is valid: ${encrypt} encrypted, ${what.join(' and ')} signed`, async () => {
        const xml = await build(provider([key], { encrypt }), { sign });
        const opened = foreign.decrypt(xml);
        assert.doesNotMatch(opened, /Encrypted/);
        assertValidBySchema([opened], 'protocol');
        const [wrapped] = /<saml:Encrypted(Assertion|ID)[ >].*<\/saml:Encrypted\1>/s.exec(xml) ?? [];
        const alone = openEncrypted(
          wrapped?.replace(/^<saml:EncryptedID>/, '<saml:EncryptedID xmlns:saml="urn:x">') ?? '',
          foreign.credential.privateKey,
        );
        assert.match(alone, encrypt === 'assertion' ? /^<saml:Assertion xmlns:saml=/ : /^<saml:NameID xmlns:saml=/);
        if (encrypt === 'nameId') return;
        assertValidBySchema([alone], 'protocol');
        if (sign.assertion) verifiedByXmlCrypto(alone, 'Assertion', certificatePem);
        assert.match(alone, /Zoë &lt;&amp;&gt; 测&#x2028;/);
      });
    }

    it(`is read by node-saml: ${JSON.stringify(sign)}`, async () => {
      const xml = await build(provider([key]), { sign });
      const reader = new SAML({
        callbackUrl: acs,
        entryPoint: 'https://idp.example.com/saml/sso',
        issuer: success.audience,
        audience: success.audience,
        idpCert: certificatePem,
        idpIssuer: success.issuer,
        decryptionPvk: foreign.credential.privateKey,
        wantAuthnResponseSigned: sign.response,
        wantAssertionsSigned: sign.assertion,
        validateInResponseTo: 'never' as never,
      });
      const { profile } = await reader.validatePostResponseAsync({ SAMLResponse: Buffer.from(xml).toString('base64') });
      assert.equal(profile?.nameID, 'alice@example.com');
    });
  }

  const digestNames = Object.keys(oaepDigests) as (keyof typeof oaepDigests)[];
  for (const [cipher, { uri }] of Object.entries(dataCiphers)) {
    for (const [transport, transportUri] of Object.entries(keyTransports)) {
      it(`opens by ${cipher} and ${transport}, with every digest and mask`, async () => {
        for (const digest of transport === 'rsa-1_5' ? [undefined] : digestNames) {
          for (const mgf of transport === 'rsa-oaep' ? (['sha1', 'sha256'] as const) : [undefined]) {
            const methods: EncryptionMethod[] = [
              { algorithm: uri, digest: undefined, mgf: undefined },
              { algorithm: transportUri, digest: digest && oaepDigests[digest], mgf: mgf && maskFunctions[mgf] },
            ];
            const serviceProvider = provider([{ ...key, methods }]);
            // The masks of SHA-384 and SHA-512 go with those digests alone.
            if (encryptionOrRefusal(serviceProvider) === undefined) continue;
            const xml = await build(serviceProvider, {}, lenient);
            assert.ok(xml.includes(`"${uri}"`) && xml.includes(`"${transportUri}"`));
            assert.match(foreign.decrypt(xml), /alice@example\.com/);
          }
        }
      });
    }
  }
  const encryptionOrRefusal = (serviceProvider: ServiceProvider): unknown => {
    try {
      return encryptionFor(serviceProvider, lenient);
    } catch (error) {
      assert.ok(error instanceof Refusal);
      return undefined;
    }
  };

  it('opens to what was encrypted, whatever it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({
          unit: fc.constantFrom('a', '&', '<', 'é', '😀', '\r', '"', '\u0085', '\u2028'),
          minLength: 1,
          maxLength: 100,
        }),
        fc.constantFrom('sha1', 'sha256'),
        async (text, digest) => {
          const attributes = [{ name: 'a', nameFormat: 'urn:x', values: [text] }];
          const clear = await buildSuccess({ ...success, attributes, sign: { response: false, assertion: true } }, signer);
          const xml = await build(provider([key], { encryption: { digest } }), {
            attributes,
            sign: { response: false, assertion: true },
          });
          const assertion = /<saml:Assertion.*<\/saml:Assertion>/s;
          const unsigned = (document: string): string => document.replace(/<ds:SignatureValue>[^<]*/, '');
          assert.equal(unsigned(assertion.exec(foreign.decrypt(xml))?.[0] ?? ''), unsigned(assertion.exec(clear)?.[0] ?? '-'));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never uses a key or vector twice', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => build(provider([key]))));
    const values = answers.flatMap((xml) => [...xml.matchAll(/CipherValue>([^<]{16})/g)].map((match) => match[1]));
    assert.equal(new Set(values).size, 40);
  });
});

const method = (algorithm: string, digest?: string, mgf?: string): EncryptionMethod => ({ algorithm, digest, mgf });
const { 'aes256-gcm': gcm256, 'aes128-gcm': gcm128, 'aes256-cbc': cbc256, 'aes128-cbc': cbc128 } = dataCiphers;
const { 'rsa-oaep-mgf1p': mgf1p, 'rsa-oaep': oaep, 'rsa-1_5': pkcs1 } = keyTransports;

describe('what encrypts', () => {
  const small = { key: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey };
  const chosen = (xml: string): string[] =>
    [...xml.matchAll(/(?:EncryptionMethod|DigestMethod|MGF)[^>]* Algorithm="[^"]*#([^"]+)"/g)].map((match) => match[1] ?? '');

  const rows: readonly (readonly [
    string,
    readonly EncryptionMethod[],
    Protection['encryption'],
    typeof standardPolicy,
    readonly string[] | 'refused',
  ])[] = [
    ['nothing said', [], {}, standardPolicy, ['aes256-gcm', 'rsa-oaep-mgf1p', 'sha1']],
    ['one cipher named', [method(gcm128.uri)], {}, standardPolicy, ['aes128-gcm', 'rsa-oaep-mgf1p', 'sha1']],
    [
      'ours first, whatever its order',
      [method(gcm128.uri), method(gcm256.uri)],
      {},
      standardPolicy,
      ['aes256-gcm', 'rsa-oaep-mgf1p', 'sha1'],
    ],
    ['CBC as well as GCM', [method(cbc256.uri), method(gcm128.uri)], {}, lenient, ['aes128-gcm', 'rsa-oaep-mgf1p', 'sha1']],
    ['CBC alone, which nobody allowed', [method(cbc256.uri), method(cbc128.uri)], {}, standardPolicy, 'refused'],
    ['CBC alone, allowed', [method(cbc256.uri)], {}, lenient, ['aes256-cbc', 'rsa-oaep-mgf1p', 'sha1']],
    ['3DES alone', [method('http://www.w3.org/2001/04/xmlenc#tripledes-cbc')], {}, lenient, 'refused'],
    ['rsa-1_5 alone, which nobody allowed', [method(pkcs1)], {}, standardPolicy, 'refused'],
    ['rsa-1_5 alone, allowed', [method(pkcs1)], {}, lenient, ['aes256-gcm', 'rsa-1_5']],
    ['a digest named', [method(mgf1p, oaepDigests.sha256)], {}, standardPolicy, ['aes256-gcm', 'rsa-oaep-mgf1p', 'sha256']],
    ['a digest that nobody knows', [method(mgf1p, 'urn:x')], {}, standardPolicy, 'refused'],
    ['rsa-oaep', [method(oaep)], {}, standardPolicy, ['aes256-gcm', 'rsa-oaep', 'sha256', 'mgf1sha256']],
    [
      'rsa-oaep with a mask',
      [method(oaep, oaepDigests.sha256, maskFunctions.sha1)],
      {},
      standardPolicy,
      ['aes256-gcm', 'rsa-oaep', 'sha256', 'mgf1sha1'],
    ],
    [
      'the setting',
      [],
      { algorithm: 'aes128-gcm', keyTransport: 'rsa-oaep', digest: 'sha1' },
      standardPolicy,
      ['aes128-gcm', 'rsa-oaep', 'sha1', 'mgf1sha1'],
    ],
    [
      'the setting among what it takes',
      [method(gcm256.uri), method(gcm128.uri)],
      { algorithm: 'aes128-gcm' },
      standardPolicy,
      ['aes128-gcm', 'rsa-oaep-mgf1p', 'sha1'],
    ],
    ['a setting that it does not take', [method(gcm256.uri)], { algorithm: 'aes128-gcm' }, standardPolicy, 'refused'],
    [
      'SHA-1 forbidden',
      [],
      {},
      createAlgorithmPolicy({ forbidden: [oaepDigests.sha1, maskFunctions.sha1], allowed: [] }, () => undefined),
      ['aes256-gcm', 'rsa-oaep', 'sha256', 'mgf1sha256'],
    ],
  ];
  for (const [title, methods, encryption, policy, expected] of rows) {
    it(`is chosen: ${title}`, async () => {
      const serviceProvider = provider([{ ...key, methods }], { encryption });
      if (expected === 'refused') {
        await assert.rejects(
          async () => build(serviceProvider, {}, policy),
          (error: unknown) => error instanceof Refusal && error.reason === 'algorithms-not-shared',
        );
        return;
      }
      const xml = await build(serviceProvider, { sign: { response: false, assertion: true } }, policy);
      assert.deepEqual(chosen(xml), expected);
    });
  }

  it('is the first key that shares algorithms with us', async () => {
    const xml = await build(provider([{ ...small, methods: [method(cbc128.uri)] }, key]));
    assert.match(foreign.decrypt(xml), /alice@example\.com/);
  });

  const settings: readonly (readonly [
    string,
    boolean,
    Partial<Protection>,
    boolean,
    'Assertion' | 'ID' | 'both' | 'nothing' | 'refused',
  ])[] = [
    ['a key', true, {}, false, 'Assertion'],
    ['no key', false, {}, false, 'nothing'],
    ['never', true, { encrypt: 'never' }, false, 'nothing'],
    ['the NameID alone', true, { encrypt: 'nameId' }, false, 'ID'],
    ['the NameID asked for', true, { encrypt: 'never' }, true, 'ID'],
    ['the assertion, and the NameID asked for', true, {}, true, 'both'],
    ['the assertion without a key', false, { encrypt: 'assertion' }, false, 'refused'],
    ['the NameID without a key', false, { encrypt: 'nameId' }, false, 'refused'],
    ['the NameID asked for without a key', false, {}, true, 'refused'],
  ];
  for (const [title, hasKey, protection, nameID, expected] of settings) {
    it(`is settled by the setting and the metadata: ${title}`, async () => {
      const serviceProvider = provider(hasKey ? [key] : [], protection);
      if (expected === 'refused') {
        assert.throws(
          () => encryptionFor(serviceProvider, standardPolicy, nameID),
          (error: unknown) =>
            error instanceof Refusal && error.reason === 'algorithms-not-shared' && error.detail.purpose === 'encryption',
        );
        return;
      }
      const xml = await build(serviceProvider, {}, standardPolicy, nameID);
      assert.equal(xml.includes('<saml:EncryptedAssertion'), expected === 'Assertion' || expected === 'both');
      assert.equal(xml.includes('<saml:EncryptedID'), expected === 'ID');
      const opened = foreign.decrypt(xml);
      assert.match(opened, /alice@example\.com/);
    });
  }

  it('is told of where it is weak, with the service provider', async () => {
    uses.length = 0;
    await build(provider([{ ...key, methods: [method(cbc128.uri), method(pkcs1)] }]), {}, lenient);
    assert.deepEqual(uses, [
      [cbc128.uri, foreign.entityID],
      [pkcs1, foreign.entityID],
    ]);
    uses.length = 0;
    await build(provider([key]), {}, lenient);
    assert.deepEqual(uses, []);
  });

  it('says for whom, as an attribute can hold it', async () => {
    const odd = { ...provider([key]), entityID: 'https://sp.example.net/?a=1&b="2"' };
    const xml = await buildSuccess(success, signer, encryptionFor(odd));
    assert.match(xml, /Recipient="https:\/\/sp\.example\.net\/\?a=1&amp;b=&quot;2&quot;"/);
    verifiedByXmlCrypto(xml, 'Response', certificatePem);
  });
});

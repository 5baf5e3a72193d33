/** Signatures by every algorithm, made and verified; which one is chosen for whom; and what cheats with algorithms. */
import assert from 'node:assert/strict';
import {
  constants,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign as signBytes,
  X509Certificate,
} from 'node:crypto';
import { before, describe, it } from 'node:test';
import {
  algorithmUri,
  digestAlgorithms,
  rsaPss,
  signatureAlgorithms,
  type SignatureName,
} from '../../src/config/algorithm-names.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';
import { inMemory } from '../../src/keys/in-memory.ts';
import type { DecryptionKey, HeldKey } from '../../src/keys/key-ring.ts';
import type { KeyType } from '../../src/keys/key-type.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { Refusal } from '../../src/refusal.ts';
import { createAlgorithmPolicy, standardPolicy } from '../../src/saml/algorithm-policy.ts';
import { createSigners, type SigningKey } from '../../src/saml/choose-signer.ts';
import { indexMetadata } from '../../src/saml/index-metadata.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { buildFailure } from '../../src/saml/response.ts';
import { type AlgorithmSupport, type Protection, type ServiceProvider, unsaid } from '../../src/saml/service-provider.ts';
import { findSignature, verifyEnvelopedSignature } from '../../src/saml/verify-enveloped-signature.ts';
import { verifyWithKeys } from '../../src/saml/verify-with-keys.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { aggregateOf, entityOf } from '../fixtures/metadata-aggregate.ts';
import { assertVerifiedByXmlsec } from '../fixtures/xml-judges.ts';

type TestKey = HeldKey & DecryptionKey;
const held = async (name: string, type: KeyType): Promise<TestKey> => {
  const made = await makeKey({ commonName: 'idp.example.com', now: Date.now(), serialNumber: randomBytes(16), type });
  const privateKey = createPrivateKey(made.privateKey);
  return { name, privateKey, privatePart: inMemory(privateKey), certificate: new X509Certificate(made.certificate) };
};
const keys = new Map<KeyType, TestKey>();
const keyOf = (type: KeyType): TestKey => keys.get(type) ?? assert.fail(type);
before(async () => {
  for (const type of ['rsa-2048', 'ec-p256', 'ec-p384'] as const) keys.set(type, await held(type, type));
});

const names = Object.keys(signatureAlgorithms) as SignatureName[];
const isEc = (name: SignatureName): boolean => signatureAlgorithms[name].scheme === 'ecdsa';
const message = (key: HeldKey, name: SignatureName, digest?: keyof typeof digestAlgorithms): Promise<string> =>
  buildFailure(
    { id: '_a', issuer: 'i', issueInstant: 0, destination: 'd', inResponseTo: undefined, status: ['Responder'], message: 'm' },
    createKeySigner(key, name, digest),
  );
const verified = (xml: string, key: KeyObject, policy = standardPolicy): void => {
  const root = parseXml(xml);
  const signature = findSignature(root);
  assert.ok(signature !== undefined);
  assert.equal(verifyEnvelopedSignature(xml, root, signature, [key], policy).key, key);
};
const refusedFor =
  (...reasons: string[]) =>
  (error: unknown): boolean =>
    error instanceof Refusal && reasons.includes(error.reason);

describe('a signature', () => {
  for (const name of names) {
    for (const type of isEc(name) ? (['ec-p256', 'ec-p384'] as const) : (['rsa-2048'] as const)) {
      it(`is made and verified by ${name} and a key of ${type}`, async () => {
        const key = keyOf(type);
        const xml = await message(key, name);
        verified(xml, key.certificate.publicKey);
        // xmlsec1 of Debian knows no RSASSA-PSS.
        if (signatureAlgorithms[name].scheme !== 'pss') assertVerifiedByXmlsec(xml, 'Response', key.certificate.toString());
      });
    }
  }
  for (const digest of ['sha256', 'sha384', 'sha512'] as const) {
    it(`covers what it signs by ${digest}`, async () => {
      const key = keyOf('rsa-2048');
      const xml = await message(key, 'rsa-sha256', digest);
      assert.ok(xml.includes(`<ds:DigestMethod Algorithm="${digestAlgorithms[digest]}">`));
      verified(xml, key.certificate.publicKey);
      assertVerifiedByXmlsec(xml, 'Response', key.certificate.toString());
    });
  }

  it('of RSASSA-PSS has the padding, mask and salt that its name means', async () => {
    const { privateKey, certificate } = keyOf('rsa-2048');
    const value = Buffer.from(await createKeySigner(keyOf('rsa-2048'), 'rsa-pss-sha384').sign('text'), 'base64');
    const key = { key: certificate.publicKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 48 };
    const { verify } = await import('node:crypto');
    assert.ok(verify('sha384', Buffer.from('text'), key, value));
    assert.ok(!verify('sha384', Buffer.from('text'), { ...key, saltLength: 32 }, value));
    assert.equal(privateKey.asymmetricKeyType, 'rsa');
  });

  const pss = (hash: string, saltLength: number, padding = constants.RSA_PKCS1_PSS_PADDING): Buffer =>
    signBytes(hash, Buffer.from('text'), { key: keyOf('rsa-2048').privateKey, padding, saltLength });
  const octets = Buffer.from('text');
  const uri = (name: SignatureName): string => signatureAlgorithms[name].uri;
  const invalid = 'signature-invalid';
  const forbidden = 'signature-algorithm-forbidden';
  const cheats: readonly (readonly [string, string, () => Buffer, KeyType, string])[] = [
    ['PSS with another salt', uri('rsa-pss-sha256'), () => pss('sha256', 20), 'rsa-2048', invalid],
    ['PSS with another hash', uri('rsa-pss-sha256'), () => pss('sha512', 64), 'rsa-2048', invalid],
    [
      'PKCS #1 named PSS',
      uri('rsa-pss-sha256'),
      () => signBytes('sha256', octets, keyOf('rsa-2048').privateKey),
      'rsa-2048',
      invalid,
    ],
    ['PSS named PKCS #1', uri('rsa-sha256'), () => pss('sha256', 32), 'rsa-2048', invalid],
    [
      'RSA named ECDSA',
      uri('ecdsa-sha256'),
      () => signBytes('sha256', octets, keyOf('rsa-2048').privateKey),
      'rsa-2048',
      invalid,
    ],
    ['an EC key for RSA', uri('rsa-sha256'), () => signBytes('sha256', octets, keyOf('ec-p256').privateKey), 'ec-p256', invalid],
    ['ECDSA in DER', uri('ecdsa-sha256'), () => signBytes('sha256', octets, keyOf('ec-p256').privateKey), 'ec-p256', invalid],
    ['ECDSA of zeros', uri('ecdsa-sha256'), () => Buffer.alloc(64), 'ec-p256', invalid],
    ['ECDSA of nothing', uri('ecdsa-sha256'), () => Buffer.alloc(0), 'ec-p256', invalid],
    ['RSA of zeros', uri('rsa-sha256'), () => Buffer.alloc(256), 'rsa-2048', invalid],
    [
      'HMAC with the public key in PEM',
      'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
      () =>
        createHmac('sha256', keyOf('rsa-2048').certificate.publicKey.export({ type: 'spki', format: 'pem' }))
          .update(octets)
          .digest(),
      'rsa-2048',
      forbidden,
    ],
    [
      'HMAC with the certificate, named RSA',
      uri('rsa-sha256'),
      () => createHmac('sha256', keyOf('rsa-2048').certificate.raw).update(octets).digest(),
      'rsa-2048',
      invalid,
    ],
    [
      'RSA-SHA1',
      algorithmUri('rsa-sha1') ?? '',
      () => signBytes('sha1', octets, keyOf('rsa-2048').privateKey),
      'rsa-2048',
      forbidden,
    ],
    [
      'RSA-MD5',
      algorithmUri('rsa-md5') ?? '',
      () => signBytes('md5', octets, keyOf('rsa-2048').privateKey),
      'rsa-2048',
      forbidden,
    ],
    ['no algorithm', '', () => Buffer.alloc(1), 'rsa-2048', forbidden],
    [
      'a name of ours instead of its URI',
      'rsa-sha256',
      () => signBytes('sha256', octets, keyOf('rsa-2048').privateKey),
      'rsa-2048',
      forbidden,
    ],
    ['what every object has', '__proto__', () => Buffer.alloc(1), 'rsa-2048', forbidden],
  ];
  for (const [title, algorithm, value, type, reason] of cheats) {
    it(`is refused: ${title}`, () => {
      assert.throws(() => verifyWithKeys(algorithm, octets, value(), [keyOf(type).certificate.publicKey]), refusedFor(reason));
    });
  }

  it('is refused by a curve that is not ours, and verified by a key that is for PSS alone', () => {
    const odd = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
    const value = signBytes('sha256', octets, { key: odd.privateKey, dsaEncoding: 'ieee-p1363' });
    assert.throws(() => verifyWithKeys(uri('ecdsa-sha256'), octets, value, [odd.publicKey]), refusedFor(invalid));
    const own = generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    });
    const made = signBytes('sha256', octets, { key: own.privateKey, saltLength: 32 });
    assert.equal(verifyWithKeys(uri('rsa-pss-sha256'), octets, made, [own.publicKey]), own.publicKey);
    assert.throws(() => verifyWithKeys(uri('rsa-pss-sha512'), octets, made, [own.publicKey]), refusedFor(invalid));
    assert.throws(() => verifyWithKeys(uri('rsa-sha256'), octets, made, [own.publicKey]), refusedFor(invalid));
  });

  it('is refused where the configuration forbids its algorithm or digest, whoever made it', async () => {
    const key = keyOf('rsa-2048');
    const xml = await message(key, 'rsa-sha512', 'sha384');
    for (const name of ['rsa-sha512', 'sha384']) {
      const policy = createAlgorithmPolicy({ forbidden: [algorithmUri(name) ?? ''], allowed: [] }, () => undefined);
      assert.throws(() => {
        verified(xml, key.certificate.publicKey, policy);
      }, refusedFor(forbidden));
    }
    const other = createAlgorithmPolicy({ forbidden: [uri('rsa-sha256')], allowed: [] }, () => undefined);
    verified(xml, key.certificate.publicKey, other);
  });

  it('of metadata is refused likewise', () => {
    const credential = {
      privateKey: keyOf('rsa-2048').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      certificate: keyOf('rsa-2048').certificate.toString(),
    };
    const entity = entityOf(1, keyOf('rsa-2048').certificate.raw.toString('base64'));
    const bytes = Buffer.from(aggregateOf([entity], { signedBy: credential }));
    const rules = {
      requireValidUntil: false,
      validAtMost: undefined,
      now: 0,
      clockSkew: 0,
      keys: [keyOf('rsa-2048').certificate.publicKey],
    };
    assert.equal(indexMetadata(bytes, { ...rules, forbidden: [uri('rsa-sha512')] }).entities.length, 1);
    for (const name of ['rsa-sha256', 'sha256']) {
      assert.throws(() => indexMetadata(bytes, { ...rules, forbidden: [algorithmUri(name) ?? ''] }), MetadataMistake);
    }
  });
});

describe('RSASSA-PSS with its parameters beside it', () => {
  const more = 'http://www.w3.org/2007/05/xmldsig-more#';
  const digest = (name: keyof typeof digestAlgorithms): string =>
    `<ds:DigestMethod Algorithm="${digestAlgorithms[name]}"></ds:DigestMethod>`;
  const mask = (name: keyof typeof digestAlgorithms): string =>
    `<pss:MaskGenerationFunction Algorithm="${more}MGF1">${digest(name)}</pss:MaskGenerationFunction>`;
  const params = (content: string): string => `<pss:RSAPSSParams xmlns:pss="${more}">${content}</pss:RSAPSSParams>`;
  const salt = (length: string): string => `<pss:SaltLength>${length}</pss:SaltLength>`;

  /** Signed as `name` says, and written with `content` within the SignatureMethod. */
  async function made(name: 'rsa-pss-sha256' | 'rsa-pss-sha384' | 'rsa-pss-sha512', content: string): Promise<string> {
    const own = createKeySigner(keyOf('rsa-2048'), name);
    const rewrite = (text: string): string =>
      text.replace(`<ds:SignatureMethod Algorithm="${own.algorithm}">`, `<ds:SignatureMethod Algorithm="${rsaPss}">${content}`);
    const xml = await buildFailure(
      { id: '_a', issuer: 'i', issueInstant: 0, destination: 'd', inResponseTo: undefined, status: ['Responder'], message: 'm' },
      { ...own, sign: (text) => own.sign(rewrite(text)) },
    );
    return rewrite(xml);
  }

  const sound: readonly (readonly ['rsa-pss-sha256' | 'rsa-pss-sha384' | 'rsa-pss-sha512', string])[] = [
    ['rsa-pss-sha256', ''],
    ['rsa-pss-sha256', params('')],
    ['rsa-pss-sha256', params(digest('sha256') + mask('sha256') + salt('32') + '<pss:TrailerField>1</pss:TrailerField>')],
    ['rsa-pss-sha384', params(digest('sha384') + mask('sha384') + salt('48'))],
    ['rsa-pss-sha512', params(digest('sha512') + mask('sha512'))],
  ];
  for (const [name, content] of sound) {
    it(`is verified: ${name} ${content.replaceAll(/<[^>]*#|"><[^>]*>/g, ' ')}`, async () => {
      verified(await made(name, content), keyOf('rsa-2048').certificate.publicKey);
    });
  }
  const refused: readonly (readonly [string, string])[] = [
    ['another mask than digest', params(digest('sha384') + mask('sha256'))],
    ['no mask for another digest', params(digest('sha384'))],
    ['another salt', params(salt('20'))],
    ['another trailer', params('<pss:TrailerField>2</pss:TrailerField>')],
    ['SHA-1', params('<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></ds:DigestMethod>')],
    ['two sets of parameters', params('') + params('')],
    ['something else', '<ds:HMACOutputLength>1</ds:HMACOutputLength>'],
  ];
  for (const [title, content] of refused) {
    it(`is refused: ${title}`, async () => {
      const xml = await made('rsa-pss-sha256', content);
      assert.throws(() => {
        verified(xml, keyOf('rsa-2048').certificate.publicKey);
      }, refusedFor('signature-malformed'));
    });
  }
  it('takes no parameters for algorithms that have none', async () => {
    const xml = (await message(keyOf('rsa-2048'), 'rsa-sha256')).replace(
      '</ds:SignatureMethod>',
      '<ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>',
    );
    assert.throws(() => {
      verified(xml, keyOf('rsa-2048').certificate.publicKey);
    }, refusedFor('signature-malformed'));
  });
});

describe('the algorithm that signs for a service provider', () => {
  const signing = (name: string, type: KeyType): SigningKey => {
    const key = { ...keyOf(type), name };
    return { name, publicKey: key.certificate.publicKey, signer: (algorithm, digest) => createKeySigner(key, algorithm, digest) };
  };
  const provider = (support: Partial<AlgorithmSupport>, signature: Protection['signature'] = {}): ServiceProvider => ({
    ...unsaid,
    entityID: 'https://sp.example.net/',
    assertionConsumerServices: [],
    algorithmSupport: { digests: undefined, signings: undefined, ...support },
    protection: { signature, encryption: {} },
  });
  const takes = (...given: readonly (SignatureName | readonly [SignatureName, number, number])[]): Partial<AlgorithmSupport> => ({
    signings: given.map((each) =>
      typeof each === 'string'
        ? { algorithm: signatureAlgorithms[each].uri }
        : { algorithm: signatureAlgorithms[each[0]].uri, minKeySize: each[1], maxKeySize: each[2] },
    ),
  });
  const digests = (...given: (keyof typeof digestAlgorithms)[]): Partial<AlgorithmSupport> => ({
    digests: given.map((name) => digestAlgorithms[name]),
  });
  const everybody = () => [signing('active', 'rsa-2048'), signing('next', 'rsa-2048')];
  const further = () => [signing('p256', 'ec-p256'), signing('p384', 'ec-p384')];

  type Expected = readonly [SignatureName, KeyType, (keyof typeof digestAlgorithms)?] | 'refused';
  const rows: readonly (readonly [string, Partial<AlgorithmSupport>, Protection['signature'], readonly string[], Expected])[] = [
    ['nothing said', {}, {}, [], ['rsa-sha256', 'rsa-2048']],
    ['ours first, whatever its order', takes('rsa-sha512', 'rsa-sha384'), {}, [], ['rsa-sha384', 'rsa-2048']],
    ['PSS alone', takes('rsa-pss-sha256'), {}, [], ['rsa-pss-sha256', 'rsa-2048']],
    ['ECDSA alone: a key that has it', takes('ecdsa-sha256'), {}, [], ['ecdsa-sha256', 'ec-p256']],
    ['ECDSA of 384 bits or more', takes(['ecdsa-sha256', 384, 1000]), {}, [], ['ecdsa-sha256', 'ec-p384']],
    ['a key too small, then ECDSA', takes(['rsa-sha256', 3072, 9000], 'ecdsa-sha384'), {}, [], ['ecdsa-sha384', 'ec-p256']],
    ['a key too large', takes(['rsa-sha256', 0, 1024]), {}, [], 'refused'],
    ['SHA-1 alone', { signings: [{ algorithm: algorithmUri('rsa-sha1') ?? '' }] }, {}, [], 'refused'],
    ['an empty list', { signings: [] }, {}, [], 'refused'],
    ['a digest', digests('sha512'), {}, [], ['rsa-sha256', 'rsa-2048', 'sha512']],
    ['several digests', digests('sha512', 'sha384'), {}, [], ['rsa-sha256', 'rsa-2048', 'sha384']],
    ['MD5 alone', { digests: [algorithmUri('md5') ?? ''] }, {}, [], 'refused'],
    ['the setting of a key', {}, { key: 'p256' }, [], ['ecdsa-sha256', 'ec-p256']],
    ['the setting of a key of P-384', {}, { key: 'p384' }, [], ['ecdsa-sha384', 'ec-p384']],
    ['the setting of an algorithm', {}, { algorithm: 'rsa-pss-sha512' }, [], ['rsa-pss-sha512', 'rsa-2048']],
    ['the setting of an algorithm of other keys', {}, { algorithm: 'ecdsa-sha384' }, [], ['ecdsa-sha384', 'ec-p256']],
    ['a key that does not fit its algorithm', {}, { key: 'p256', algorithm: 'rsa-sha256' }, [], 'refused'],
    ['a setting that its metadata does not take', takes('rsa-sha256'), { algorithm: 'rsa-sha512' }, [], 'refused'],
    ['a key that its metadata does not take', takes('rsa-sha256'), { key: 'p384' }, [], 'refused'],
    ['a key that is not there', {}, { key: 'nobody' }, [], 'refused'],
    ['what is forbidden', {}, {}, ['rsa-sha256', 'rsa-sha384'], ['rsa-sha512', 'rsa-2048']],
    ['a digest that is forbidden', {}, {}, ['sha256'], ['rsa-sha256', 'rsa-2048', 'sha384']],
    ['what is forbidden, and nothing else taken', takes('rsa-sha256'), {}, ['rsa-sha256'], 'refused'],
  ];
  for (const [title, support, signature, forbidden, expected] of rows) {
    it(`is chosen: ${title}`, () => {
      const policy = createAlgorithmPolicy(
        { forbidden: forbidden.map((name) => algorithmUri(name) ?? ''), allowed: [] },
        () => undefined,
      );
      const signers = createSigners({ everybody: everybody(), further: further() }, policy);
      const serviceProvider = provider(support, signature);
      if (expected === 'refused') {
        assert.throws(() => signers.for(serviceProvider), refusedFor('algorithms-not-shared'));
        return;
      }
      const [name, type, digest = 'sha256'] = expected;
      const signer = signers.for(serviceProvider);
      assert.equal(signer.algorithm, signatureAlgorithms[name].uri);
      assert.equal(signer.digest, digestAlgorithms[digest]);
      assert.equal(signer.certificate, keyOf(type).certificate.raw.toString('base64'));
      assert.equal(signers.for(serviceProvider), signer);
    });
  }

  it('is one and the same for all of whom nothing is said', () => {
    const signers = createSigners({ everybody: everybody(), further: [] }, standardPolicy);
    assert.equal(signers.for(provider({})), signers.default);
    assert.equal(signers.for(provider({})).algorithm, signatureAlgorithms['rsa-sha256'].uri);
  });

  it('is not left out: a house with nothing to sign with does not open', () => {
    const forbidden = names.map((name) => signatureAlgorithms[name].uri);
    const policy = createAlgorithmPolicy({ forbidden, allowed: [] }, () => undefined);
    assert.throws(() => createSigners({ everybody: everybody(), further: [] }, policy), /nothing to sign with/);
  });
});

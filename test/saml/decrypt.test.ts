/** What others encrypt to us opens by any of our keys, and nothing that does not open tells why. */
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { weakAlgorithms } from '../../src/config/algorithm-names.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { Refusal } from '../../src/refusal.ts';
import { createAlgorithmPolicy, standardPolicy } from '../../src/saml/algorithm-policy.ts';
import { createDecrypter } from '../../src/saml/decrypt.ts';
import { parseXml } from '../../src/saml/xml.ts';
import { makeEncrypted, type EncryptedOptions } from '../fixtures/make-encrypted.ts';
import { encryptedByXmlsec } from '../fixtures/xml-judges.ts';

const [first, second, stranger] = [0, 1, 2].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 })) as [
  ReturnType<typeof generateKeyPairSync>,
  ReturnType<typeof generateKeyPairSync>,
  ReturnType<typeof generateKeyPairSync>,
];
const entityID = 'https://idp.example.com/saml/metadata';
const nameID = (value: string): string =>
  `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${value}</saml:NameID>`;

const uses: string[] = [];
const lenient = createAlgorithmPolicy({ forbidden: [], allowed: Object.values(weakAlgorithms) }, (uri) => uses.push(uri));
const decrypterBy = (policy: typeof standardPolicy, keys = [first.privateKey, second.privateKey]) =>
  createDecrypter({ keys, entityID, policy, random: randomBytes });
const strict = decrypterBy(standardPolicy);
const from = { entityID: 'https://sp.example.net', signed: true };
const open = (xml: string, decrypter = strict): string => decrypter.decrypt(parseXml(xml), from).text;

/** The refusal as others and the log see it. */
function refusalOf(xml: string, decrypter = strict): { reason: string; detail: unknown } {
  try {
    decrypter.decrypt(parseXml(xml), from);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return { reason: error.reason, detail: error.detail };
  }
  return assert.fail('it opened');
}

const sound: readonly (readonly [string, EncryptedOptions])[] = [
  ...['aes128-gcm', 'aes192-gcm', 'aes256-gcm'].map((cipher) => [cipher, { cipher }] as const),
  ['rsa-oaep-mgf1p, SHA-1 named', { digest: 'sha1' }],
  ['rsa-oaep-mgf1p, SHA-256 over MGF1-SHA-1', { digest: 'sha256' }],
  ['rsa-oaep-mgf1p, SHA-512 over MGF1-SHA-1', { digest: 'sha512' }],
  ['rsa-oaep, nothing named', { transport: 'rsa-oaep' }],
  ['rsa-oaep, SHA-1', { transport: 'rsa-oaep', digest: 'sha1', mgf: 'sha1' }],
  ['rsa-oaep, SHA-256', { transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha256' }],
  ['rsa-oaep, SHA-256 over MGF1-SHA-1', { transport: 'rsa-oaep', digest: 'sha256' }],
  ['rsa-oaep, SHA-1 over MGF1-SHA-256', { transport: 'rsa-oaep', mgf: 'sha256' }],
  ['rsa-oaep, SHA-384', { transport: 'rsa-oaep', digest: 'sha384', mgf: 'sha384' }],
  ['OAEPparams', { label: Buffer.from('label') }],
  ['OAEPparams where digest and mask differ', { label: Buffer.from('label'), digest: 'sha256' }],
  ['its key beside it', { placement: 'beside' }],
  ['its key beside it, pointed to', { placement: 'beside, pointed to' }],
  ['a key for somebody else as well', { alsoFor: [stranger.publicKey] }],
  ['a Recipient who is us', { recipient: entityID }],
  ['a Recipient who is not', { recipient: 'https://other.example.com/' }],
];
const weak: readonly (readonly [string, EncryptedOptions])[] = [
  ...['aes128-cbc', 'aes192-cbc', 'aes256-cbc'].map((cipher) => [cipher, { cipher }] as const),
  ['rsa-1_5', { transport: 'rsa-1_5' }],
];

describe('what others encrypt to us', () => {
  for (const [title, options] of sound) {
    it(`opens by either key: ${title}`, () => {
      for (const { publicKey } of [first, second])
        assert.equal(open(makeEncrypted(nameID('alice'), publicKey, options)), 'alice');
    });
  }

  for (const [title, options] of weak) {
    it(`opens only where that is allowed by name, which is told of: ${title}`, () => {
      const xml = makeEncrypted(nameID('alice'), first.publicKey, options);
      assert.equal(refusalOf(xml).reason, 'decryption-failed');
      uses.length = 0;
      assert.equal(open(xml, decrypterBy(lenient)), 'alice');
      assert.equal(uses.length, 1);
      assert.ok(uses[0]?.endsWith(`#${title}`));
    });
  }

  for (const bits of [128, 256] as const) {
    it(`opens as xmlsec1 writes it, by AES-${String(bits)}-GCM`, async () => {
      const made = await makeKey({ commonName: 'x', now: Date.now(), serialNumber: randomBytes(16) });
      const data = encryptedByXmlsec(nameID('alice'), made.certificate, bits);
      const xml = `<saml:EncryptedID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${data}</saml:EncryptedID>`;
      assert.equal(open(xml, decrypterBy(standardPolicy, [createPrivateKey(made.privateKey)])), 'alice');
    });
  }

  it('is what was encrypted, whatever it was', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '&amp;', 'é', '😀', ' ', '&#13;', '测'), maxLength: 300 }),
        fc.constantFrom('aes128-gcm', 'aes256-gcm', 'aes128-cbc', 'aes256-cbc'),
        (text, cipher) => {
          const expected = parseXml(nameID(text)).text;
          assert.equal(open(makeEncrypted(nameID(text), first.publicKey, { cipher }), decrypterBy(lenient)), expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('does not open once any byte of it is changed, and never faults', () => {
    const xml = makeEncrypted(nameID('alice'), first.publicKey);
    const values = [...xml.matchAll(/CipherValue>([^<]+)</g)].map((match) => ({ at: match.index + 12, text: match[1] ?? '' }));
    assert.equal(values.length, 2);
    fc.assert(
      fc.property(fc.constantFrom(...values), fc.nat(), fc.integer({ min: 1, max: 255 }), ({ at, text }, place, by) => {
        const octets = Buffer.from(text, 'base64');
        const index = place % octets.length;
        octets[index] = (octets[index] ?? 0) ^ by;
        const spoilt = xml.slice(0, at) + octets.toString('base64') + xml.slice(at + text.length);
        assert.deepEqual(refusalOf(spoilt), { reason: 'decryption-failed', detail: {} });
      }),
      { numRuns: 100 },
    );
  });
});

describe('what does not open', () => {
  const whole = (octets: Buffer): Buffer => octets;
  const padding = (last: number) => (content: Buffer) => {
    const changed = Buffer.from(content);
    const at = changed.length - 17;
    // The block before the last one decides the last byte of the plaintext.
    changed[at] = (changed[at] ?? 0) ^ last;
    return changed;
  };
  /** All of them reach our private keys: they must not be told apart. */
  const alike: readonly (readonly [string, () => string])[] = [
    ['another key', () => makeEncrypted(nameID('alice'), stranger.publicKey)],
    ['a content key too short', () => makeEncrypted(nameID('a'), first.publicKey, { spoilKey: (key) => key.subarray(1) })],
    [
      'a content key too long',
      () => makeEncrypted(nameID('a'), first.publicKey, { spoilKey: (key) => Buffer.concat([key, key]) }),
    ],
    ['an empty content key', () => makeEncrypted(nameID('a'), first.publicKey, { spoilKey: () => Buffer.alloc(0) })],
    ['another content key', () => makeEncrypted(nameID('a'), first.publicKey, { spoilKey: (key) => randomBytes(key.length) })],
    ['a tag cut short', () => makeEncrypted(nameID('a'), first.publicKey, { spoilContent: (octets) => octets.subarray(0, -4) })],
    ['no tag at all', () => makeEncrypted(nameID('a'), first.publicKey, { spoilContent: (octets) => octets.subarray(0, 20) })],
    [
      'no bytes but the vector',
      () => makeEncrypted(nameID('a'), first.publicKey, { spoilContent: (octets) => octets.subarray(0, 12) }),
    ],
    ['nothing', () => makeEncrypted('', first.publicKey)],
    ['no XML', () => makeEncrypted('alice', first.publicKey)],
    ['no UTF-8', () => makeEncrypted(Buffer.from([0x3c, 0xff]), first.publicKey)],
    ['a DOCTYPE', () => makeEncrypted(`<!DOCTYPE x>${nameID('a')}`, first.publicKey)],
    ['a comment', () => makeEncrypted(nameID('ali<!---->ce'), first.publicKey)],
    ['two elements', () => makeEncrypted(nameID('a') + nameID('b'), first.publicKey)],
    ['a prefix that it does not declare', () => makeEncrypted('<saml:NameID>a</saml:NameID>', first.publicKey)],
    ['too much', () => makeEncrypted(nameID('a'.repeat(70_000)), first.publicKey)],
    ['nesting', () => makeEncrypted('<a>'.repeat(5_000), first.publicKey)],
    [
      'another digest than was used',
      () => makeEncrypted(nameID('a'), first.publicKey, { digest: 'sha256' }).replace('xmlenc#sha256', 'xmlenc#sha512'),
    ],
    [
      'another label than was used',
      () => makeEncrypted(nameID('a'), first.publicKey, { label: Buffer.from('abc') }).replace('YWJj', 'YWJk'),
    ],
    [
      'a key of another length than the modulus',
      () => makeEncrypted(nameID('a'), first.publicKey).replace(/(EncryptedKey.*?CipherValue>)[^<]+/s, '$1AAAA'),
    ],
  ];
  for (const [title, make] of alike) {
    it(`looks like anything else that does not: ${title}`, () => {
      assert.deepEqual(refusalOf(make()), { reason: 'decryption-failed', detail: {} });
    });
  }

  const padded: readonly (readonly [string, EncryptedOptions])[] = [
    ['padding of CBC, wrong', { cipher: 'aes256-cbc', spoilContent: padding(0x40) }],
    ['padding of CBC, another', { cipher: 'aes256-cbc', spoilContent: padding(0x01) }],
    [
      'content of CBC, garbled',
      { cipher: 'aes256-cbc', spoilContent: (octets) => Buffer.concat([randomBytes(16), octets.subarray(16)]) },
    ],
    ['CBC, not whole blocks', { cipher: 'aes256-cbc', spoilContent: (octets) => octets.subarray(0, -1) }],
    ['CBC, no block', { cipher: 'aes256-cbc', spoilContent: (octets) => octets.subarray(0, 16) }],
    ['rsa-1_5, too short a key', { transport: 'rsa-1_5', spoilKey: (key) => key.subarray(1) }],
    ['rsa-1_5, another key', { transport: 'rsa-1_5', spoilKey: (key) => randomBytes(key.length) }],
  ];
  for (const [title, options] of padded) {
    it(`answers no question about padding: ${title}`, () => {
      const xml = makeEncrypted(nameID('alice'), first.publicKey, options);
      assert.deepEqual(refusalOf(xml, decrypterBy(lenient)), { reason: 'decryption-failed', detail: {} });
    });
  }

  const keyless = { transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha256' } as const;
  /** Refused for their form, before any key is used. */
  const malformed: readonly (readonly [string, string])[] = [
    ['no EncryptedData', '<a/>'],
    [
      'two of them',
      ((xml) => xml.replace(/(<xenc:EncryptedData.*<\/xenc:EncryptedData>)/s, '$1$1'))(
        makeEncrypted(nameID('a'), first.publicKey),
      ),
    ],
    [
      'content rather than an element',
      makeEncrypted(nameID('a'), first.publicKey, { type: 'http://www.w3.org/2001/04/xmlenc#Content' }),
    ],
    ['an unknown cipher', makeEncrypted(nameID('a'), first.publicKey).replace('aes128-gcm', 'rot13')],
    ['3DES', makeEncrypted(nameID('a'), first.publicKey).replace('2009/xmlenc11#aes128-gcm', '2001/04/xmlenc#tripledes-cbc')],
    ['no key', makeEncrypted(nameID('a'), first.publicKey).replace(/<ds:KeyInfo.*<\/ds:KeyInfo>/s, '')],
    ['five keys', makeEncrypted(nameID('a'), first.publicKey, { alsoFor: Array.from({ length: 4 }, () => stranger.publicKey) })],
    ['an unknown transport', makeEncrypted(nameID('a'), first.publicKey).replace('rsa-oaep-mgf1p', 'kw-aes128')],
    [
      'an unknown digest',
      makeEncrypted(nameID('a'), first.publicKey, { digest: 'sha1' }).replace('xmldsig#sha1', 'xmldsig-more#md5'),
    ],
    ['an unknown mask', makeEncrypted(nameID('a'), first.publicKey, keyless).replace('mgf1sha256', 'mgf1md5')],
    ['a mask that rsa-oaep-mgf1p has not', makeEncrypted(nameID('a'), first.publicKey, { mgf: 'sha256' })],
    [
      'a CipherReference',
      makeEncrypted(nameID('a'), first.publicKey).replaceAll(
        /<xenc:CipherValue>[^<]+<\/xenc:CipherValue>/g,
        '<xenc:CipherReference xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" URI="file:///etc/passwd"/>',
      ),
    ],
    ['no base64', makeEncrypted(nameID('a'), first.publicKey).replaceAll(/CipherValue>[^<]{4}/g, 'CipherValue>****')],
    ['a label without end', makeEncrypted(nameID('a'), first.publicKey, { label: Buffer.alloc(2_000) })],
  ];
  for (const [title, xml] of malformed) {
    it(`is refused for its form: ${title}`, () => {
      assert.equal(refusalOf(xml).reason, 'decryption-failed');
      // No key of ours was needed to say so.
      assert.deepEqual(refusalOf(xml, decrypterBy(standardPolicy, [])), refusalOf(xml));
    });
  }

  it('is refused where a configuration forbids what it uses', () => {
    const forbid = (...forbidden: string[]) => decrypterBy(createAlgorithmPolicy({ forbidden, allowed: [] }, () => undefined));
    const xml = makeEncrypted(nameID('a'), first.publicKey);
    for (const uri of [
      'http://www.w3.org/2009/xmlenc11#aes128-gcm',
      'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p',
      'http://www.w3.org/2000/09/xmldsig#sha1',
    ]) {
      assert.equal(refusalOf(xml, forbid(uri)).reason, 'decryption-failed');
    }
    assert.equal(open(xml, forbid('http://www.w3.org/2001/04/xmlenc#sha512')), 'a');
  });

  it('costs few operations of RSA', () => {
    const keys = Array.from({ length: 4 }, () => stranger.privateKey);
    const xml = makeEncrypted(nameID('a'), first.publicKey, { alsoFor: Array.from({ length: 3 }, () => first.publicKey) });
    const before = process.cpuUsage();
    assert.equal(refusalOf(xml, decrypterBy(standardPolicy, keys)).reason, 'decryption-failed');
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 200_000, String(user + system));
  });

  it('leaves what opens open', () => {
    assert.equal(open(makeEncrypted(nameID('alice'), first.publicKey, { spoilContent: whole })), 'alice');
  });
});

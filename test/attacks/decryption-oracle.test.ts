/** The house as a machine that opens others' ciphertexts: told apart by answers, by weak algorithms, or worn out by many keys. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { type Credential, ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { makeEncrypted, type EncryptedOptions } from '../fixtures/make-encrypted.ts';
import { type Page, Visitor } from '../fixtures/visitor.ts';
import { assertRefused, byPost, byQuery, type Scene, type Shot } from './scene.ts';

let house: House;
let credential: Credential;
let signing: ForeignServiceProvider;
let plain: ForeignServiceProvider;
/** What others encrypt to, as our metadata has it. */
let certificate: X509Certificate;
let scene: Scene;

before(async () => {
  credential = await makeCredential();
  signing = new ForeignServiceProvider(credential, 'https://signing.example.net');
  plain = new ForeignServiceProvider(credential, 'https://plain.example.net');
  house = await openHouse({
    metadata: [
      { xml: signing.metadata({ role: { AuthnRequestsSigned: 'true' } }), nameId: { format: 'emailAddress' } },
      { xml: plain.metadata(), nameId: { format: 'emailAddress' } },
    ],
    config: { algorithms: { allowed: ['aes128-cbc', 'aes256-cbc', 'rsa-1_5'] } },
    async layKeys(path) {
      const clock = { now: () => Date.now(), until: () => Promise.resolve() };
      const keys = createKeyFolder({ path, commonName: 'idp.example.com', clock, random: randomBytes });
      await keys.open();
      for (let count = 1; count < 4; count += 1) await keys.add({ use: 'encryption' });
    },
  });
  const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
  const [, base64 = ''] = /use="encryption".*?<ds:X509Certificate>([^<]+)/s.exec(xml) ?? [];
  certificate = new X509Certificate(Buffer.from(base64, 'base64'));
  const singleSignOn = `${house.url}/saml/sso`;
  const singleLogout = `${house.url}/saml/slo`;
  scene = { house, signing, plain, attacker: credential, singleSignOn, singleLogout, close: () => house.close() };
});
after(() => house.close());

const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const captured = (options: EncryptedOptions): string =>
  makeEncrypted(
    `<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Format="${emailAddress}">alice@example.com</saml:NameID>`,
    certificate.publicKey,
    options,
  );
const about = (sp: ForeignServiceProvider, encrypted: string): string =>
  sp.authnRequest(scene.singleSignOn, { content: `<saml:Subject>${encrypted}</saml:Subject>` });
const unsigned = (encrypted: string): Shot => byPost('/saml/sso', plain.postFields(about(plain, encrypted), { sign: false }));
const signed = (encrypted: string): Shot => byQuery('/saml/sso', signing.redirectQuery(about(signing, encrypted)));
const asksForPassword = (page: Page): boolean => page.form?.action === '/signin/password';

const spoilLast = (octets: Buffer): Buffer => {
  const spoilt = Buffer.from(octets);
  spoilt[spoilt.length - 17] = (spoilt.at(-17) ?? 0) ^ 0x40;
  return spoilt;
};
/** What a stranger may ask about a ciphertext that was caught on its way to us. */
const questions: readonly (readonly [string, EncryptedOptions])[] = [
  ['CBC, as it was caught', { cipher: 'aes256-cbc' }],
  ['CBC, its padding spoilt', { cipher: 'aes256-cbc', spoilContent: spoilLast }],
  ['CBC, its first block spoilt', { cipher: 'aes128-cbc', spoilContent: (octets) => octets.fill(0, 0, 16) }],
  ['rsa-1_5, as it was caught', { transport: 'rsa-1_5' }],
  ['rsa-1_5, another key', { transport: 'rsa-1_5', spoilKey: (key) => randomBytes(key.length) }],
  ['rsa-1_5, a key of another length', { transport: 'rsa-1_5', spoilKey: (key) => key.subarray(1) }],
  ['both', { transport: 'rsa-1_5', cipher: 'aes128-cbc' }],
];

describe('a stranger who asks what a ciphertext holds', () => {
  for (const [title, options] of questions) {
    it(`learns nothing where weak algorithms are allowed: ${title}`, async () => {
      await assertRefused(scene, () => unsigned(captured(options)), 'decryption-failed');
    });
  }

  const sound = questions.filter(([, { spoilContent, spoilKey }]) => spoilContent === undefined && spoilKey === undefined);
  for (const [title, options] of sound) {
    it(`and whoever signs is served: ${title}`, async () => {
      const shot = signed(captured(options));
      const page = await new Visitor(house.url).visit(shot.path, shot.init);
      assert.ok(asksForPassword(page), page.body.slice(0, 500));
      assert.ok(house.notes.some((note) => note.includes('a weak algorithm was used') && note.includes(signing.entityID)));
    });
  }

  it('is served like anybody by what answers no questions: AES-GCM within RSA-OAEP', async () => {
    const { path, init } = unsigned(captured({}));
    assert.ok(asksForPassword(await new Visitor(house.url).visit(path, init)));
  });

  it('wears nobody out with keys that all must be tried', async () => {
    const strangers = Array.from({ length: 3 }, () => generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    const spoilKey = (key: Buffer): Buffer => randomBytes(key.length);
    await assertRefused(scene, () => unsigned(captured({ alsoFor: strangers, digest: 'sha256', spoilKey })), 'decryption-failed');
  });
});

/** The whole house: what it encrypts, signs with and publishes, by its configuration and the metadata of who asks. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { algorithmUri, dataCiphers, keyTransports, signatureAlgorithms } from '../../src/config/algorithm-names.ts';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import {
  ForeignServiceProvider,
  makeCredential,
  type Credential,
  type MetadataOptions,
} from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House, type HouseOptions } from '../fixtures/house.ts';
import { makeEncrypted } from '../fixtures/make-encrypted.ts';
import { responseOf, statusOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { assertValidBySchema, assertVerifiedByXmlsec, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const password = 'Passw0rd!';
const alg = 'xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport"';
const signingMethods = (...uris: readonly string[]): string =>
  `<md:Extensions>${uris.map((uri) => `<alg:SigningMethod ${alg} Algorithm="${uri}"/>`).join('')}</md:Extensions>`;
const encryptionMethods = (...uris: readonly string[]): string =>
  uris.map((uri) => `<md:EncryptionMethod Algorithm="${uri}"/>`).join('');

let credential: Credential;
const opened: House[] = [];
before(async () => {
  credential = await makeCredential();
});
after(async () => {
  for (const house of opened) await house.close();
});

type Settings = Omit<NonNullable<HouseOptions['metadata']>[number], 'xml'>;

interface Scene {
  readonly house: House;
  readonly sp: ForeignServiceProvider;
  readonly arrive: (content?: string) => Promise<Page>;
  readonly signIn: (content?: string) => Promise<Page>;
}

/** A house with one service provider of the test's own. */
async function scene(
  metadata: (sp: ForeignServiceProvider) => MetadataOptions,
  settings: Settings = {},
  config: HouseOptions['config'] = {},
): Promise<Scene> {
  const sp = new ForeignServiceProvider(credential);
  const house = await openHouse({ metadata: [{ xml: sp.metadata(metadata(sp)), ...settings }], config });
  opened.push(house);
  const begin = (visitor: Visitor, content = ''): Promise<Page> =>
    visitor.visit(`/saml/sso?${sp.redirectQuery(sp.authnRequest(`${house.url}/saml/sso`, { content }), { sign: false })}`);
  return {
    house,
    sp,
    arrive: (content) => begin(new Visitor(house.url), content),
    async signIn(content) {
      const visitor = new Visitor(house.url);
      return visitor.fill(await begin(visitor, content), 'alice', password);
    },
  };
}
const policy = (format: string): string => `<samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:2.0:nameid-format:${format}"/>`;

describe('a service provider whose metadata has an encryption key', () => {
  it('is answered with an encrypted assertion, without any setting', async () => {
    const { sp, signIn, house } = await scene((own) => ({ keys: own.keyDescriptor('encryption') }));
    const { xml } = responseOf(await signIn());
    assertValidBySchema([xml], 'protocol');
    assert.match(xml, /<saml:EncryptedAssertion /);
    assert.doesNotMatch(xml, /alice|<saml:Assertion/);
    const pem = await activeCertificate(house);
    assertVerifiedByXmlsec(xml, 'Response', pem);
    const openedXml = sp.decrypt(xml);
    assert.match(openedXml, /<saml:NameID /);
    const [assertion = ''] = /<saml:Assertion.*<\/saml:Assertion>/s.exec(openedXml) ?? [];
    verifiedByXmlCrypto(assertion, 'Assertion', pem);
  });

  it('is answered as one key serves for both where none says its use', async () => {
    const { sp, signIn } = await scene((own) => ({ keys: own.keyDescriptor() }));
    assert.match(sp.decrypt(responseOf(await signIn()).xml), /<saml:Assertion /);
  });

  it('is answered in the clear where the setting says never, and with an encrypted NameID where it or the request says so', async () => {
    const keys = (own: ForeignServiceProvider): MetadataOptions => ({ keys: own.keyDescriptor('encryption') });
    const never = await scene(keys, { encrypt: 'never' });
    assert.match(responseOf(await never.signIn()).xml, /<saml:Assertion .*<saml:NameID /s);
    const asked = responseOf(await never.signIn(policy('encrypted'))).xml;
    assert.match(asked, /<saml:Assertion .*<saml:EncryptedID>/s);
    assert.match(never.sp.decrypt(asked), /<saml:Subject><saml:NameID /);
    const nameId = await scene(keys, { encrypt: 'nameId' });
    const { xml } = responseOf(await nameId.signIn());
    assert.match(xml, /<saml:Assertion .*<saml:EncryptedID>/s);
    assertValidBySchema([xml], 'protocol');
  });

  it('is encrypted to by what its EncryptionMethods name', async () => {
    const named = [dataCiphers['aes128-gcm'].uri, keyTransports['rsa-oaep']];
    const { sp, signIn } = await scene((own) => ({ keys: own.keyDescriptor('encryption', encryptionMethods(...named)) }));
    const { xml } = responseOf(await signIn());
    for (const uri of named) assert.ok(xml.includes(`"${uri}"`), uri);
    assert.match(sp.decrypt(xml), /<saml:Assertion /);
  });

  it('is answered with a signed refusal, never in the clear, where nothing is shared; the log says so at start', async () => {
    const named = encryptionMethods(dataCiphers['aes128-cbc'].uri, keyTransports['rsa-1_5']);
    const { signIn, house } = await scene((own) => ({ keys: own.keyDescriptor('encryption', named) }));
    const { xml } = responseOf(await signIn());
    assert.deepEqual(statusOf(xml), ['Responder', 'RequestUnsupported']);
    assert.doesNotMatch(xml, /Assertion /);
    assert.equal(house.events.at(-1)?.reason, 'algorithms-not-shared');
    assert.ok(house.notes.some((note) => /^warn a service provider shares no algorithms.*"purpose":"encryption"/.test(note)));
  });

  it('is encrypted to by weak algorithms where they are allowed by name, which is logged at start and at each use', async () => {
    const named = encryptionMethods(dataCiphers['aes128-cbc'].uri, keyTransports['rsa-1_5']);
    const { sp, signIn, house } = await scene(
      (own) => ({ keys: own.keyDescriptor('encryption', named) }),
      {},
      {
        algorithms: { allowed: ['aes128-cbc', 'rsa-1_5'] },
      },
    );
    assert.equal(house.notes.filter((note) => note.startsWith('warn a weak algorithm is allowed')).length, 2);
    assert.match(sp.decrypt(responseOf(await signIn()).xml), /<saml:Assertion /);
    const used = house.notes.filter((note) => note.startsWith('warn a weak algorithm was used'));
    assert.equal(used.length, 2);
    assert.ok(used.every((note) => note.includes(sp.entityID)));
  });
});

/** The certificate that signs, as our metadata has it first. */
async function activeCertificate(house: House): Promise<string> {
  const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
  const [, base64 = ''] = /use="signing".*?<ds:X509Certificate>([^<]+)/s.exec(xml) ?? [];
  return new X509Certificate(Buffer.from(base64, 'base64')).toString();
}

async function encryptionCertificate(house: House): Promise<string> {
  const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
  const [, base64 = ''] = /use="encryption".*?<ds:X509Certificate>([^<]+)/s.exec(xml) ?? [];
  return new X509Certificate(Buffer.from(base64, 'base64')).toString();
}

describe('what is signed for a service provider', () => {
  const { uri: rsaSha512 } = signatureAlgorithms['rsa-sha512'];
  const { uri: ecdsa } = signatureAlgorithms['ecdsa-sha256'];

  it('is signed by what its metadata takes', async () => {
    const { signIn, house } = await scene(() => ({ extensions: signingMethods(rsaSha512) }));
    const { xml } = responseOf(await signIn());
    assert.equal(xml.split(`SignatureMethod Algorithm="${rsaSha512}"`).length, 3);
    assertVerifiedByXmlsec(xml, 'Response', await activeCertificate(house));
  });

  it('is refused on a page where nothing that we can sign with is taken', async () => {
    const { signIn, house } = await scene(() => ({ extensions: signingMethods(algorithmUri('rsa-sha1') ?? '') }));
    const page = await signIn();
    assert.equal(page.form, undefined);
    assert.equal(page.status, 400);
    assert.match(page.body, /This request cannot be met/);
    assert.equal(page.reference, house.events.at(-1)?.reference);
    assert.equal(house.events.at(-1)?.reason, 'algorithms-not-shared');
    assert.ok(house.notes.some((note) => /shares no algorithms.*"purpose":"signature"/.test(note)));
  });

  it('is signed by the key that its setting names, which the metadata publishes and Google is not told of', async () => {
    const { house, signIn } = await scene(() => ({}));
    const folder = createKeyFolder({
      path: house.configuration.keys.folder,
      commonName: 'localhost',
      clock: { now: () => Date.now(), until: () => Promise.resolve() },
      random: randomBytes,
    });
    const { certificate } = await folder.add({ use: 'service-provider', type: 'ec-p256', name: 'partner' });
    const [provider] = house.configuration.serviceProviders.filter(({ kind }) => kind === 'metadata');
    assert.ok(provider?.kind === 'metadata');
    Object.assign(provider, { signature: { key: 'partner' } });
    await house.restart();
    const { xml } = responseOf(await signIn());
    assert.ok(xml.includes(`SignatureMethod Algorithm="${ecdsa}"`));
    assertVerifiedByXmlsec(xml, 'Response', certificate.toString());
    const metadata = await (await fetch(`${house.url}/saml/metadata`)).text();
    assert.equal(metadata.match(/use="signing"/g)?.length, 2);
    assert.ok(metadata.includes(certificate.raw.toString('base64')));
    assert.notEqual(await activeCertificate(house), certificate.toString());
  });

  it('must be signed by what the configuration does not forbid', async () => {
    const { sp, house } = await scene(
      (own) => ({ keys: own.keyDescriptor('signing'), role: { AuthnRequestsSigned: 'true' } }),
      {},
      {
        algorithms: { forbidden: ['rsa-sha256'] },
      },
    );
    const xml = sp.authnRequest(`${house.url}/saml/sso`);
    const redirected = await new Visitor(house.url).visit(`/saml/sso?${sp.redirectQuery(xml)}`);
    const posted = await new Visitor(house.url).visit('/saml/sso', {
      method: 'POST',
      body: new URLSearchParams(sp.postFields(sp.authnRequest(`${house.url}/saml/sso`))),
    });
    for (const page of [redirected, posted]) assert.match(page.body, /cannot be trusted/);
    const refused = house.events.filter(({ event }) => event === 'signin.refused');
    assert.deepEqual(
      refused.map(({ reason }) => reason),
      ['signature-algorithm-forbidden', 'signature-algorithm-forbidden'],
    );
    const metadata = await (await fetch(`${house.url}/saml/metadata`)).text();
    assert.match(metadata, /SignatureMethod Algorithm="[^"]*#rsa-sha384"/);
    assert.doesNotMatch(metadata, /"[^"]*xmldsig-more#rsa-sha256"/);
  });
});

describe('what others encrypt to us', () => {
  const subject = (encrypted: string): string => `<saml:Subject>${encrypted}</saml:Subject>`;
  const nameID =
    '<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">alice.liddell@example.com</saml:NameID>';

  it('opens by the key of our metadata, and by the one before it once there is a newer', async () => {
    const { house, arrive } = await scene(() => ({}));
    const old = await encryptionCertificate(house);
    const folder = createKeyFolder({
      path: house.configuration.keys.folder,
      commonName: 'localhost',
      clock: { now: () => Date.now() + 60_000, until: () => Promise.resolve() },
      random: randomBytes,
    });
    await folder.add({ use: 'encryption' });
    await house.restart();
    const current = await encryptionCertificate(house);
    assert.notEqual(current, old);
    for (const certificate of [old, current]) {
      const page = await arrive(subject(makeEncrypted(nameID, certificate)));
      assert.equal(page.form?.action, '/signin/password', page.body.slice(0, 500));
    }
    const stranger = await makeCredential();
    const page = await arrive(subject(makeEncrypted(nameID, stranger.certificate)));
    assert.equal(house.events.at(-1)?.reason, 'decryption-failed', page.body.slice(0, 500));
  });

  it('is said in our metadata to be what we open, and nothing weak', async () => {
    const { house } = await scene(() => ({}));
    const xml = await (await fetch(`${house.url}/saml/metadata`)).text();
    assertValidBySchema([xml], 'metadata');
    for (const name of ['aes128-gcm', 'aes256-gcm', 'rsa-oaep-mgf1p', 'rsa-oaep']) {
      assert.ok(xml.includes(`<md:EncryptionMethod Algorithm="${algorithmUri(name) ?? ''}">`), name);
    }
    for (const name of ['aes128-cbc', 'rsa-1_5', 'rsa-sha1', 'md5'])
      assert.ok(!xml.includes(`"${algorithmUri(name) ?? ''}"`), name);
    assert.match(xml, /<alg:SigningMethod [^>]*#rsa-sha256" MinKeySize="2048">/);
    assert.match(xml, /<alg:DigestMethod [^>]*#sha256">/);
  });
});

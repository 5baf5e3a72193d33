/**
 * Every reason of the one table, provoked from outside against a real Active Directory (Samba). A reason without a proof does not
 * compile. Each answer is held against its row: the page or the signed Response, the status, the words, and the log.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign as signBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { refusals, type Reason } from '../../src/refusal.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { ForeignServiceProvider, makeCredential, type MetadataOptions } from '../fixtures/foreign-service-provider.ts';
import { sloService } from '../fixtures/logout-journey.ts';
import { acs, entityID, openHouse, type House, type HouseOptions } from '../fixtures/house.ts';
import {
  authnRequest,
  redirectQuery,
  responseOf,
  statusOf,
  Visitor,
  type Page,
  type RequestOptions,
} from '../fixtures/visitor.ts';
import { takeKey } from '../fixtures/ready-keys.ts';
import { openSigningService } from '../fixtures/signing-service.ts';
import { openWindows } from '../fixtures/windows-controllers.ts';
import { openOneDomain, optionsFor } from '../directory/options.ts';
import { basic, channelBindings, envelope, paos, soapPost } from '../fixtures/soap-client.ts';
import { certificateProofs } from './certificate-proofs.ts';
import { askedAgainAt, factorProofs } from './factor-proofs.ts';
import { kerberosProofs } from './kerberos-proofs.ts';
import { passwordProofs } from './password-proofs.ts';
import { modify, type DirectoryServer } from '../testbed/directory-server.ts';
import { samba } from '../testbed/samba.ts';
import en from '../../views/locales/en.json' with { type: 'json' };

const password = 'Passw0rd!';
const signer = 'https://signer.example.net/metadata';
const signerAcs = 'https://signer.example.net/acs';
const legacyAcs = 'https://www.google.com/a/example.com/acs';
const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
const folder = mkdtempSync(join(tmpdir(), 'passerelle-refusals-'));
const broken = join(folder, 'broken.xml');

let server: DirectoryServer;
let house: House;
const others: House[] = [];
const closing: (() => Promise<void>)[] = [];

async function another(options: Omit<HouseOptions, 'directory'>): Promise<House> {
  const opened = await openHouse({ directory: server, ...options });
  others.push(opened);
  return opened;
}

const profile = (attributes: Record<string, string>): ConfigInput['serviceProviders'] => [
  { kind: 'google-profile', entityId: 'https://accounts.google.com/samlrp/03test', acsUrl: acs, attributes },
];

before(async () => {
  server = await samba();
  const { certificate } = await makeKey({ commonName: 'signer', now: Date.now(), serialNumber: randomBytes(16) });
  const metadata = join(folder, 'signer.xml');
  // The key of the certificate is nobody's here; the one that signs is given as a bare key value.
  const { n, e } = keys.publicKey.export({ format: 'jwk' });
  const base64 = (value: string | undefined): string => Buffer.from(value ?? '', 'base64url').toString('base64');
  writeFileSync(
    metadata,
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${signer}">
    <md:SPSSODescriptor AuthnRequestsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\n/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:KeyDescriptor><ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo></md:KeyDescriptor>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${signerAcs}" index="0"/>
    </md:SPSSODescriptor></md:EntityDescriptor>`,
  );
  writeFileSync(
    broken,
    `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:EntityDescriptor entityID="https://broken.example.net/metadata">
    <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></md:EntityDescriptor></md:EntitiesDescriptor>`,
  );
  house = await openHouse({
    directory: server,
    config: {
      serviceProviders: [
        ...(profile({}) ?? []),
        { kind: 'google-legacy', domain: 'example.com', attributes: { displayName: 'displayName' } },
        { kind: 'metadata', file: metadata },
      ],
    },
  });
});
after(async () => {
  for (const opened of others) await opened.close();
  for (const close of closing.reverse()) await close();
  await house.close();
  rmSync(folder, { recursive: true });
});

/** What provokes a refusal: the house that refused, and the page that it showed. */
type Proof = () => Promise<{ readonly page: Page; readonly at: House }>;

const visit =
  (path: string): Proof =>
  async () => ({ page: await new Visitor(house.url).visit(path), at: house });
const arrive =
  (options: RequestOptions): Proof =>
  async () => ({ page: await new Visitor(house.url).arrive(options), at: house });
/** At a house that takes metadata from there. */
const arriveAt =
  (metadata: () => ConfigInput['metadata'], issuer: string): Proof =>
  async () => {
    const at = await another({ config: { metadata: metadata() } });
    return { page: await new Visitor(at.url).arrive({ issuer }), at };
  };
const raw = (xml: string): Proof => visit(`/saml/sso?${redirectQuery(xml)}`);
const signIn =
  (name: string, typed = password): Proof =>
  async () => ({ page: await new Visitor(house.url).signIn(name, typed), at: house });
const signInAt =
  (options: Omit<HouseOptions, 'directory'>, name: string, request: RequestOptions = {}): Proof =>
  async () => {
    const at = await another(options);
    return { page: await new Visitor(at.url).signIn(name, password, request), at };
  };

/** Signed by the detached signature of HTTP-Redirect. */
function signed(algorithm: string, key = keys.privateKey): Proof {
  return async () => {
    const xml = authnRequest({
      issuer: signer,
      attributes: { AssertionConsumerServiceURL: signerAcs, Destination: `${house.url}/saml/sso` },
    });
    const octets = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64'), SigAlg: algorithm }).toString();
    const signature = signBytes('sha256', Buffer.from(octets), key).toString('base64');
    return {
      page: await new Visitor(house.url).visit(`/saml/sso?${octets}&Signature=${encodeURIComponent(signature)}`),
      at: house,
    };
  };
}

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const nameIDPolicy = (attributes: string): string => `<samlp:NameIDPolicy ${attributes}/>`;
const subject = (value: string): string => `<saml:Subject><saml:NameID>${value}</saml:NameID></saml:Subject>`;

/** In the exact words of a Windows domain controller, where Samba never says such. */
const byWindows =
  (data: string): Proof =>
  async () => {
    const domain = await openWindows([[{ name: 'somebody', password, data }]]);
    const at = await openHouse({ ldap: domain.ldap });
    others.push({ ...at, close: () => at.close().then(() => domain.close()) });
    return { page: await new Visitor(at.url).signIn('somebody', password), at };
  };

/** A person made for one test. */
async function makePerson(): Promise<{ name: string; dn: string }> {
  const name = `temp-${randomBytes(4).toString('hex')}`;
  const dn = `CN=${name},OU=Guests,${server.baseDn}`;
  const quoted = Buffer.from(`"${password}"`, 'utf16le').toString('base64');
  await modify(
    server,
    `dn: ${dn}\nchangetype: add\nobjectClass: user\nsAMAccountName: ${name}\nuserPrincipalName: ${name}@example.com\nunicodePwd:: ${quoted}\nuserAccountControl: 512\n`,
  );
  return { name, dn };
}

/** Something happens to the account between the password and the answer. */
function meanwhile(happens: (dn: string) => Promise<void>): Proof {
  return async () => {
    const { name, dn } = await makePerson();
    const visitor = new Visitor(house.url);
    const asked = await visitor.arrive();
    assert.ok(asked.form !== undefined);
    const accepted = await visitor.request(asked.form.action, {
      method: 'POST',
      headers: { Origin: house.url },
      body: new URLSearchParams({ ...asked.form.fields, name, password }),
    });
    assert.equal(accepted.status, 303);
    await happens(dn);
    return { page: await visitor.visit(accepted.headers.get('location') ?? ''), at: house };
  };
}

/** A service provider that need not sign its requests. */
async function asker(options: MetadataOptions = {}): Promise<{ site: ForeignServiceProvider; at: House }> {
  const site = new ForeignServiceProvider(await makeCredential());
  return { site, at: await another({ metadata: [{ xml: site.metadata(options) }] }) };
}

/** A client without a browser, at a house that lets such in; the Response that it gets, if any, as a page would post it. */
const byClient =
  (body: (site: ForeignServiceProvider) => string): Proof =>
  async () => {
    const site = new ForeignServiceProvider(await makeCredential());
    const assertionConsumerServices = `<md:AssertionConsumerService index="0" Binding="${paos}" Location="${site.acs}"/>`;
    const at = await another({
      config: { ecp: { enabled: true } },
      metadata: [{ xml: site.metadata({ assertionConsumerServices }) }],
    });
    const { status, headers, text } = await soapPost(`${at.url}/saml/ecp`, body(site), basic('alice', password));
    const response = /<samlp:Response.*<\/samlp:Response>/s.exec(text)?.[0];
    const form =
      response === undefined
        ? undefined
        : { action: site.acs, fields: { SAMLResponse: Buffer.from(response).toString('base64') } };
    return { page: { status, headers, url: at.url, body: text, reference: undefined, form }, at };
  };

const exhausted =
  (config: ConfigInput['throttle'], names: readonly string[]): Proof =>
  async () => {
    const at = await another({ config: { throttle: { floor: '1ms', ...config } } });
    for (const name of names.slice(0, -1)) await new Visitor(at.url).signIn(name, 'wrong');
    return { page: await new Visitor(at.url).signIn(names.at(-1) ?? '', password), at };
  };

/** At the single logout endpoint, by a service provider that takes its answers by HTTP-POST. */
const logout =
  (
    message: (site: ForeignServiceProvider, endpoint: string) => string,
    parameter: 'SAMLRequest' | 'SAMLResponse' = 'SAMLRequest',
  ): Proof =>
  async () => {
    const site = new ForeignServiceProvider(await makeCredential());
    const at = await another({ metadata: [{ xml: site.metadata({ endpoints: sloService('post', `${site.origin}/slo`) }) }] });
    const query = site.redirectQuery(message(site, `${at.url}/saml/slo`), { parameter });
    return { page: await new Visitor(at.url).visit(`/saml/slo?${query}`), at };
  };

const proofs: Record<Reason, Proof> = {
  'access-not-granted': async () => {
    const access = { groups: ['CN=sales,OU=Groups,DC=corp,DC=example,DC=com'] };
    const at = await another({
      config: { serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, access }] },
    });
    return { page: await new Visitor(at.url).signIn('alice', password), at };
  },
  'request-missing': visit('/saml/sso'),
  'request-parameter-repeated': visit(`/saml/sso?${redirectQuery(authnRequest())}&SAMLRequest=x`),
  'request-parameter-disguised': visit(`/saml/sso?%53AMLRequest=x`),
  'request-parameter-malformed': visit('/saml/sso?SAMLRequest=%ff'),
  'request-too-large': visit(
    `/saml/sso?SAMLRequest=${encodeURIComponent(deflateRawSync(' '.repeat(10_000_000)).toString('base64'))}`,
  ),
  'relay-state-too-large': async () => ({
    page: await new Visitor(house.url).visit('/saml/sso', {
      method: 'POST',
      body: new URLSearchParams({ SAMLRequest: Buffer.from(authnRequest()).toString('base64'), RelayState: 'r'.repeat(65_537) }),
    }),
    at: house,
  }),
  'request-not-base64': visit('/saml/sso?SAMLRequest=%3C%3E'),
  'request-not-deflated': visit('/saml/sso?SAMLRequest=AAAA'),
  'request-not-xml': raw('<a><b></a>'),
  'request-forbidden-markup': raw(`<!DOCTYPE a [<!ENTITY e "x">]>${authnRequest()}`),
  'request-too-complex': raw('<a>'.repeat(5_000) + '</a>'.repeat(5_000)),
  'request-not-authn-request': raw('<a xmlns="urn:oasis:names:tc:SAML:2.0:protocol"/>'),
  'request-invalid': arrive({ attributes: { ForceAuthn: 'perhaps' } }),
  'request-version': arrive({ attributes: { Version: '1.1' } }),
  'request-wrong-destination': arrive({ attributes: { Destination: 'https://other.example.com/saml/sso' } }),
  'request-stale': arrive({ issueInstant: Date.now() - 3_600_000 }),
  'request-from-future': arrive({ issueInstant: Date.now() + 3_600_000 }),
  'request-replayed': async () => {
    const query = redirectQuery(authnRequest());
    await new Visitor(house.url).visit(`/saml/sso?${query}`);
    return { page: await new Visitor(house.url).visit(`/saml/sso?${query}`), at: house };
  },
  'service-provider-unknown': arrive({ issuer: 'https://stranger.example.net/' }),
  'metadata-unusable': arriveAt(() => [{ kind: 'file', file: broken, admit: 'all' }], 'https://broken.example.net/metadata'),
  'metadata-unavailable': arriveAt(
    () => [{ kind: 'query', urls: ['http://127.0.0.10:9'], admit: 'all' }],
    'https://stranger.example.net/',
  ),
  'acs-not-registered': arrive({ attributes: { AssertionConsumerServiceURL: `${acs}/` } }),
  'binding-unsupported': arrive({ attributes: { ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact' } }),
  'signature-missing': arrive({ issuer: signer, attributes: { AssertionConsumerServiceURL: signerAcs } }),
  'signature-malformed': async () => {
    const query = redirectQuery(authnRequest({ issuer: signer, attributes: { AssertionConsumerServiceURL: signerAcs } }));
    return { page: await new Visitor(house.url).visit(`/saml/sso?${query}&Signature=AAAA`), at: house };
  },
  'signature-algorithm-forbidden': signed('http://www.w3.org/2000/09/xmldsig#rsa-sha1'),
  'signature-invalid': signed(rsaSha256, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  'soap-malformed': byClient((site) => site.authnRequest(undefined)),
  'soap-version-mismatch': byClient(() => '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"/>'),
  'soap-header-not-understood': byClient((site) =>
    envelope(site.authnRequest(undefined), '<x:y xmlns:x="urn:x" S:mustUnderstand="1"/>'),
  ),
  'channel-bindings-unverified': byClient((site) =>
    envelope(site.authnRequest(undefined), channelBindings('tls-server-end-point', 'AAEC')),
  ),
  'decryption-failed': arrive({
    content: '<saml:Subject><saml:EncryptedID><x xmlns="urn:x"/></saml:EncryptedID></saml:Subject>',
  }),
  'request-not-logout': logout((site, endpoint) => site.authnRequest(endpoint)),
  'logout-principal-unknown': logout((site, endpoint) => site.logoutRequest(endpoint, '<saml:NameID>nobody</saml:NameID>')),
  'logout-identifier-unreadable': logout((site, endpoint) => site.logoutRequest(endpoint, '<saml:BaseID/>')),
  'logout-unexpected': logout((site, endpoint) => site.logoutResponse(endpoint, `_${'0'.repeat(48)}`), 'SAMLResponse'),
  'logout-unknown': visit(`/signout/progress?id=${'0'.repeat(32)}`),
  'name-id-policy-unsupported': arrive({
    content: nameIDPolicy('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" AllowCreate="true"'),
  }),
  'name-id-not-created': async () => {
    const { site, at } = await asker();
    const page = await new Visitor(at.url).signIn('alice', password, {
      issuer: site.entityID,
      attributes: { AssertionConsumerServiceURL: site.acs },
      content: nameIDPolicy('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"'),
    });
    return { page, at };
  },
  'conditions-unmet': arrive({ content: '<saml:Conditions NotOnOrAfter="2020-01-01T00:00:00Z"/>' }),
  'identity-provider-not-listed': arrive({
    content:
      '<samlp:Scoping><samlp:IDPList><samlp:IDPEntry ProviderID="https://other.example.net/"/></samlp:IDPList></samlp:Scoping>',
  }),
  'authn-context-unmet': arrive({
    content:
      '<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:X509</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>',
  }),
  'subject-mismatch': async () => ({
    page: await new Visitor(house.url).signIn('alice', password, { content: subject('bob@example.com') }),
    at: house,
  }),
  'attribute-consuming-service-unknown': async () => {
    const { site, at } = await asker({
      attributeConsumingServices:
        '<md:AttributeConsumingService index="1"><md:ServiceName xml:lang="en">s</md:ServiceName><md:RequestedAttribute Name="a"/></md:AttributeConsumingService>',
    });
    return {
      page: await new Visitor(at.url).arrive({
        issuer: site.entityID,
        attributes: { AssertionConsumerServiceURL: site.acs, AttributeConsumingServiceIndex: '7' },
      }),
      at,
    };
  },
  // Its setting asks for encryption, and its metadata has no key.
  'algorithms-not-shared': async () => {
    const [issuer, location] = ['https://keyless.example.net/metadata', 'https://keyless.example.net/acs'];
    const xml =
      `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${issuer}">` +
      '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
      `<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="${location}" index="0"/>` +
      '</md:SPSSODescriptor></md:EntityDescriptor>';
    const at = await another({ metadata: [{ xml, encrypt: 'assertion' }] });
    const attributes = { AssertionConsumerServiceURL: location };
    return { page: await new Visitor(at.url).signIn('alice', password, { issuer, attributes }), at };
  },
  'passive-impossible': arrive({ attributes: { IsPassive: 'true' } }),
  'signin-unknown': visit('/signin?id=AAAAAAAAAAAAAAAAAAAAAA'),
  'form-malformed': async () => {
    const visitor = new Visitor(house.url);
    const { form } = await visitor.arrive();
    const fields = { ...form?.fields, name: 'alice', password };
    return { page: await visitor.post('/signin/password', fields, { Origin: 'https://evil.example.net' }), at: house };
  },
  'page-unknown': visit('/no/such/page'),
  'method-unknown': async () => ({
    page: await new Visitor(house.url).request('/saml/sso?SAMLRequest=x', { method: 'PUT' }),
    at: house,
  }),
  'person-unknown': signIn('nobody-of-that-name'),
  'person-ambiguous': signIn('shared@example.com'),
  'password-wrong': signIn('bob', 'not the password'),
  'password-unusable': signIn('bob', ''),
  'person-locked': async () => {
    const { name, dn } = await makePerson();
    // From here on the place is familiar.
    await new Visitor(house.url).signIn(name, password);
    const elsewhere = openOneDomain(optionsFor(server));
    const person = await elsewhere.find(name);
    assert.equal(person.distinguishedName, dn);
    for (let guess = 0; guess < 6; guess += 1) await assert.rejects(elsewhere.authenticate(person, 'wrong'));
    await elsewhere.close();
    return signIn(name)();
  },
  'person-locked-unfamiliar': signIn('locked'),
  'attempts-exhausted': exhausted({ attemptsPerAccount: 2 }, ['nobody', 'CORP\\nobody', 'NOBODY@example.com']),
  'person-attempts-exhausted': exhausted({ attemptsPerAccount: 2 }, ['alice', 'alice', 'alice.liddell@example.com']),
  'password-sprayed': async () => {
    const at = await another({ config: { throttle: { floor: '1ms', accountsPerPassword: 2 } } });
    for (const name of ['nobody1', 'nobody2']) await new Visitor(at.url).signIn(name, 'wrong');
    return { page: await new Visitor(at.url).signIn('alice', 'wrong'), at };
  },
  'address-attempts-exhausted': exhausted({ attemptsPerAddress: 2 }, ['nobody1', 'nobody2', 'alice']),
  'address-room-exhausted': async () => {
    const at = await another({ config: { throttle: { megabytesPerAddress: 1 } } });
    const visitor = new Visitor(at.url);
    for (let round = 0; round < 15; round += 1) await visitor.arrive({}, 'r'.repeat(65_536));
    return { page: await visitor.arrive({}, 'r'.repeat(65_536)), at };
  },
  'directory-unavailable': signInAt({ ldap: { urls: ['ldaps://127.0.0.10:9'] } }, 'alice'),
  'directory-untrusted': async () => {
    const { certificate } = await makeKey({ commonName: 'another authority', now: Date.now(), serialNumber: randomBytes(16) });
    const caFile = join(folder, 'another-authority.pem');
    writeFileSync(caFile, certificate);
    return signInAt({ ldap: { caFile } }, 'alice')();
  },
  'directory-refused': signInAt({ ldap: { password: 'not its password' } }, 'alice'),
  'person-disabled': meanwhile((dn) =>
    modify(server, `dn: ${dn}\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: 514\n`),
  ),
  'person-expired': signIn('expired'),
  'person-gone': meanwhile((dn) => modify(server, `dn: ${dn}\nchangetype: delete\n`)),
  'password-expired': signIn('pwexpired'),
  'password-must-change': signIn('mustchange'),
  ...certificateProofs({ server: () => server, later: (close) => closing.push(close) }),
  ...factorProofs({ later: (close) => closing.push(close) }),
  ...kerberosProofs({ later: (close) => closing.push(close) }),
  ...passwordProofs({ server: () => server, house: () => house, later: (close) => closing.push(close) }),
  'logon-hours': signIn('nohours'),
  'logon-workstation': signIn('workstation'),
  // Active Directory lets nobody of this group sign in by a password over LDAP (data 52f).
  'protected-user': async () => {
    const { name, dn } = await makePerson();
    await modify(server, `dn: CN=Protected Users,CN=Users,${server.baseDn}\nchangetype: modify\nadd: member\nmember: ${dn}\n`);
    return signIn(name)();
  },
  'smart-card-required': async () => {
    const { name, dn } = await makePerson();
    const change = (attribute: string) =>
      modify(server, `dn: ${dn}\nchangetype: modify\nreplace: ${attribute.replace(/:.*/, '')}\n${attribute}\n`);
    await change(`userAccountControl: ${String(0x40200)}`);
    await change(`unicodePwd:: ${Buffer.from(`"${password}"`, 'utf16le').toString('base64')}`);
    return signIn(name)();
  },
  'bind-refused': byWindows('5a3'),
  'too-many-groups': byWindows('568'),
  'person-not-replicated': async () => {
    const domain = await openWindows([[{ name: 'new', password }], []]);
    const at = await openHouse({ ldap: domain.ldap });
    others.push({ ...at, close: () => at.close().then(() => domain.close()) });
    domain.controllers[0]?.stopAfterTelling('new');
    let page = await new Visitor(at.url).signIn('new', password);
    // Until the one is asked that knows them.
    for (let turn = 0; turn < 20 && at.events.at(-1)?.reason === 'person-unknown'; turn += 1)
      page = await new Visitor(at.url).signIn('new', password);
    return { page, at };
  },
  'no-user-principal-name': signIn('noupn'),
  'no-mail': signInAt({ config: { mapping: { source: 'mail', domains: { primary: 'example.com' } } } }, 'dave'),
  'not-an-email-address': signIn('oddupn'),
  'address-not-in-domains': signIn('outsider'),
  'address-not-unique': signIn('twin1'),
  'attribute-character-forbidden': signInAt({ config: { serviceProviders: profile({ description: 'description' }) } }, 'control'),
  'attributes-too-large': signInAt(
    {
      config: {
        serviceProviders: profile(Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`a${String(n)}`, 'displayName']))),
      },
    },
    'zoe',
  ),
  'signing-unavailable': async () => {
    const device = await openSigningService('device', await takeKey('house'), { patience: 100 });
    const at = await another({ holdKeys: (ring) => ({ ...ring, active: device.key, published: [device.key] }) });
    closing.push(() => device.close());
    device.behave('is silent');
    return { page: await new Visitor(at.url).signIn('alice', password), at };
  },
  'attributes-not-ascii': async () => ({
    page: await new Visitor(house.url).signIn('zoe', password, {
      issuer: 'google.com',
      attributes: { AssertionConsumerServiceURL: legacyAcs },
    }),
    at: house,
  }),
};

/** Words that show in the page, as a browser would. */
const shown = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

describe('every refusal', () => {
  for (const [reason, prove] of Object.entries(proofs) as [Reason, Proof][]) {
    it(reason, async () => {
      const { page, at } = await prove();
      const row = refusals[reason];
      const event = at.events.findLast(({ event: kind }) =>
        ['signin.refused', 'kerberos.refused', 'logout.refused', 'account.refused'].includes(kind),
      );
      assert.equal(event?.reason, reason, `${JSON.stringify(event)}\n${page.body.slice(0, 1500)}`);
      assert.equal(event.hint, row.hint);
      // Whoever reads the log learns whose sign-in it was, wherever somebody was found.
      if (
        (row.answer === 'tell' && row.status[0] === 'Responder' && reason !== 'address-room-exhausted') ||
        ['password-wrong', 'person-locked', 'person-locked-unfamiliar', 'protected-user'].includes(reason)
      )
        assert.match(event.person ?? '', /^[0-9a-f-]{36}$/);
      if (row.answer === 'post' && event.request !== undefined && page.form !== undefined) {
        assert.deepEqual(statusOf(responseOf(page).xml), [...row.status]);
        assert.match(responseOf(page).xml, new RegExp(`reference ${event.reference}`));
        return;
      }
      assert.equal(page.status, row.http);
      if (page.headers.get('content-type') === 'text/xml; charset=utf-8') {
        assert.match(page.body, new RegExp(`<faultstring>${reason}, reference ${event.reference}</faultstring>`));
        return;
      }
      assert.equal(page.reference, event.reference);
      const words = (en as unknown as Record<string, { what: string } | undefined>)[row.words];
      assert.ok(words !== undefined && page.body.includes(shown(words.what)), `the words of ${row.words} are not on the page`);
      if (row.answer === 'tell') {
        const { xml, location } = responseOf(page);
        assert.ok(location === acs || location === legacyAcs);
        assert.deepEqual(statusOf(xml), [...row.status]);
        assert.doesNotMatch(xml, /<saml:Assertion/);
      }
      if (row.answer === 'change' || reason.startsWith('new-password-')) assert.equal(page.form?.action, '/signin/new-password');
      else if (row.answer === 'again')
        assert.equal(page.form?.action, reason in askedAgainAt ? askedAgainAt[reason] : '/signin/password');
    });
  }
});

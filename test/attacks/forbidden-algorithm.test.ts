/** Algorithms that the configuration forbids, or nobody knows, tried at every door: each path in asks the same policy. */
import assert from 'node:assert/strict';
import { randomBytes, sign } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { type Credential, ForeignServiceProvider, makeCredential, post, redirect } from '../fixtures/foreign-service-provider.ts';
import { type House, openHouse } from '../fixtures/house.ts';
import { makeEncrypted } from '../fixtures/make-encrypted.ts';
import { basic, envelope, httpArtifact, paos, soapPost } from '../fixtures/soap-client.ts';
import { responseOf, Visitor } from '../fixtures/visitor.ts';

const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const sha1 = 'http://www.w3.org/2000/09/xmldsig#sha1';
const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

let credential: Credential;
let sp: ForeignServiceProvider;
/** The same but for what they forbid. */
let open: House;
let closed: House;
const others: House[] = [];

const service = (index: number, binding: string, location: string): string =>
  `<md:AssertionConsumerService index="${String(index)}" Binding="${binding}" Location="${location}"/>`;
const houseThatForbids = (...forbidden: string[]): Promise<House> =>
  openHouse({
    config: { ecp: { enabled: true }, algorithms: { forbidden } },
    metadata: [
      {
        xml: sp.metadata({
          keys: sp.keyDescriptor(),
          endpoints: [post, redirect]
            .map((binding) => `<md:SingleLogoutService Binding="${binding}" Location="${sp.origin}/slo"/>`)
            .join(''),
          assertionConsumerServices:
            service(0, post, sp.acs) + service(1, paos, `${sp.acs}/paos`) + service(2, httpArtifact, `${sp.acs}/artifact`),
        }),
        nameId: { format: 'emailAddress' },
      },
    ],
  });

before(async () => {
  credential = await makeCredential();
  sp = new ForeignServiceProvider(credential);
  [open, closed] = await Promise.all([houseThatForbids(), houseThatForbids(rsaSha256)]);
});
after(async () => {
  for (const house of [open, closed, ...others]) await house.close();
});

const form = (fields: Readonly<Record<string, string>>): RequestInit => ({ method: 'POST', body: new URLSearchParams(fields) });
const visit = (house: House, path: string, init?: RequestInit) => new Visitor(house.url).request(path, init);
const nameID = `<saml:NameID Format="${emailAddress}">alice@example.com</saml:NameID>`;
const noDestination = (): string => sp.authnRequest(undefined, { attributes: { AssertionConsumerServiceURL: undefined } });
const logoutRequest = (house: House): string => sp.logoutRequest(`${house.url}/saml/slo`, nameID);
const logoutResponse = (house: House): string => sp.logoutResponse(`${house.url}/saml/slo`, '_unknown');

/** Every door that a signature may come in by. */
const doors: readonly (readonly [string, (house: House) => Promise<unknown>])[] = [
  ['AuthnRequest, HTTP-POST', (at) => visit(at, '/saml/sso', form(sp.postFields(sp.authnRequest(`${at.url}/saml/sso`))))],
  ['AuthnRequest, HTTP-Redirect', (at) => visit(at, `/saml/sso?${sp.redirectQuery(sp.authnRequest(`${at.url}/saml/sso`))}`)],
  ['AuthnRequest, SOAP', (at) => soapPost(`${at.url}/saml/ecp`, envelope(sp.sign(noDestination())), basic('alice', 'Passw0rd!'))],
  ['LogoutRequest, HTTP-POST', (at) => visit(at, '/saml/slo', form(sp.postFields(logoutRequest(at))))],
  ['LogoutRequest, HTTP-Redirect', (at) => visit(at, `/saml/slo?${sp.redirectQuery(logoutRequest(at))}`)],
  [
    'LogoutResponse, HTTP-POST',
    (at) => visit(at, '/saml/slo', form(sp.postFields(logoutResponse(at), { parameter: 'SAMLResponse' }))),
  ],
  [
    'LogoutResponse, HTTP-Redirect',
    (at) => visit(at, `/saml/slo?${sp.redirectQuery(logoutResponse(at), { parameter: 'SAMLResponse' })}`),
  ],
  [
    'ArtifactResolve, SOAP',
    (at) => soapPost(`${at.url}/saml/artifact`, envelope(sp.sign(sp.artifactResolve(`${at.url}/saml/artifact`, 'AAQAAA==')))),
  ],
];

describe('a signature by an algorithm that is forbidden', () => {
  for (const [door, enter] of doors) {
    it(`is refused: ${door}`, async () => {
      for (const [house, isRefused] of [
        [open, false],
        [closed, true],
      ] as const) {
        const before = house.events.length;
        await enter(house);
        const reasons = house.events.slice(before).map(({ reason }) => reason);
        assert.equal(reasons.includes('signature-algorithm-forbidden'), isRefused, `${house.url}: ${JSON.stringify(reasons)}`);
      }
    });
  }

  /** Near misses of what is allowed, and what a public key would serve as a secret for. */
  const names: readonly (readonly [string, Reason])[] = [
    [rsaSha256.toUpperCase(), 'signature-algorithm-forbidden'],
    [rsaSha256.replace('rsa-sha256', 'RSA-SHA256'), 'signature-algorithm-forbidden'],
    [`${rsaSha256} `, 'signature-algorithm-forbidden'],
    [` ${rsaSha256}`, 'signature-algorithm-forbidden'],
    [`${rsaSha256}\u0000`, 'signature-algorithm-forbidden'],
    [`${rsaSha256}\n`, 'signature-algorithm-forbidden'],
    [rsaSha256.replace('http:', 'https:'), 'signature-algorithm-forbidden'],
    [rsaSha256.replace('#', '/#'), 'signature-algorithm-forbidden'],
    ['rsa-sha256', 'signature-algorithm-forbidden'],
    ['', 'signature-algorithm-forbidden'],
    ['http://www.w3.org/2001/04/xmldsig-more#hmac-sha256', 'signature-algorithm-forbidden'],
    ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', 'signature-algorithm-forbidden'],
    ['http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256', 'signature-invalid'],
    ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'signature-invalid'],
    ['http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1', 'signature-invalid'],
    ['http://www.w3.org/2007/05/xmldsig-more#rsa-pss', 'signature-invalid'],
    ['__proto__', 'signature-algorithm-forbidden'],
    ['constructor', 'signature-algorithm-forbidden'],
  ];
  for (const [name, reason] of names) {
    it(`is not taken for another by its name: ${JSON.stringify(name)}`, async () => {
      const query = sp.redirectQuery(sp.authnRequest(`${open.url}/saml/sso`), { sign: false });
      const octets = `${query}&SigAlg=${encodeURIComponent(name)}`;
      const signature = sign('sha256', Buffer.from(octets), credential.privateKey).toString('base64');
      await visit(open, `/saml/sso?${octets}&Signature=${encodeURIComponent(signature)}`);
      assert.equal(open.events.at(-1)?.reason, reason);
    });
  }
});

describe('SHA-1, forbidden', () => {
  it('is not used within MGF1 either, whichever way', async () => {
    const house = await houseThatForbids('sha1');
    others.push(house);
    const visitor = new Visitor(house.url);
    const query = sp.redirectQuery(sp.authnRequest(`${house.url}/saml/sso`), { sign: false });
    const { xml } = responseOf(await visitor.fill(await visitor.visit(`/saml/sso?${query}`), 'alice', 'Passw0rd!'));
    assert.match(xml, /<saml:EncryptedAssertion/);
    assert.doesNotMatch(xml, /sha1|mgf1p/);
    const metadata = await (await fetch(`${house.url}/saml/metadata`)).text();
    assert.doesNotMatch(metadata, /sha1|mgf1p/);

    const [, base64 = ''] = /use="encryption".*?<ds:X509Certificate>([^<]+)/s.exec(metadata) ?? [];
    const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
    const saml = 'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
    for (const [options, reason] of [
      [{ digest: 'sha256' }, 'decryption-failed'],
      [{ transport: 'rsa-oaep', digest: 'sha256' }, 'decryption-failed'],
      [{ transport: 'rsa-oaep', digest: 'sha256', mgf: 'sha256' }, undefined],
    ] as const) {
      const encrypted = makeEncrypted(nameID.replace(' ', ` ${saml} `), pem, options);
      const content = `<saml:Subject>${encrypted}</saml:Subject>`;
      const before = house.events.length;
      const asked = sp.authnRequest(`${house.url}/saml/sso`, { content, id: `_${randomBytes(16).toString('hex')}` });
      await new Visitor(house.url).visit('/saml/sso', form(sp.postFields(asked, { sign: false })));
      assert.equal(house.events.slice(before)[0]?.reason, reason, JSON.stringify(options));
    }
  });

  it('is no signature of a service provider whose metadata takes nothing else: it gets no answer at all', async () => {
    const alg = 'xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport"';
    const broken = '<alg:SigningMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/>';
    for (const extension of [broken, `<alg:DigestMethod Algorithm="${sha1}"/>`]) {
      const extensions = `<md:Extensions ${alg}>${extension}</md:Extensions>`;
      const house = await openHouse({ metadata: [{ xml: sp.metadata({ extensions }) }] });
      others.push(house);
      const visitor = new Visitor(house.url);
      for (const content of ['', '<samlp:NameIDPolicy Format="urn:nobody"/>']) {
        const query = sp.redirectQuery(sp.authnRequest(`${house.url}/saml/sso`, { content }), { sign: false });
        let page = await visitor.visit(`/saml/sso?${query}`);
        if (page.form?.action === '/signin/password') page = await visitor.fill(page, 'alice', 'Passw0rd!');
        assert.ok(page.status >= 400 && page.status < 500, String(page.status));
        assert.equal(page.form?.fields.SAMLResponse, undefined);
        assert.ok(
          house.events.every(({ event }) => !event.includes('fault')),
          JSON.stringify(house.events),
        );
      }
    }
  });
});

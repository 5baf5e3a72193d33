/** The demo service provider over HTTP: it asks as Google asks, and takes what is sound. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { after, describe, it } from 'node:test';
import { inMemory } from '../../src/keys/in-memory.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { buildMetadata } from '../../src/saml/metadata.ts';
import { buildSuccess } from '../../src/saml/response.ts';
import {
  ask,
  demo,
  emailAddress,
  encode,
  failures,
  get,
  goodMetadata,
  post,
  provider,
  start,
  success,
  world,
} from '../fixtures/demo-world.ts';
import { signer } from '../fixtures/signing-key.ts';
import { assertValidBySchema } from '../fixtures/xml-judges.ts';

after(() => demo.close());

describe('the requests', () => {
  it('of the legacy profile are Google’s, attribute for attribute', async () => {
    const { xml, id, relayState, location } = await ask('legacy');
    assert.match(id, /^[a-p]{40}$/);
    assert.equal(
      xml,
      '<?xml version="1.0" encoding="UTF-8"?>\n<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"' +
        ` ID="${id}" Version="2.0" IssueInstant="2026-03-04T05:06:07Z" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"` +
        ` ProviderName="google.com" IsPassive="false" AssertionConsumerServiceURL="${demo.url}/a/example.com/acs">` +
        '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">google.com</saml:Issuer>' +
        '<samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"/></samlp:AuthnRequest>',
    );
    assert.ok(URL.canParse(relayState) && relayState.length > 80);
    assert.deepEqual([...location.searchParams.keys()], ['SAMLRequest', 'RelayState']);
    assert.equal(location.origin + location.pathname, 'http://127.0.0.1:9/saml/sso');
  });

  it('of an SSO profile are Google’s, attribute for attribute', async () => {
    const { xml, id, relayState, location } = await ask('profile');
    assert.match(id, /^_[0-9a-f]{32}$/);
    const { entityID, acsUrl } = demo.parties.profile;
    assert.equal(
      xml,
      '<?xml version="1.0" encoding="UTF-8"?>\n<saml2p:AuthnRequest xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol"' +
        ` AssertionConsumerServiceURL="${acsUrl}" ForceAuthn="false" ID="${id}" IsPassive="false" IssueInstant="2026-03-04T05:06:07.089Z" Version="2.0">` +
        '<saml2:Issuer xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">' +
        `${entityID}</saml2:Issuer><saml2p:NameIDPolicy AllowCreate="true" Format="${emailAddress}"/></saml2p:AuthnRequest>`,
    );
    assert.ok(!URL.canParse(relayState));
    assert.deepEqual([...location.searchParams.keys()], ['SAMLRequest', 'RelayState']);
  });

  it('are valid by the schema', async () => {
    assertValidBySchema([(await ask('legacy')).xml, (await ask('profile')).xml], 'protocol');
  });

  it('carry a login hint where one is given', async () => {
    const { location } = await ask('profile', '?login_hint=a%26b%40example.com');
    assert.equal(location.searchParams.get('login_hint'), 'a&b@example.com');
  });
});

describe('a sound Response', () => {
  for (const shape of ['profile', 'legacy'] as const) {
    it(`to the ${shape} is taken, and shown on a page of the same origin`, async () => {
      const { id, relayState } = await ask(shape);
      const attributes = [{ name: 'displayName', nameFormat: 'urn:x', values: ['<b>&"Alice"'] }];
      const xml = await buildSuccess({ ...success(shape, id), attributes }, signer);
      const answer = await post(shape, { SAMLResponse: encode(xml), RelayState: relayState });
      assert.equal(answer.status, 303, await answer.text());
      const result = await get(answer.headers.get('location') ?? '');
      const page = await result.text();
      assert.equal(result.status, 200);
      assert.match(page, /<h1>Welcome, alice@example\.com<\/h1>/);
      assert.match(page, /&lt;b&gt;&amp;&quot;Alice&quot;/);
      assert.doesNotMatch(page, /<b>&|✗/);
    });

    it(`to the ${shape} may come unasked`, async () => {
      const xml = await buildSuccess(success(shape, undefined), signer);
      assert.equal((await post(shape, { SAMLResponse: encode(xml) })).status, 303);
      const again = await buildSuccess(success(shape, undefined), signer);
      assert.equal((await post(shape, { SAMLResponse: encode(again), RelayState: 'https://elsewhere.example/' })).status, 303);
    });
  }

  it('may be signed by either of two published certificates', async () => {
    const made = await makeKey({ commonName: 'second', now: start, serialNumber: randomBytes(16) });
    const second = createKeySigner({
      name: 'second',
      privatePart: inMemory(createPrivateKey(made.privateKey)),
      certificate: new X509Certificate(made.certificate),
    });
    const both = provider(signer.certificate, second.certificate);
    world.metadata = () => buildMetadata(both, '_m', start + 1e9, signer);
    for (const each of [signer, second]) {
      const xml = await buildSuccess(success('profile', undefined), each);
      assert.equal((await post('profile', { SAMLResponse: encode(xml) })).status, 303);
    }
    world.metadata = goodMetadata;
    const xml = await buildSuccess(success('profile', undefined), second);
    assert.deepEqual(await failures(await post('profile', { SAMLResponse: encode(xml) })), [
      'The Response is signed: RSA-SHA256, exclusive C14N, by a certificate of the metadata.',
    ]);
  });
});

describe('the server', () => {
  it('lists both ways in, and the identity provider’s own', async () => {
    const response = await get('/');
    const page = await response.text();
    assert.match(page, /Sign in as Google’s SSO profile does/);
    assert.match(page, /Sign in as Google’s legacy profile for the organisation does/);
    assert.match(page, /href="http:\/\/127\.0\.0\.1:9\/saml\/idp-initiated\?sp=google\.com"/);
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal((await get('/style.css')).headers.get('content-type'), 'text/css; charset=utf-8');
  });

  it('signs out by a bare redirect', async () => {
    const response = await get('/signout');
    assert.equal(response.status, 302);
    assert.equal(response.headers.get('location'), 'http://127.0.0.1:9/signout');
  });

  it('takes nothing but POST of a form at an ACS', async () => {
    assert.equal((await fetch(demo.parties.profile.acsUrl)).status, 405);
    assert.equal((await fetch(demo.parties.legacy.acsUrl, { method: 'PUT', body: 'x' })).status, 405);
    assert.equal((await post('profile', 'SAMLResponse=x', 'text/plain')).status, 415);
    assert.equal((await post('profile', `SAMLResponse=${'A'.repeat(300_000)}`)).status, 413);
    assert.equal((await fetch(demo.url, { method: 'POST' })).status, 405);
  });

  it('knows no other page, and no result of another’s', async () => {
    for (const path of ['/nothing', '/welcome', '/welcome?result=x', '/signin/other', '//x', '/samlrp/other/acs']) {
      assert.equal((await get(path)).status, 404, path);
    }
  });

  it('says so where the metadata cannot be read', async () => {
    for (const broken of [
      () => Promise.reject(new Error('connect ECONNREFUSED')),
      () => Promise.resolve('<a/>'),
      () => Promise.resolve('x'),
    ]) {
      world.metadata = broken;
      const response = await get('/signin/profile');
      assert.equal(response.status, 502);
      assert.match(await response.text(), /metadata could not be read/);
    }
    world.metadata = goodMetadata;
    assert.equal((await get('/signin/profile')).status, 302);
  });
});

/** Our messages about signing out: valid by the schema, signed in the way of their binding, whatever they hold. */
import assert from 'node:assert/strict';
import { createVerify, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { chooseEndpoint, sendThroughBrowser } from '../../src/saml/front-channel.ts';
import { buildLogoutRequest } from '../../src/saml/logout-request.ts';
import { buildLogoutResponse } from '../../src/saml/logout-response.ts';
import { bindings } from '../../src/saml/names.ts';
import { certificatePem, signer } from '../fixtures/signing-key.ts';
import { assertValidBySchema, verifiedByXmlCrypto } from '../fixtures/xml-judges.ts';

const now = Date.UTC(2031, 0, 2, 3, 4, 5);
const awkward = 'a&b<c>"d\'e\u0085\u2028ü日本';
const destination = 'https://sp.example.net/slo?tenant=a&b=c';
const request = buildLogoutRequest({
  id: '_request',
  issuer: 'https://idp.example.com/saml/metadata',
  issueInstant: now,
  notOnOrAfter: now + 300_000,
  destination,
  nameID: { value: awkward, format: undefined, nameQualifier: awkward, spNameQualifier: 'https://sp.example.net/' },
  sessionIndexes: ['_one', '_two'],
  encryption: undefined,
});
const response = buildLogoutResponse({
  id: '_response',
  issuer: 'https://idp.example.com/saml/metadata',
  issueInstant: now,
  destination,
  inResponseTo: '_theirs',
  status: ['Success', 'PartialLogout'],
  message: awkward,
});

describe('a message about signing out', () => {
  for (const [name, built, holder] of [
    ['LogoutRequest', request, 'SAMLRequest'],
    ['LogoutResponse', response, 'SAMLResponse'],
  ] as const) {
    it(`${name} is valid and signed within by HTTP-POST`, async () => {
      const to = { binding: bindings.httpPost, location: destination };
      const sent = await sendThroughBrowser(to, holder, built, 'state', signer);
      assert.ok(sent.by === 'post');
      assert.deepEqual([sent.location, sent.holder, sent.relayState], [destination, holder, 'state']);
      const xml = Buffer.from(sent.message, 'base64').toString();
      assertValidBySchema([xml], 'protocol');
      assert.match(verifiedByXmlCrypto(xml, name, certificatePem), new RegExp(`^<samlp:${name} `));
      assert.match(xml, /<\/saml:Issuer><ds:Signature /, 'saml-core §5.4.1: after the Issuer');
    });

    it(`${name} is valid and signed beside by HTTP-Redirect`, async () => {
      const relayState = "a b+c/d=e&f~!*'()ü";
      const to = { binding: bindings.httpRedirect, location: destination };
      const sent = await sendThroughBrowser(to, holder, built, relayState, signer);
      assert.ok(sent.by === 'redirect');
      const url = new URL(sent.url);
      assert.deepEqual([...url.searchParams.keys()], ['tenant', 'b', holder, 'RelayState', 'SigAlg', 'Signature']);
      assert.equal(url.searchParams.get('RelayState'), relayState);
      const [signed = '', signature = ''] = sent.url.slice(sent.url.indexOf(`${holder}=`)).split('&Signature=');
      const judge = createVerify('sha256').update(signed);
      assert.ok(judge.verify(new X509Certificate(certificatePem).publicKey, decodeURIComponent(signature), 'base64'));
      const xml = inflateRawSync(Buffer.from(url.searchParams.get(holder) ?? '', 'base64')).toString();
      assert.doesNotMatch(xml, /Signature/);
      assertValidBySchema([xml], 'protocol');
    });
  }

  const locations: readonly [location: string, start: RegExp][] = [
    ['https://sp.example.net/slo', /^https:\/\/sp\.example\.net\/slo\?SAMLRequest=/],
    ['https://sp.example.net/slo?', /^https:\/\/sp\.example\.net\/slo\?&SAMLRequest=/],
    ['https://sp.example.net/slo?a=b', /^https:\/\/sp\.example\.net\/slo\?a=b&SAMLRequest=/],
    ['https://sp.example.net/slo#part', /^https:\/\/sp\.example\.net\/slo\?SAMLRequest=[^#]*$/],
  ];
  for (const [location, start] of locations) {
    it(`goes to ${location} without RelayState where there is none`, async () => {
      const sent = await sendThroughBrowser(
        { binding: bindings.httpRedirect, location },
        'SAMLRequest',
        request,
        undefined,
        signer,
      );
      assert.ok(sent.by === 'redirect');
      assert.match(sent.url, start);
      assert.doesNotMatch(sent.url, /RelayState/);
    });
  }
});

describe('chooseEndpoint', () => {
  const endpoint = (binding: string, location: string) => ({ binding, location });
  const soap = endpoint(bindings.soap, 'soap');
  const post = endpoint(bindings.httpPost, 'post');
  const redirect = endpoint(bindings.httpRedirect, 'redirect');
  const cases: readonly [
    title: string,
    endpoints: readonly (typeof soap)[],
    preferred: string | undefined,
    expected: string | undefined,
  ][] = [
    ['takes the first that a browser reaches', [soap, post, redirect], undefined, 'post'],
    ['takes the preferred binding', [soap, post, redirect], bindings.httpRedirect, 'redirect'],
    ['takes another where the preferred is not there', [post], bindings.httpRedirect, 'post'],
    ['takes none that no browser reaches', [soap], bindings.soap, undefined],
    ['takes none of none', [], undefined, undefined],
  ];
  for (const [title, endpoints, preferred, expected] of cases) {
    it(title, () => {
      assert.equal(chooseEndpoint(endpoints, preferred)?.location, expected);
    });
  }
});

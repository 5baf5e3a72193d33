/** Having the answer, or the person, sent to a place of the attacker's choice. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acs, entityID, openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, textOf, Visitor, type RequestOptions } from '../fixtures/visitor.ts';

const otherEntityID = 'https://accounts.google.com/samlrp/04other';
const otherAcs = 'https://accounts.google.com/samlrp/04other/acs';
let house: House;
before(async () => {
  house = await openHouse({
    config: {
      serviceProviders: [
        { kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' },
        { kind: 'google-profile', entityId: otherEntityID, acsUrl: otherAcs, name: 'Other' },
        { kind: 'google-legacy', domain: 'example.com' },
      ],
    },
  });
});
after(() => house.close());

const post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const to = (AssertionConsumerServiceURL: string): RequestOptions => ({ attributes: { AssertionConsumerServiceURL } });

describe('a request that asks to be answered elsewhere', () => {
  const rows: readonly (readonly [string, RequestOptions, string])[] = [
    ['at a stranger', to('https://evil.example.net/acs'), 'acs-not-registered'],
    ['at another service provider', to(otherAcs), 'acs-not-registered'],
    ['below the ACS', to(`${acs}/`), 'acs-not-registered'],
    ['at the ACS with a query', to(`${acs}?x`), 'acs-not-registered'],
    ['at the ACS with a fragment', to(`${acs}#x`), 'acs-not-registered'],
    ['at the ACS in capitals', to(acs.replace('accounts', 'ACCOUNTS')), 'acs-not-registered'],
    ['at the ACS with its port', to(acs.replace('.com/', '.com:443/')), 'acs-not-registered'],
    ['at the ACS of a user', to(acs.replace('//', '//evil@')), 'acs-not-registered'],
    ['at the ACS behind a stranger', to(`https://evil.example.net/${acs}`), 'acs-not-registered'],
    ['at the ACS without TLS', to(acs.replace('https', 'http')), 'acs-not-registered'],
    ['at the ACS after a blank', to(` ${acs}`), 'acs-not-registered'],
    ['at the ACS by a detour', to(acs.replace('/acs', '/x/../acs')), 'acs-not-registered'],
    ['by a script', to('javascript:alert(1)'), 'acs-not-registered'],
    ['nowhere', to(''), 'acs-not-registered'],
    ['in the name of another', { issuer: otherEntityID }, 'acs-not-registered'],
    ['in the name of a stranger', { issuer: 'https://evil.example.net/' }, 'service-provider-unknown'],
    ['in the name of all of Google', { issuer: 'google.com' }, 'acs-not-registered'],
    ['in its name after a blank', { issuer: ` ${entityID}` }, 'service-provider-unknown'],
    ['in its name in capitals', { issuer: entityID.toUpperCase() }, 'service-provider-unknown'],
    ['in its name of an object', { issuer: '__proto__' }, 'service-provider-unknown'],
  ];
  for (const [where, options, reason] of rows) {
    it(`${where} is refused on a page that leads nowhere`, async () => {
      const visitor = new Visitor(house.url);
      await visitor.signIn('bob', 'Passw0rd!');
      const page = await visitor.arrive(options);
      assert.equal(page.status, 400);
      assert.equal(house.events.at(-1)?.reason, reason);
      assert.equal(page.form, undefined);
      assert.match(page.headers.get('content-security-policy') ?? '', /form-action 'none'/);
      assert.doesNotMatch(page.body, /evil|javascript:/);
    });
  }

  for (const [how, attributes, reason] of [
    ['in two ways at once', { AssertionConsumerServiceIndex: '0' }, 'request-invalid'],
    ['by artifact', { ProtocolBinding: post.replace('POST', 'Artifact') }, 'binding-unsupported'],
  ] as const) {
    it(`${how} is refused at the ACS that is registered, without an assertion`, async () => {
      const visitor = new Visitor(house.url);
      await visitor.signIn('bob', 'Passw0rd!');
      const { location, xml } = responseOf(
        await visitor.arrive({ attributes: { AssertionConsumerServiceURL: acs, ...attributes } }),
      );
      assert.equal(house.events.at(-1)?.reason, reason);
      assert.equal(location, acs);
      assert.equal(statusOf(xml)[0], 'Requester');
      assert.doesNotMatch(xml, /Assertion |bob/);
    });
  }
});

describe('an answer', () => {
  it('names the one service provider and the one place that it is for', async () => {
    const visitor = new Visitor(house.url);
    await visitor.signIn('bob', 'Passw0rd!');
    const { location, xml } = responseOf(
      await visitor.arrive({ issuer: otherEntityID, attributes: { AssertionConsumerServiceURL: otherAcs } }),
    );
    assert.equal(location, otherAcs);
    assert.equal(textOf(xml, 'Audience'), otherEntityID);
    assert.equal(/ Destination="([^"]+)"/.exec(xml)?.[1], otherAcs);
    assert.equal(/ Recipient="([^"]+)"/.exec(xml)?.[1], otherAcs);
  });
});

describe('a sign-in that begins here', () => {
  for (const sp of ['https://evil.example.net/', '', '__proto__', `${entityID}/`, `${entityID}%00`, `${entityID}&sp=x`]) {
    it(`leads nobody to ${sp || 'nowhere'}`, async () => {
      const visitor = new Visitor(house.url);
      await visitor.signIn('bob', 'Passw0rd!');
      const query = sp.includes('%') || sp.includes('&') ? sp : encodeURIComponent(sp);
      const page = await visitor.visit(`/saml/idp-initiated?sp=${query}&RelayState=https://evil.example.net/`);
      assert.equal(page.status, 400);
      assert.equal(page.form, undefined);
    });
  }

  it('has no parameter that redirects, at sign-out neither', async () => {
    const visitor = new Visitor(house.url);
    const query = ['continue', 'next', 'return', 'returnTo', 'redirect_uri', 'url', 'RelayState', 'wreply']
      .map((name) => `${name}=https://evil.example.net/`)
      .join('&');
    for (const path of ['/signout', '/', '/password', '/saml']) {
      const page = await visitor.request(`${path}?${query}`);
      assert.equal(page.status, 200);
      assert.equal(page.headers.get('location'), null);
      assert.doesNotMatch(page.body, /evil/);
    }
  });
});

describe('a refusal of what nobody asked for', () => {
  it('is a page, without a Response and without the RelayState that came along', async () => {
    const visitor = new Visitor(house.url);
    const page = await visitor.visit(
      `/saml/idp-initiated?sp=${encodeURIComponent(entityID)}&RelayState=https://evil.example.net/`,
    );
    const answer = await visitor.fill(page, 'outsider', 'Passw0rd!');
    assert.equal(answer.status, 403);
    assert.equal(house.events.at(-1)?.reason, 'address-not-in-domains');
    assert.equal(answer.form, undefined);
    assert.doesNotMatch(answer.body, /evil|SAMLResponse/);
  });
});

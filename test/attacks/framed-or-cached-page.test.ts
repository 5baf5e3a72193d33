/** Framing a page, or finding it in a cache: every page and every redirect, whatever it tells, says no to both. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { entityID, openHouse, type House } from '../fixtures/house.ts';
import { Visitor, type Page } from '../fixtures/visitor.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());

const passive = { attributes: { IsPassive: 'true' } };
const pages: Readonly<Record<string, (visitor: Visitor) => Promise<Page>>> = {
  home: (visitor) => visitor.visit('/'),
  saml: (visitor) => visitor.visit('/saml'),
  password: (visitor) => visitor.arrive(),
  'password refused': (visitor) => visitor.signIn('bob', 'wrong'),
  answer: (visitor) => visitor.signIn('bob', 'Passw0rd!'),
  'refusal with a Response': (visitor) => visitor.signIn('outsider', 'Passw0rd!'),
  'refusal posted at once': (visitor) => visitor.arrive(passive),
  'refusal without a request': (visitor) => visitor.visit('/saml/sso'),
  'cross-site form': (visitor) => visitor.post('/signin/password', {}, {}),
  'sign-in unknown': (visitor) => visitor.visit('/signin?id=x'),
  'signed out': (visitor) => visitor.visit('/signout'),
  'change password': (visitor) => visitor.visit('/password'),
  'page unknown': (visitor) => visitor.visit('/nope'),
  'method unknown': (visitor) => visitor.visit('/saml', { method: 'DELETE' }),
};

describe('every page', () => {
  for (const [name, open] of Object.entries(pages)) {
    it(`cannot be framed, kept or listed: ${name}`, async () => {
      const { headers, body } = await open(new Visitor(house.url));
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; /);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.match(policy, /base-uri 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('referrer-policy'), 'strict-origin');
      assert.match(headers.get('x-robots-tag') ?? '', /noindex/);
      assert.equal(headers.get('x-powered-by'), null);
      assert.equal(headers.get('access-control-allow-origin'), null);
      if (name.startsWith('password')) assert.doesNotMatch(body, /<script/);
      for (const [element] of body.matchAll(/<(?:script|style)[^>]*>/g)) assert.match(element, / nonce="[^"]{22,}"/);
    });
  }

  it('has another nonce each time', async () => {
    const visitor = new Visitor(house.url);
    const nonces = new Set<string | undefined>();
    for (let turn = 0; turn < 5; turn += 1) nonces.add(/nonce="([^"]+)"/.exec((await visitor.visit('/saml')).body)?.[1]);
    assert.equal(nonces.size, 5);
  });

  it('is led to by redirects that no cache keeps', async () => {
    const page = await new Visitor(house.url).request(`/saml/idp-initiated?sp=${encodeURIComponent(entityID)}`);
    assert.equal(page.status, 303);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(page.headers.get('location') ?? '', /^\/signin\?id=[A-Za-z0-9_-]{22}$/);
  });
});

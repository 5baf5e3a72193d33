/** Leading a browser elsewhere, or writing into our headers, by what a request brings along: RelayState, sign-out, sign-in. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { responseOf, Visitor, type Page } from '../fixtures/visitor.ts';
import { assertRefused, emailAddress, openScene, postedXml, byPost, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const elsewhere: readonly string[] = [
  'https://evil.example.net/',
  '//evil.example.net/',
  '/\\evil.example.net/',
  'javascript:alert(1)',
  'https://signing.example.net@evil.example.net/',
  '\r\nLocation: https://evil.example.net/\r\n\r\n',
  '\u0000https://evil.example.net/',
  '<meta http-equiv="refresh" content="0;url=https://evil.example.net/">',
];
const parameters: readonly string[] = [
  'RelayState',
  'return',
  'returnTo',
  'redirect',
  'url',
  'continue',
  'next',
  'wreply',
  'post_logout_redirect_uri',
  'ReturnTo',
  'id',
];

function assertStays(page: Page): void {
  assert.ok(page.status < 500);
  for (const name of ['location', 'refresh', 'link', 'set-cookie']) {
    assert.doesNotMatch(page.headers.get(name) ?? '', /evil/, name);
  }
  for (const [, target = ''] of page.body.matchAll(/(?:href|action|src|content)="([^"]*)"/g)) {
    assert.doesNotMatch(target, /evil|javascript:/);
  }
  assert.doesNotMatch(page.body, /<meta[^>]*evil/);
}

describe('nobody is led elsewhere', () => {
  for (const path of ['/signout', '/saml/slo', '/signin', '/saml/idp-initiated', '/password', '/', '/saml/sso']) {
    it(`by ${path}`, async () => {
      for (const name of parameters) {
        for (const target of elsewhere)
          assertStays(await new Visitor(scene.house.url).request(`${path}?${name}=${encodeURIComponent(target)}`));
      }
    });
  }

  it('by a LogoutRequest that nobody signed', async () => {
    const { signing, singleLogout } = scene;
    const nameID = `<saml:NameID Format="${emailAddress}">alice@example.com</saml:NameID>`;
    await assertRefused(scene, () => postedXml('/saml/slo', signing.logoutRequest(singleLogout, nameID)), 'signature-missing');
  });

  it('by a LogoutResponse to nothing', async () => {
    const { house, signing, singleLogout } = scene;
    for (const target of elsewhere) {
      const xml = signing.logoutResponse(singleLogout, '_never-asked');
      const shot = byPost('/saml/slo', signing.postFields(xml, { parameter: 'SAMLResponse', relayState: target }));
      const before = house.events.length;
      const page = await new Visitor(house.url).visit(shot.path, shot.init);
      assertStays(page);
      assert.notEqual(page.status, 200);
      assert.equal(house.events.length, before + 1);
    }
  });
});

describe('a RelayState', () => {
  const hostile = [
    ...elsewhere,
    '"><script>alert(1)</script>',
    "'--><svg onload=alert(1)>",
    '\u2028\u202e',
    'ü'.repeat(1000),
    '%0d%0aX: y',
  ];
  it('comes back byte for byte, in the form and nowhere else', async () => {
    for (const relayState of hostile) {
      const { house, plain, singleSignOn } = scene;
      const query = plain.redirectQuery(plain.authnRequest(singleSignOn), { relayState, sign: false });
      const visitor = new Visitor(house.url);
      const asked = await visitor.visit(`/saml/sso?${query}`);
      assert.doesNotMatch(asked.body, /evil|alert\(1\)/);
      const page = await visitor.fill(asked, 'bob', 'Passw0rd!');
      assert.equal(responseOf(page).relayState, relayState);
      assert.equal(responseOf(page).location, plain.acs);
      assert.doesNotMatch([...page.headers].flat().join('\n'), /evil|alert|X: y/);
      assert.doesNotMatch(page.body.replaceAll(/ value="[^"]*"/g, ''), /evil|alert\(1\)/);
    }
  });
});

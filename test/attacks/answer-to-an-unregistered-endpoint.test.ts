/** An AssertionConsumerServiceURL that is nearly the registered one, so that the answer would go to somebody else. */
import { after, before, describe, it } from 'node:test';
import { assertRefused, assertTaken, byQuery, openScene, postedXml, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const registered = 'https://plain.example.net/acs';
const nearly: readonly (readonly [name: string, url: string])[] = [
  ['something behind it', `${registered}.evil.example.net/`],
  ['a path behind it', `${registered}/evil`],
  ['a slash behind it', `${registered}/`],
  ['a query', `${registered}?x=y`],
  ['an empty query', `${registered}?`],
  ['a fragment', `${registered}#x`],
  ['the beginning of it', registered.slice(0, -1)],
  ['nothing', ''],
  ['the registered one as user information', 'https://plain.example.net@evil.example.net/acs'],
  ['user information of its own', 'https://evil@plain.example.net/acs'],
  ['a user and a password', 'https://plain.example.net:443@evil.example.net/acs'],
  ['letter case of the host', 'https://PLAIN.example.net/acs'],
  ['letter case of the scheme', 'HTTPS://plain.example.net/acs'],
  ['letter case of the path', 'https://plain.example.net/ACS'],
  ['the port that it has anyway', 'https://plain.example.net:443/acs'],
  ['another port', 'https://plain.example.net:8443/acs'],
  ['a dot behind the host', 'https://plain.example.net./acs'],
  ['a full-width dot', 'https://plain.example。net/acs'],
  ['a look-alike letter', 'https://pl\u0430in.example.net/acs'],
  ['the same in Punycode', 'https://xn--plin-63d.example.net/acs'],
  ['a soft hyphen', 'https://pla\u00adin.example.net/acs'],
  ['a percent-encoded letter', 'https://plain.example.net/%61cs'],
  ['a dot segment', 'https://plain.example.net/x/../acs'],
  ['a double slash', 'https://plain.example.net//acs'],
  ['backslashes', 'https:\\\\plain.example.net\\acs'],
  ['a subdomain', 'https://evil.plain.example.net/acs'],
  ['http in place of https', 'http://plain.example.net/acs'],
  ['no scheme', '//plain.example.net/acs'],
  ['a path alone', '/acs'],
  ['javascript:', 'javascript:alert(1)//plain.example.net/acs'],
  ['data:', 'data:text/html,<script>alert(1)</script>'.replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
  ['a blank before it', ` ${registered}`],
  ['a blank behind it', `${registered} `],
  ['a tab within it', 'https://plain.exam&#9;ple.net/acs'],
  ['a line break behind it', `${registered}&#10;Set-Cookie: a=b`],
  ['the address of another service provider', 'https://signing.example.net/acs'],
  ['our own address', 'http://localhost/signin'],
];

describe('an AssertionConsumerServiceURL with', () => {
  it('nothing changed is taken', async () => {
    await assertTaken(scene, postedXml('/saml/sso', scene.plain.authnRequest(scene.singleSignOn)));
  });
  for (const [name, url] of nearly) {
    it(name, async () => {
      const { plain, singleSignOn } = scene;
      const xml = () => plain.authnRequest(singleSignOn, { attributes: { AssertionConsumerServiceURL: url } });
      await assertRefused(scene, () => postedXml('/saml/sso', xml()), 'acs-not-registered', 'request-invalid');
      await assertRefused(
        scene,
        () => byQuery('/saml/sso', plain.redirectQuery(xml(), { sign: false })),
        'acs-not-registered',
        'request-invalid',
      );
    });
  }
  it('an index that nobody registered, or none', async () => {
    const { plain, singleSignOn } = scene;
    for (const index of ['1', '65535', '65536', '-1', '0x0', '1e0', ' 0', '']) {
      const attributes = { AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: index };
      const aim = () => postedXml('/saml/sso', plain.authnRequest(singleSignOn, { attributes }));
      await assertRefused(scene, aim, 'acs-not-registered', 'request-invalid');
    }
  });
});

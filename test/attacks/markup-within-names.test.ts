/** Comments, processing instructions and entities within a name, which some parsers cut short and others join. */
import { after, before, describe, it } from 'node:test';
import { assertRefused, assertTaken, byQuery, emailAddress, openScene, postedXml, type Scene, type Shot } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const markup: readonly (readonly [name: string, text: string, prologue?: string])[] = [
  ['a comment', '<!-- -->'],
  ['an empty comment', '<!---->'],
  ['a processing instruction', '<?x y?>'],
  ['an entity', '&e;', '<!DOCTYPE samlp:AuthnRequest [<!ENTITY e "">]>'],
  ['a CDATA section', '<![CDATA[]]>'],
];

type Place = readonly [name: string, make: (text: string) => string, path: string];

/** Where the name stands, and the message with something put into it; the empty text leaves it sound. */
const places: readonly Place[] = [
  [
    'the Issuer',
    (text) => {
      const { plain, singleSignOn } = scene;
      const issuer = `<saml:Issuer>${plain.entityID}${text}.evil.example.net</saml:Issuer>`;
      return plain.authnRequest(singleSignOn, text === '' ? {} : { issuer });
    },
    '/saml/sso',
  ],
  [
    'the Issuer, whose rest is another one’s',
    (text) => {
      const { plain, singleSignOn } = scene;
      return plain.authnRequest(singleSignOn, { issuer: `<saml:Issuer>${text}${plain.entityID}</saml:Issuer>` });
    },
    '/saml/sso',
  ],
  [
    'the NameID of a Subject',
    (text) => {
      const { plain, singleSignOn } = scene;
      const nameID = `<saml:NameID Format="${emailAddress}">alice@example.com${text}</saml:NameID>`;
      return plain.authnRequest(singleSignOn, { content: `<saml:Subject>${nameID}</saml:Subject>` });
    },
    '/saml/sso',
  ],
  [
    'the NameID of a LogoutRequest',
    (text) => {
      const { signing, singleLogout } = scene;
      const nameID = `<saml:NameID Format="${emailAddress}">alice@example.com${text}.evil.example.net</saml:NameID>`;
      const request = signing.logoutRequest(singleLogout, nameID);
      return text === '' ? signing.sign(request) : request;
    },
    '/saml/slo',
  ],
];

describe('markup within a name', () => {
  for (const [place, make, path] of places) {
    it(`${place}: is taken without it`, async () => {
      await assertTaken(scene, postedXml(path, make('')));
    });
    for (const [name, text, prologue = ''] of markup) {
      const xml = () => prologue + make(text);
      it(`${place}: ${name}, by HTTP-POST`, async () => {
        await assertRefused(scene, (): Shot => postedXml(path, xml()), 'request-forbidden-markup');
      });
      it(`${place}: ${name}, by HTTP-Redirect`, async () => {
        const aim = (): Shot => byQuery(path, scene.signing.redirectQuery(xml()));
        await assertRefused(scene, aim, 'request-forbidden-markup');
      });
    }
  }

  it('the AssertionConsumerServiceURL holds none, and references to characters stand for themselves', async () => {
    const { plain, singleSignOn } = scene;
    const asked = (url: string) => () =>
      postedXml('/saml/sso', plain.authnRequest(singleSignOn, { attributes: { AssertionConsumerServiceURL: url } }));
    await assertTaken(scene, asked('https://plain.example.net&#47;acs')());
    await assertRefused(scene, asked('https://plain.example.net/acs<!-- -->'), 'request-not-xml', 'request-forbidden-markup');
    await assertRefused(scene, asked('https://plain.example.net/acs&#x3c;!-- --&#x3e;'), 'acs-not-registered');
    await assertRefused(scene, asked('https://plain.example.net/acs&#0;'), 'request-not-xml');
    await assertRefused(scene, asked('https://plain.example.net/acs&#10;'), 'acs-not-registered');
  });
});

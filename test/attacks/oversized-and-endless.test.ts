/** Messages meant to exhaust: DTDs and billion laughs, deflate bombs, nesting, attributes and names without end. */
import { after, before, describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import type { Reason } from '../../src/refusal.ts';
import { assertRefused, byPost, byQuery, openScene, postedXml, type Scene, type Shot } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const megabyte = 1_048_576;
const deflated = (text: string | Buffer): Shot =>
  byQuery('/saml/sso', `SAMLRequest=${encodeURIComponent(deflateRawSync(text, { level: 9 }).toString('base64'))}`);
const request = (content = '', attributes: Readonly<Record<string, string>> = {}): string =>
  scene.plain.authnRequest(scene.singleSignOn, { content, attributes });
const doctype = (subset: string, use = ''): string =>
  `<!DOCTYPE samlp:AuthnRequest [${subset}]>${request(`<samlp:Extensions>${use}</samlp:Extensions>`)}`;

const laughs = (levels: number): string =>
  Array.from({ length: levels }, (_, level) =>
    level === 0 ? '<!ENTITY l0 "ha">' : `<!ENTITY l${String(level)} "${`&l${String(level - 1)};`.repeat(10)}">`,
  ).join('');

const documents: readonly (readonly [name: string, make: () => string, ...reasons: [Reason, ...Reason[]]])[] = [
  ['a DOCTYPE without anything', () => `<!DOCTYPE samlp:AuthnRequest>${request()}`, 'request-forbidden-markup'],
  ['an external DTD', () => `<!DOCTYPE x SYSTEM "https://evil.example.net/x.dtd">${request()}`, 'request-forbidden-markup'],
  ['an external entity', () => doctype('<!ENTITY e SYSTEM "file:///etc/passwd">', '&e;'), 'request-forbidden-markup'],
  ['a parameter entity', () => doctype('<!ENTITY % p SYSTEM "https://evil.example.net/p"> %p;'), 'request-forbidden-markup'],
  ['a billion laughs', () => doctype(laughs(10), '&l9;'), 'request-forbidden-markup'],
  [
    'a quadratic blow-up',
    () => doctype(`<!ENTITY q "${'q'.repeat(50_000)}">`, '&q;'.repeat(10_000)),
    'request-forbidden-markup',
    'request-too-large',
  ],
  [
    'an entity that nobody declared',
    () => request('<samlp:Extensions>&nbsp;</samlp:Extensions>'),
    'request-not-xml',
    'request-forbidden-markup',
  ],
  ['10,000 elements within each other', () => '<a>'.repeat(10_000) + '</a>'.repeat(10_000), 'request-too-complex'],
  [
    '10,000 elements within each other, in Extensions',
    () => request(`<samlp:Extensions>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</samlp:Extensions>`),
    'request-too-complex',
  ],
  [
    '10,000 elements beside each other',
    () => request(`<samlp:Extensions>${'<a/>'.repeat(10_000)}</samlp:Extensions>`),
    'request-too-complex',
  ],
  [
    '10,000 attributes',
    () =>
      request(
        `<samlp:Extensions><a ${Array.from({ length: 10_000 }, (_, n) => `a${String(n)}=""`).join(' ')}/></samlp:Extensions>`,
      ),
    'request-too-complex',
  ],
  [
    '10,000 namespace declarations',
    () =>
      request(
        `<samlp:Extensions><a ${Array.from({ length: 4_000 }, (_, n) => `xmlns:a${String(n)}="urn:x"`).join(' ')}/></samlp:Extensions>`,
      ),
    'request-too-complex',
  ],
  ['an attribute of a megabyte', () => request('', { ProviderName: 'x'.repeat(megabyte) }), 'request-too-large'],
  ['a text of a megabyte', () => request(`<samlp:Extensions>${'x'.repeat(megabyte)}</samlp:Extensions>`), 'request-too-large'],
  ['the name of an element of a megabyte', () => `<${'x'.repeat(megabyte)}/>`, 'request-too-large'],
  ['a start tag that never ends', () => `<a ${'x="y" '.repeat(20_000)}`, 'request-not-xml', 'request-too-complex'],
  ['a comment that never ends', () => `<!--${'-'.repeat(100_000)}`, 'request-forbidden-markup', 'request-not-xml'],
  ['nothing but "<"', () => '<'.repeat(100_000), 'request-not-xml'],
  ['nothing but "&"', () => `<a>${'&'.repeat(100_000)}</a>`, 'request-not-xml', 'request-forbidden-markup'],
  ['nothing but blanks', () => ' '.repeat(130_000), 'request-not-xml'],
  [
    'an Issuer of 100,000 characters',
    () => request().replace(/<saml:Issuer>[^<]*/, `<saml:Issuer>${'x'.repeat(100_000)}`),
    'request-invalid',
    'service-provider-unknown',
  ],
];

describe('an exhausting message', () => {
  for (const [name, make, ...reasons] of documents) {
    it(`${name}, by HTTP-POST`, async () => {
      await assertRefused(scene, () => postedXml('/saml/sso', make()), ...reasons, 'request-too-large');
    });
    it(`${name}, by HTTP-Redirect`, async () => {
      await assertRefused(scene, () => deflated(make()), ...reasons, 'request-too-large');
    });
    it(`${name}, as a LogoutRequest`, async () => {
      const aim = (): Shot => postedXml('/saml/slo', make().replaceAll('AuthnRequest', 'LogoutRequest'));
      await assertRefused(scene, aim, ...reasons, 'request-too-large', 'request-not-logout');
    });
  }
});

describe('a deflate bomb', () => {
  const bombs: readonly (readonly [name: string, make: () => Shot])[] = [
    ['of 100 MB of blanks', () => deflated(Buffer.alloc(100 * megabyte, ' '))],
    ['of 10 MB of elements', () => deflated(request(`<samlp:Extensions>${'<a/>'.repeat(2_500_000)}</samlp:Extensions>`))],
    [
      'of 100 MB in a form, deflated where it must not be',
      () => byPost('/saml/sso', { SAMLRequest: deflateRawSync(Buffer.alloc(100 * megabyte)).toString('base64') }),
    ],
    [
      'in a form that says it is compressed',
      () => ({
        path: '/saml/sso',
        init: {
          method: 'POST',
          body: deflateRawSync(Buffer.alloc(10 * megabyte)),
          headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Encoding': 'deflate' },
        },
      }),
    ],
  ];
  for (const [name, make] of bombs) {
    it(name, async () => {
      const shot = make();
      await assertRefused(scene, () => shot, 'request-too-large', 'request-not-xml', 'form-malformed');
    });
  }
  it('whose data end early, go on, or are none', async () => {
    const sound = deflateRawSync(request());
    for (const bytes of [sound.subarray(0, -4), Buffer.concat([sound, Buffer.alloc(1000)]), Buffer.alloc(1000, 0xff)]) {
      const aim = (): Shot => byQuery('/saml/sso', `SAMLRequest=${encodeURIComponent(bytes.toString('base64'))}`);
      await assertRefused(scene, aim, 'request-not-deflated', 'request-not-xml');
    }
  });
});

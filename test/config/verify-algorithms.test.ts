/** Settings about algorithms that contradict each other are mistakes, and what is weak is warned of. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brief, mistakesOf, readText, soundFile } from './sound-file.ts';

const withSettings = (algorithms: string, provider = ''): string =>
  `${soundFile}algorithms: ${algorithms}\n`.replace(
    /^serviceProviders: .*$/m,
    provider === '' ? '$&' : `serviceProviders: [{ kind: metadata, file: sp.xml, ${provider} }]`,
  );
const files = {
  '/etc/sp.xml': {
    content:
      '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://sp.example.net/">' +
      '<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">' +
      '<md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://sp.example.net/acs" index="0"/>' +
      '</md:SPSSODescriptor></md:EntityDescriptor>',
  },
};

const everyRsa = 'rsa-sha256, rsa-sha384, rsa-sha512, rsa-pss-sha256, rsa-pss-sha384, rsa-pss-sha512';
const mistakes: readonly (readonly [
  title: string,
  algorithms: string,
  provider: string,
  path: string,
  message: RegExp,
  hint: RegExp,
])[] = [
  ['a word that names nothing', '{ forbidden: [rot13] }', '', 'algorithms.forbidden.0', /must be an algorithm such as/, /./],
  ['allowing what is not weak', '{ allowed: [rsa-sha1] }', '', 'algorithms.allowed.0', /must be `aes256-cbc` or/, /./],
  [
    'allowing what is forbidden',
    '{ forbidden: [aes128-cbc], allowed: [aes128-cbc] }',
    '',
    'algorithms.allowed.0',
    /is forbidden and allowed/,
    /Leave it out/,
  ],
  [
    'a forbidden signature',
    '{ forbidden: [rsa-sha512] }',
    'signature: { algorithm: rsa-sha512 }',
    'serviceProviders.0.signature.algorithm',
    /algorithms forbids/,
    /Choose another/,
  ],
  [
    'a signature forbidden by its URI',
    "{ forbidden: ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512'] }",
    'signature: { algorithm: rsa-sha512 }',
    'serviceProviders.0.signature.algorithm',
    /algorithms forbids/,
    /Choose another/,
  ],
  [
    'CBC that nobody allowed',
    '{}',
    'encryption: { algorithm: aes256-cbc }',
    'serviceProviders.0.encryption.algorithm',
    /algorithms forbids/,
    /allowed: \[aes256-cbc\]/,
  ],
  [
    'rsa-1_5 that nobody allowed',
    '{}',
    'encryption: { keyTransport: rsa-1_5 }',
    'serviceProviders.0.encryption.keyTransport',
    /algorithms forbids/,
    /allowed: \[rsa-1_5\]/,
  ],
  [
    'a forbidden digest of OAEP',
    '{ forbidden: [sha1] }',
    'encryption: { digest: sha1 }',
    'serviceProviders.0.encryption.digest',
    /algorithms forbids/,
    /Choose another/,
  ],
  [
    'nothing left to sign with',
    `{ forbidden: [${everyRsa}] }`,
    '',
    'algorithms.forbidden',
    /leaves nothing to sign with/,
    /rsa-sha256/,
  ],
  [
    'no digest left',
    '{ forbidden: [sha256, sha384, sha512] }',
    '',
    'algorithms.forbidden',
    /leaves nothing to sign with/,
    /sha256/,
  ],
];

describe('settings about algorithms', () => {
  for (const [title, algorithms, provider, path, message, hint] of mistakes) {
    it(`are mistaken: ${title}`, async () => {
      const [found, ...others] = await mistakesOf(withSettings(algorithms, provider), {}, files);
      assert.deepEqual(others, []);
      assert.equal(found?.path, path);
      assert.match(found.message, message);
      assert.match(found.hint, hint);
    });
  }

  it('are warned of where they allow what is weak, and then what is weak may be asked for', async () => {
    const text = withSettings(
      '{ allowed: [aes128-cbc, rsa-1_5] }',
      'encryption: { algorithm: aes128-cbc, keyTransport: rsa-1_5 }',
    );
    const { warnings } = await readText(text, {}, files);
    assert.deepEqual(
      brief(warnings).map((line) => line.replace(/^\S+ /, '')),
      ['algorithms.allowed.0 is weak', 'algorithms.allowed.1 is weak'],
    );
  });

  for (const uri of [
    'http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256',
    'https://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256/',
    'urn:rot13',
  ]) {
    it(`are warned of where they forbid nothing: ${uri}`, async () => {
      const { warnings } = await readText(withSettings(`{ forbidden: ['${uri}'] }`));
      assert.deepEqual(
        brief(warnings).map((line) => line.replace(/^\S+ /, '')),
        ['algorithms.forbidden.0 is no algorithm that Passerelle knows, so that it forbids nothing'],
      );
    });
  }

  it('may forbid by name or by URI what nobody asks for', async () => {
    const uris = [
      '2001/04/xmlenc#sha512',
      '2009/xmlenc11#mgf1sha1',
      '2007/05/xmldsig-more#rsa-pss',
      '2001/04/xmlenc#tripledes-cbc',
    ];
    const quoted = uris.map((uri) => `'http://www.w3.org/${uri}'`).join(', ');
    const { warnings } = await readText(withSettings(`{ forbidden: [rsa-sha512, ${quoted}, sha1] }`));
    assert.deepEqual(brief(warnings), []);
  });
});

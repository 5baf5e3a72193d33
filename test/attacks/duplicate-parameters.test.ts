/** Parameters twice, disguised, or in two places: one part of a chain may read the first and another the last. */
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { assertRefused, assertTaken, byQuery, openScene, type Scene, type Shot } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const query = (): string => scene.signing.redirectQuery(scene.signing.authnRequest(scene.singleSignOn), { relayState: 'r' });
const fields = (): string =>
  new URLSearchParams(scene.signing.postFields(scene.signing.authnRequest(scene.singleSignOn), { relayState: 'r' })).toString();
const form = (body: string, search = ''): Shot => ({
  path: `/saml/sso${search}`,
  init: { method: 'POST', body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
});

const twice: readonly string[] = ['SAMLRequest', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding', 'anything'];
const disguised: readonly string[] = [
  '%53AMLRequest',
  'SAML%52equest',
  'Relay%53tate',
  'SAML+Request',
  '%00SAMLRequest',
  'SigAlg%20',
];

describe('a parameter', () => {
  it('is taken once', async () => {
    await assertTaken(scene, byQuery('/saml/sso', query()));
    await assertTaken(scene, form(fields()));
  });
  for (const name of twice) {
    it(`${name} twice`, async () => {
      const added = `&${name}=x&${name}=x`;
      await assertRefused(scene, () => byQuery('/saml/sso', query() + added), 'request-parameter-repeated');
      await assertRefused(scene, () => form(fields() + added), 'request-parameter-repeated');
    });
  }
  for (const name of disguised) {
    it(`disguised as ${name}`, async () => {
      await assertRefused(scene, () => byQuery('/saml/sso', `${query()}&${name}=x`), 'request-parameter-disguised');
      await assertRefused(scene, () => byQuery('/saml/sso', `${name}=x&${query()}`), 'request-parameter-disguised');
      await assertRefused(scene, () => form(`${fields()}&${name}=x`), 'request-parameter-disguised');
    });
  }
  const rows: readonly (readonly [name: string, aim: () => Shot, ...reasons: [Reason, ...Reason[]]])[] = [
    ['SAMLRequest beside SAMLResponse', () => byQuery('/saml/sso', `${query()}&SAMLResponse=x`), 'request-not-authn-request'],
    ['SAMLRequest in the query of a form that holds none', () => form('RelayState=r', `?${query()}`), 'request-missing'],
    ['a Signature beside a form', () => form(`${fields()}&SigAlg=x&Signature=AAAA`), 'binding-unsupported'],
    [
      'RelayState exchanged under the signature',
      () => byQuery('/saml/sso', query().replace('RelayState=r', 'RelayState=evil')),
      'signature-invalid',
    ],
    [
      'RelayState taken away from under the signature',
      () => byQuery('/saml/sso', query().replace('&RelayState=r', '')),
      'signature-invalid',
    ],
    ['the Signature without its SigAlg', () => byQuery('/saml/sso', query().replace(/&SigAlg=[^&]*/, '')), 'signature-malformed'],
    ['both taken away', () => byQuery('/saml/sso', query().replace(/&SigAlg=.*/, '')), 'signature-missing'],
    [
      'sixty-five of them',
      () => byQuery('/saml/sso', Array.from({ length: 65 }, (_, n) => `p${String(n)}=x`).join('&')),
      'request-too-large',
    ],
  ];
  for (const [name, aim, ...reasons] of rows) {
    it(name, async () => {
      await assertRefused(scene, aim, ...reasons);
    });
  }
});

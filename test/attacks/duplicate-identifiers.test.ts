/** Two elements of one ID: a verifier may look at the one and a reader at the other. */
import { after, before, describe, it } from 'node:test';
import { assertRefused, assertTaken, openScene, postedXml, type Scene } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const id = '_0123456789abcdef0123456789abcdef';
/** What bears the ID a second time, within the signed bytes. */
const bearers: readonly (readonly [name: string, xml: string])[] = [
  ['ID', `<x xmlns="urn:x" ID="${id}"/>`],
  ['Id', `<x xmlns="urn:x" Id="${id}"/>`],
  ['id', `<x xmlns="urn:x" id="${id}"/>`],
  ['xml:id', `<x xmlns="urn:x" xml:id="${id}"/>`],
  ['an ID in a namespace of its own', `<x xmlns="urn:x" xmlns:y="urn:y" y:ID="${id}"/>`],
];

describe('an ID that occurs twice', () => {
  it('is taken where it occurs once', async () => {
    const { signing, singleSignOn } = scene;
    const content = '<samlp:Extensions><x xmlns="urn:x" ID="_other"/></samlp:Extensions>';
    await assertTaken(scene, postedXml('/saml/sso', signing.sign(signing.authnRequest(singleSignOn, { content }))));
  });
  for (const [name, xml] of bearers) {
    it(`as ${name}`, async () => {
      const { signing, singleSignOn } = scene;
      const request = signing.authnRequest(singleSignOn, { id, content: `<samlp:Extensions>${xml}</samlp:Extensions>` });
      // Signed while it was still the only one, so that the signature itself is sound for whoever takes the root.
      const spoilt = signing.sign(request.replace(xml, xml.replace(id, '_other'))).replace(xml.replace(id, '_other'), xml);
      await assertRefused(scene, () => postedXml('/saml/sso', spoilt), 'signature-malformed');
    });
  }
});

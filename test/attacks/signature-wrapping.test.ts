/** Signature wrapping: the signed message of a service provider is kept whole somewhere, and another one takes its place. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Reason } from '../../src/refusal.ts';
import { assertRefused, assertTaken, byQuery, emailAddress, openScene, postedXml, type Scene, signatureOf } from './scene.ts';

let scene: Scene;
before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const nameID = (address: string): string => `<saml:NameID Format="${emailAddress}">${address}</saml:NameID>`;
const freshID = (): string => `_${randomBytes(16).toString('hex')}`;

/** A signed message and the one that the attacker would rather have believed, without a signature. */
interface Pair {
  readonly signed: string;
  readonly wanted: string;
}

const kinds: readonly (readonly [name: string, path: string, make: () => Pair])[] = [
  [
    'AuthnRequest',
    '/saml/sso',
    () => {
      const { signing, singleSignOn } = scene;
      const wanted = {
        content: `<saml:Subject>${nameID('bob@example.com')}</saml:Subject>`,
        attributes: { ForceAuthn: 'false' },
      };
      return {
        signed: signing.sign(signing.authnRequest(singleSignOn, { attributes: { ForceAuthn: 'true' } })),
        wanted: signing.authnRequest(singleSignOn, wanted),
      };
    },
  ],
  [
    'LogoutRequest',
    '/saml/slo',
    () => {
      const { signing, singleLogout } = scene;
      return {
        signed: signing.sign(signing.logoutRequest(singleLogout, nameID('alice@example.com'))),
        wanted: signing.logoutRequest(singleLogout, nameID('bob@example.com')),
      };
    },
  ],
];

const startTag = (xml: string): string => /^<[^>]*>/.exec(xml)?.[0] ?? '';
const endTag = (xml: string): string => /<\/[^>]*>$/.exec(xml)?.[0] ?? '';
const inner = (xml: string): string => xml.slice(startTag(xml).length, -endTag(xml).length);
const issuerOf = (xml: string): string => /<saml:Issuer>.*?<\/saml:Issuer>/.exec(xml)?.[0] ?? '';
const without = (xml: string, part: string): string => xml.replace(part, '');
const afterIssuer = (xml: string, part: string): string => xml.replace(issuerOf(xml), `$&${part}`);
const atEnd = (xml: string, part: string): string => startTag(xml) + inner(xml) + part + endTag(xml);
const within = (signature: string, part: string): string => signature.replace('</ds:Signature>', `${part}</ds:Signature>`);
const idOf = (xml: string): string => / ID="([^"]*)"/.exec(xml)?.[1] ?? '';

const permutations: readonly (readonly [name: string, wrap: (pair: Pair) => string])[] = [
  [
    '1: the signed message within the signature of the wanted one',
    ({ signed, wanted }) => afterIssuer(wanted, within(signatureOf(signed), without(signed, signatureOf(signed)))),
  ],
  [
    '2: the signed message before its detached signature',
    ({ signed, wanted }) => afterIssuer(wanted, without(signed, signatureOf(signed)) + signatureOf(signed)),
  ],
  [
    '3: the signed message as the first child',
    ({ signed, wanted }) => startTag(wanted) + signed + inner(wanted) + endTag(wanted),
  ],
  ['4: the signed message as the last child', ({ signed, wanted }) => atEnd(wanted, signed)],
  [
    '5: the signature in the wanted one, the signed message at its end',
    ({ signed, wanted }) => atEnd(afterIssuer(wanted, signatureOf(signed)), without(signed, signatureOf(signed))),
  ],
  [
    '6: the signed message, signature and all, within a ds:Object of the signature',
    ({ signed, wanted }) => afterIssuer(wanted, within(signatureOf(signed), `<ds:Object>${signed}</ds:Object>`)),
  ],
  [
    '7: the signed message within samlp:Extensions',
    ({ signed, wanted }) =>
      afterIssuer(wanted, `${signatureOf(signed)}<samlp:Extensions>${without(signed, signatureOf(signed))}</samlp:Extensions>`),
  ],
  [
    '8: the signed message without its signature in a ds:Object of it, under the very ID',
    ({ signed, wanted }) =>
      afterIssuer(
        wanted.replace(idOf(wanted), idOf(signed)),
        within(signatureOf(signed), `<ds:Object>${without(signed, signatureOf(signed))}</ds:Object>`),
      ),
  ],
];

const reasons: readonly [Reason, ...Reason[]] = [
  'signature-malformed',
  'signature-invalid',
  'signature-missing',
  'request-invalid',
];

for (const [kind, path, make] of kinds) {
  describe(`wrapping of an ${kind}`, () => {
    it('has a sound message to begin with', async () => {
      await assertTaken(scene, postedXml(path, make().signed));
    });
    for (const [name, wrap] of permutations) {
      it(`by HTTP-POST, ${name}`, async () => {
        await assertRefused(scene, () => postedXml(path, wrap(make())), ...reasons);
      });
      it(`by HTTP-Redirect, ${name}`, async () => {
        const aim = () => byQuery(path, scene.signing.redirectQuery(wrap(make()), { sign: false }));
        await assertRefused(scene, aim, ...reasons);
      });
      it(`by HTTP-Redirect with the signature of another query, ${name}`, async () => {
        const aim = () => {
          const pair = make();
          const sound = new URLSearchParams(scene.signing.redirectQuery(without(pair.signed, signatureOf(pair.signed))));
          const query = new URLSearchParams(scene.signing.redirectQuery(wrap(pair), { sign: false }));
          for (const parameter of ['SigAlg', 'Signature']) query.set(parameter, sound.get(parameter) ?? '');
          return byQuery(path, query.toString());
        };
        await assertRefused(scene, aim, ...reasons);
      });
    }
    it('with the signed message under an ID of the attacker’s', async () => {
      const aim = () => {
        const { signed, wanted } = make();
        const id = freshID();
        return postedXml(
          path,
          afterIssuer(wanted.replace(idOf(wanted), id), signatureOf(signed).replace(`#${idOf(signed)}`, `#${id}`)),
        );
      };
      await assertRefused(scene, aim, 'signature-invalid');
    });
  });
}

it('the permutations differ from one another', () => {
  const pair = kinds[0]?.[2]();
  assert.ok(pair !== undefined);
  assert.equal(new Set(permutations.map(([, wrap]) => wrap(pair))).size, permutations.length);
});

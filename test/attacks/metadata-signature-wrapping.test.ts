/** Metadata that a federation signed, and beside them, around them or within their signature others that are to be believed. */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { indexMetadata } from '../../src/saml/index-metadata.ts';
import { MetadataMistake } from '../../src/saml/metadata-mistake.ts';
import { base64Of, makeCredential, type Credential } from '../fixtures/foreign-service-provider.ts';
import { aggregateOf, entityIDOf, entityOf, signCanonical } from '../fixtures/metadata-aggregate.ts';

const md = 'urn:oasis:names:tc:SAML:2.0:metadata';
const now = Date.parse('2026-07-01T10:00:00Z');

let federation: Credential;
let genuine: string;
/** An entity that the federation never saw. */
let evil: string;
before(async () => {
  federation = await makeCredential('federation');
  genuine = aggregateOf([entityOf(0, base64Of(federation))], { signedBy: federation });
  evil = entityOf(666, base64Of(federation));
});

const signatureIn = (xml: string): string => /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? assert.fail();
const within = (content: string, id = '_aggregate'): string =>
  `<md:EntitiesDescriptor xmlns:md="${md}" ID="${id}">${content}</md:EntitiesDescriptor>`;
const namesIn = (xml: string): readonly string[] =>
  indexMetadata(Buffer.from(xml), {
    keys: [createPublicKey(federation.certificate)],
    requireValidUntil: false,
    validAtMost: undefined,
    now,
    clockSkew: 0,
  }).entities.map(({ entityID }) => entityID);

const wrappings: readonly (readonly [what: string, wrap: () => string])[] = [
  ['the signed root within another root', () => within(genuine + evil, '_evil')],
  ['the signed root within another root of the same ID', () => within(genuine + evil)],
  [
    'its signature moved to another root',
    () => within(signatureIn(genuine) + genuine.replace(signatureIn(genuine), '') + evil, '_evil'),
  ],
  [
    'its signature moved to another root of the same ID',
    () => within(signatureIn(genuine) + genuine.replace(signatureIn(genuine), '') + evil),
  ],
  ['its signature copied to another root of the same ID', () => within(signatureIn(genuine) + genuine + evil)],
  [
    'the signed root within the signature that another root bears',
    () =>
      within(
        signatureIn(genuine).replace(
          '</ds:Signature>',
          `<ds:Object>${genuine.replace(signatureIn(genuine), '')}</ds:Object></ds:Signature>`,
        ) + evil,
      ),
  ],
  ['the signed root within Extensions', () => within(`${signatureIn(genuine)}<md:Extensions>${genuine}</md:Extensions>${evil}`)],
  ['an entity beside the root', () => genuine + evil.replace('entityID', `xmlns:md="${md}" entityID`)],
  ['an entity before the root', () => evil.replace('entityID', `xmlns:md="${md}" entityID`) + genuine],
  ['another root before the signed one', () => within(evil, '_evil') + genuine],
  ['a group within the root', () => genuine.replace('</ds:Signature>', `</ds:Signature>${within(evil, '_inner')}`)],
  [
    'an entity of the same ID within the root',
    () => genuine.replace('</ds:Signature>', `</ds:Signature>${evil.replace('entityID', 'ID="_aggregate" entityID')}`),
  ],
  ['a reference to nothing', () => genuine.replace('URI="#_aggregate"', 'URI="#"').replace(' ID="_aggregate"', '')],
  ['a root without its ID', () => genuine.replace(' ID="_aggregate"', '')],
  ['a root whose ID is of a namespace', () => genuine.replace(' ID="_aggregate"', ' md:ID="_aggregate"')],
  ['an XPointer', () => genuine.replace('URI="#_aggregate"', 'URI="#xpointer(/)"')],
  [
    'a signature over an inner entity',
    () => {
      const whole = entityOf(0, base64Of(federation)).trimEnd().replace('entityID', `xmlns:md="${md}" ID="_e" entityID`);
      const end = whole.indexOf('>') + 1;
      const signed = signCanonical(whole.slice(0, end), whole.slice(end), '_e', federation);
      return within(signatureIn(signed) + signed.replace(signatureIn(signed), '') + evil);
    },
  ],
  ['a signature deeper than the root', () => within(within(signatureIn(genuine) + evil, '_inner'))],
];

describe('metadata that a federation signed', () => {
  it('are believed as they are', () => {
    assert.deepEqual(namesIn(genuine), [entityIDOf(0)]);
  });
  for (const [what, wrap] of wrappings) {
    it(`are no excuse for ${what}`, () => {
      assert.throws(() => namesIn(wrap()), MetadataMistake);
    });
  }

  const unsigned: readonly (readonly [what: string, place: (xml: string) => string])[] = [
    ['in its KeyInfo', (xml) => xml.replace('</ds:Signature>', `<ds:KeyInfo>${evil}</ds:KeyInfo></ds:Signature>`)],
    ['in a comment', (xml) => xml.replace('</ds:Signature>', `</ds:Signature><!-- ${evil} -->`)],
  ];
  for (const [what, place] of unsigned) {
    it(`let nobody in who stands ${what}, which is not signed`, () => {
      assert.deepEqual(namesIn(place(genuine)), [entityIDOf(0)]);
    });
  }
});

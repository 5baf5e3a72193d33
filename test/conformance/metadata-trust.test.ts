/** Which metadata is let in: by its signature, by its dates, and by the algorithms that it declares. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { base64Of, type Credential, type ForeignServiceProvider } from '../fixtures/foreign-service-provider.ts';
import { signIn } from './exchange.ts';
import { entities, lay, makeFolder, signMetadata } from './folder.ts';
import { judge } from './judge.ts';
import { oddCredentials } from './odd-credentials.ts';
import { at } from './partners.ts';
import { requirement } from './requirement.ts';
import { knowsNot, serves } from './serves.ts';
import { credential, stage, withHouse } from './stage.ts';

const day = 86_400_000;
const written = (milliseconds: number): string => new Date(milliseconds).toISOString();
const sites = new Map<string, ForeignServiceProvider>();
const sp = (name: string): ForeignServiceProvider => sites.get(name) ?? assert.fail(name);
const extensions = (content: string): string => `<md:Extensions>${content}</md:Extensions>`;

/** Sources of one house, each bound to the key that signs there. */
const open = stage(async () => {
  const folder = makeFolder();
  const key = await credential();
  const [signer, stranger] = [await credential('federation'), await credential('stranger')];
  const { expired = signer } = await oddCredentials();
  const pem = (name: string, { certificate }: Credential): string => lay(folder, `${name}.pem`, certificate);
  const [trusted, other, dated] = [pem('trusted', signer), pem('other', stranger), pem('dated', expired)];
  const bare = lay(folder, 'bare.pem', new X509Certificate(signer.certificate).publicKey.export({ type: 'spki', format: 'pem' }));
  const source = (name: string, content: (xml: string) => string, keyFiles: readonly string[], more = {}) => {
    const partner = at(name, key);
    sites.set(name, partner);
    const file = lay(folder, `${name}.xml`, content(partner.metadata()));
    return { kind: 'file' as const, file, keyFiles: [...keyFiles], admit: 'all' as const, ...more };
  };
  const by =
    ({ privateKey }: Credential) =>
    (xml: string) =>
      signMetadata(xml, privateKey);
  const until = (end: number | undefined) => (xml: string) =>
    end === undefined
      ? xml
      : xml.replace('<md:EntityDescriptor', `<md:EntityDescriptor validUntil="${written(Date.now() + end)}"`);
  const limited = { requireValidUntil: true, validAtMost: '14d' };
  return {
    config: {
      metadata: [
        source('good', by(signer), [trusted]),
        source('by-bare-key', by(signer), [bare]),
        source('by-one-of-two', by(signer), [other, trusted]),
        source('by-dated-key', by(expired), [dated]),
        source('in-group', (xml) => by(signer)(entities([entities([xml])])), [trusted]),
        source('unsigned', (xml) => xml, [trusted]),
        source('by-stranger', by(stranger), [trusted]),
        source('bound-elsewhere', by(signer), [other]),
        source('spoilt', (xml) => by(signer)(xml).replace('/acs"', '/acs2"'), [trusted]),
        source('within-alone', (xml) => entities([by(signer)(xml)]), [trusted]),
        source(
          'own-key-brought-along',
          (xml) =>
            by(stranger)(xml).replace(
              '</ds:Signature>',
              `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${base64Of(stranger)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`,
            ),
          [trusted],
        ),
        source('wrapped', (xml) => entities([by(signer)(xml), xml.replaceAll('wrapped.', 'smuggled.')]), [trusted]),
        source('until-tomorrow', until(day), [], limited),
        source('until-next-year', until(365 * day), [], limited),
        source('until-yesterday', until(-day), [], limited),
        source('until-no-time', until(undefined), [], limited),
        source('until-no-time-allowed', until(undefined), []),
        source('until-next-year-allowed', until(365 * day), []),
        source(
          'group-until-next-year',
          (xml) => entities([until(day)(xml)], ` validUntil="${written(Date.now() + 365 * day)}"`),
          [],
          limited,
        ),
        source('group-until-tomorrow', (xml) => entities([xml], ` validUntil="${written(Date.now() + day)}"`), [], limited),
        source('group-until-yesterday', (xml) => entities([xml], ` validUntil="${written(Date.now() - day)}"`), []),
        source('group-just-ended', (xml) => entities([xml], ` validUntil="${written(Date.now() - 120_000)}"`), []),
        source('doctype', (xml) => `<!DOCTYPE md:EntityDescriptor [<!ENTITY e "x">]>${xml}`, []),
      ],
    },
  };
});

type Row = readonly [name: string, about: string];

function letsIn(prove: Parameters<Parameters<typeof requirement>[2]>[0], rows: readonly Row[]): void {
  for (const [name, about] of rows) prove(`takes ${about}`, async () => serves(await open(), sp(name)));
}
function keepsOut(prove: Parameters<Parameters<typeof requirement>[2]>[0], rows: readonly Row[]): void {
  for (const [name, about] of rows) {
    prove(`refuses ${about}`, async () => {
      const set = await open();
      await knowsNot(set, sp(name));
    });
  }
}

requirement('IIP-MD03', 'the signature of metadata', (prove) => {
  letsIn(prove, [
    ['good', 'metadata that the pinned key signed'],
    ['by-bare-key', 'metadata that was signed by a key that is pinned without a certificate'],
    ['by-one-of-two', 'metadata that one of two pinned keys signed'],
    ['by-dated-key', 'metadata whose pinned certificate has expired'],
    ['in-group', 'metadata of one within groups whose root is signed'],
  ]);
  keepsOut(prove, [
    ['unsigned', 'metadata that nobody signed'],
    ['by-stranger', 'metadata that another key signed'],
    ['bound-elsewhere', 'metadata signed by a key that is trusted for another source'],
    ['spoilt', 'metadata that was changed after it was signed'],
    ['within-alone', 'metadata whose root is not signed, though what is within it is'],
    ['own-key-brought-along', 'metadata that brings its own key along'],
    ['wrapped', 'metadata wrapped in an unsigned group'],
  ]);
  prove('what was smuggled in beside a signed entity is not known', async () => {
    const set = await open();
    await knowsNot(set, at('smuggled', await credential()));
  });
});

requirement('IIP-MD04', 'validUntil of metadata', (prove) => {
  letsIn(prove, [
    ['until-tomorrow', 'a validUntil within the limit'],
    ['group-until-tomorrow', 'a validUntil of the root within the limit'],
    ['until-no-time-allowed', 'no validUntil where none is asked for'],
    ['until-next-year-allowed', 'a validUntil far ahead where no limit is set'],
  ]);
  keepsOut(prove, [
    ['until-no-time', 'a missing validUntil'],
    ['until-yesterday', 'a validUntil that is past'],
    ['until-next-year', 'a validUntil too far ahead'],
    ['group-until-next-year', 'a validUntil of the root too far ahead, though the entity’s is near'],
    ['group-until-yesterday', 'a validUntil of the root that is past'],
  ]);
});

requirement('IIP-G01', 'clock skew at validUntil of the root', (prove) => {
  letsIn(prove, [['group-just-ended', 'metadata whose root ended two minutes ago']]);
  keepsOut(prove, [['group-until-yesterday', 'metadata whose root ended a day ago']]);
});

requirement('IIP-G03', 'a DTD in metadata', (prove) => {
  keepsOut(prove, [['doctype', 'metadata that hold a DTD']]);
});

requirement('IIP-MD10', 'only algorithms that the peer declares', (prove) => {
  const alg = (content: string): string =>
    extensions(
      content
        .replaceAll('<alg:', '<alg:')
        .replaceAll(' Algorithm', ' xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport" Algorithm'),
    );
  const signing = (uri: string): string => `<alg:SigningMethod Algorithm="${uri}"/>`;
  const digest = (uri: string): string => `<alg:DigestMethod Algorithm="${uri}"/>`;
  const more = 'http://www.w3.org/2001/04/xmldsig-more#';
  const sha512 = 'http://www.w3.org/2001/04/xmlenc#sha512';
  const rows: readonly [string, string, { signing?: string; digest?: string }][] = [
    [
      'RSA-SHA512 and SHA-512',
      alg(digest(sha512) + signing(`${more}rsa-sha512`)),
      { signing: `${more}rsa-sha512`, digest: sha512 },
    ],
    ['RSA-SHA384', alg(signing(`${more}rsa-sha384`)), { signing: `${more}rsa-sha384` }],
    ['SHA-384 digests', alg(digest(`${more}sha384`)), { digest: `${more}sha384` }],
    [
      'something unheard of before RSA-SHA512',
      alg(signing('urn:example:signing') + signing(`${more}rsa-sha512`)),
      { signing: `${more}rsa-sha512` },
    ],
  ];
  for (const [title, declared, expected] of rows) {
    prove(`what we sign is signed so: ${title}`, async () => {
      const partner = at('declares', await credential());
      await withHouse({ metadata: [{ xml: partner.metadata({ extensions: declared }) }] }, async (set) => {
        const { signatures } = judge(set, partner, await signIn(set, partner));
        for (const facts of [signatures.response, signatures.assertion]) {
          if (expected.signing !== undefined) assert.equal(facts?.signing, expected.signing);
          if (expected.digest !== undefined) assert.equal(facts?.digest, expected.digest);
        }
      });
    });
  }
  prove('where none of ours is declared, nothing is signed by another', async () => {
    const partner = at('declares', await credential());
    await withHouse(
      { metadata: [{ xml: partner.metadata({ extensions: alg(signing('urn:example:signing')) }) }] },
      async (set) => {
        const outcome = await signIn(set, partner);
        assert.throws(() => judge(set, partner, outcome));
        assert.notEqual(outcome.page.status, 500);
      },
    );
  });
});

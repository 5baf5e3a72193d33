/** Metadata with keys that anybody could use: exponents that hide nothing, too few bits for what they are to carry, other kinds. */
import assert from 'node:assert/strict';
import { constants, createPublicKey, generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { type Credential, ForeignServiceProvider, makeCredential, makeEcKey } from '../fixtures/foreign-service-provider.ts';
import { openHouse, type House } from '../fixtures/house.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';

let credential: Credential;
const opened: House[] = [];
before(async () => {
  credential = await makeCredential();
});
after(async () => {
  for (const house of opened) await house.close();
});

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
const withExponent = (exponent: number): KeyObject =>
  createPublicKey({
    key: { ...rsa.export({ format: 'jwk' }), e: Buffer.of(exponent).toString('base64url') },
    format: 'jwk',
  });
const descriptor = (use: 'signing' | 'encryption', key: KeyObject, form: 'der' | 'value', methods = ''): string => {
  const { n = '', e = '' } = form === 'der' ? {} : key.export({ format: 'jwk' });
  const base64 = (text: string): string => Buffer.from(text, 'base64url').toString('base64');
  const value =
    form === 'der'
      ? `<d:DEREncodedKeyValue xmlns:d="http://www.w3.org/2009/xmldsig11#">${key.export({ type: 'spki', format: 'der' }).toString('base64')}</d:DEREncodedKeyValue>`
      : `<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${base64(n)}</ds:Modulus><ds:Exponent>${base64(e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>`;
  return `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${value}</ds:KeyInfo>${methods}</md:KeyDescriptor>`;
};
const houseWith = async (keys: string): Promise<readonly [House, ForeignServiceProvider]> => {
  const sp = new ForeignServiceProvider(credential);
  const house = await openHouse({ metadata: [{ xml: sp.metadata({ keys }) }] });
  opened.push(house);
  return [house, sp];
};

describe('metadata with an RSA key that hides nothing', () => {
  it('would let anybody sign: with the exponent 1 the signature is the padded message itself', () => {
    const padded = Buffer.concat([
      Buffer.of(0, 1),
      Buffer.alloc(202, 0xff),
      Buffer.of(0),
      Buffer.from('3031300d060960864801650304020105000420', 'hex'),
      Buffer.from('ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb', 'hex'),
    ]);
    const key = { key: withExponent(1), padding: constants.RSA_PKCS1_PADDING };
    assert.ok(verify('sha256', Buffer.from('a'), key, padded));
  });

  for (const exponent of [0, 1, 2, 4]) {
    for (const use of ['signing', 'encryption'] as const) {
      for (const form of ['der', 'value'] as const) {
        it(`is not taken: exponent ${String(exponent)}, for ${use}, as ${form}`, async () => {
          await assert.rejects(houseWith(descriptor(use, withExponent(exponent), form)), /exponent|Exponent does not hold/);
        });
      }
    }
  }
});

describe('a key that cannot carry what it is to carry', () => {
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const methods = (digest: string): string =>
    '<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>' +
    `<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep"><ds:DigestMethod xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Algorithm="${digest}"/></md:EncryptionMethod>`;
  const rows: readonly (readonly [string, string])[] = [
    [
      '1024 bits by OAEP with SHA-384',
      descriptor('encryption', small, 'der', methods('http://www.w3.org/2001/04/xmldsig-more#sha384')),
    ],
    [
      '1024 bits by OAEP with SHA-512',
      descriptor('encryption', small, 'der', methods('http://www.w3.org/2001/04/xmlenc#sha512')),
    ],
    ['P-256, which carries nothing', descriptor('encryption', makeEcKey().publicKey, 'der')],
    ['Ed25519, which carries nothing', descriptor('encryption', generateKeyPairSync('ed25519').publicKey, 'der')],
    [
      'RSA bound to signatures',
      descriptor('encryption', generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).publicKey, 'der'),
    ],
  ];
  for (const [title, keys] of rows) {
    it(`makes neither a fault nor an assertion in the clear: ${title}`, async () => {
      const [house, sp] = await houseWith(keys);
      const visitor = new Visitor(house.url);
      const query = sp.redirectQuery(sp.authnRequest(`${house.url}/saml/sso`), { sign: false });
      const page = await visitor.fill(await visitor.visit(`/saml/sso?${query}`), 'alice', 'Passw0rd!');
      const { xml } = responseOf(page);
      assert.deepEqual(statusOf(xml), ['Responder', 'RequestUnsupported']);
      assert.doesNotMatch(xml, /Assertion /);
      assert.equal(house.events.at(-1)?.reason, 'algorithms-not-shared');
      assert.ok(house.notes.some((note) => note.includes('shares no algorithms')));
    });
  }
});

/** What every key that signs must do, wherever its private part lies. */
import assert from 'node:assert/strict';
import { constants, verify } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { signatureAlgorithms, type SignatureName } from '../../src/config/algorithm-names.ts';
import type { HeldKey } from '../../src/keys/key-ring.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';

const algorithmsOf = {
  'rsa-2048': ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256', 'rsa-pss-sha384', 'rsa-pss-sha512'],
  'ec-p256': ['ecdsa-sha256', 'ecdsa-sha384', 'ecdsa-sha512'],
} as const satisfies Record<string, readonly SignatureName[]>;

export type ContractKeyType = keyof typeof algorithmsOf;

export interface OpenKey {
  readonly key: HeldKey;
  close(): Promise<void>;
}

/** By node:crypto alone, and not by what the keys share. */
function isSignature(
  { certificate: { publicKey: key } }: HeldKey,
  name: SignatureName,
  text: string,
  signature: Uint8Array,
): boolean {
  const { hash, scheme } = signatureAlgorithms[name];
  if (scheme === 'ecdsa') return verify(hash, Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, signature);
  if (scheme === 'pkcs1') return verify(hash, Buffer.from(text), key, signature);
  // RFC 9231 §2.3.10
  const saltLength = Number(hash.slice(3)) / 8;
  return verify(hash, Buffer.from(text), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, signature);
}

export function signingKeyContract(title: string, open: (type: ContractKeyType) => Promise<OpenKey>): void {
  for (const type of Object.keys(algorithmsOf) as ContractKeyType[]) {
    describe(`${title}, ${type}`, () => {
      let opened: OpenKey;
      before(async () => {
        opened = await open(type);
      });
      after(() => opened.close());

      for (const name of algorithmsOf[type]) {
        it(`signs by ${name}, whatever the text`, async () => {
          const signer = createKeySigner(opened.key, name);
          for (const text of ['', 'text', 'ünï<code>\r\n\u0000', 'long '.repeat(20_000)]) {
            const signature = Buffer.from(await signer.sign(text), 'base64');
            assert.ok(isSignature(opened.key, name, text, signature), text.slice(0, 20));
            assert.equal(isSignature(opened.key, name, `${text} `, signature), false);
          }
          assert.equal(signer.certificate, opened.key.certificate.raw.toString('base64'));
          assert.equal(signer.algorithm, signatureAlgorithms[name].uri);
        });
      }

      it('never gives one asker the signature of another, and lets the event loop go on', async () => {
        const [name] = algorithmsOf[type];
        const signer = createKeySigner(opened.key, name);
        let turns = 0;
        const turn = (): void => {
          turns += 1;
          if (turns < 1_000) setImmediate(turn);
        };
        setImmediate(turn);
        const texts = Array.from({ length: 24 }, (_, index) => `text ${String(index)}`);
        const signatures = await Promise.all(texts.map((text) => signer.sign(text)));
        assert.ok(turns > 0);
        for (const [index, text] of texts.entries())
          assert.ok(isSignature(opened.key, name, text, Buffer.from(signatures[index] ?? '', 'base64')), text);
      });
    });
  }
}

/** A key that a service provider's settings name is there at start, or the operator is told. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { schema } from '../../src/config/schema.ts';
import { inMemory } from '../../src/keys/in-memory.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import type { KeyType } from '../../src/keys/key-type.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { requireKeys } from '../../src/keys/require-keys.ts';

const make = (type: KeyType) => makeKey({ commonName: 'x', now: Date.now(), serialNumber: randomBytes(16), type });
const [rsa, ec] = [await make('rsa-2048'), await make('ec-p256')];
const held = (name: string, made = rsa) => {
  const privateKey = createPrivateKey(made.privateKey);
  return { name, privateKey, privatePart: inMemory(privateKey), certificate: new X509Certificate(made.certificate) };
};
const ring = {
  active: held('active'),
  published: [held('active'), held('next')],
  forServiceProviders: [held('partner', ec), held('partner-rsa')],
  decryption: [held('secret')],
};
const google = [
  { kind: 'google-profile', entityId: 'x', acsUrl: 'https://accounts.google.com/x' },
  { kind: 'google-legacy', domain: 'example.com' },
  { kind: 'google-workforce', pool: 'pool', provider: 'passerelle' },
] as const;
const providers = (key: string | undefined) =>
  schema.shape.serviceProviders.parse([
    { kind: 'google-workforce', pool: 'pool', provider: 'passerelle' },
    { kind: 'metadata', file: 'sp.xml', ...(key !== undefined && { signature: { key } }) },
  ]);

describe('the keys that service providers name', () => {
  for (const key of [undefined, 'active', 'next', 'partner']) {
    it(`are there: ${String(key)}`, () => {
      requireKeys(ring, providers(key));
    });
  }
  for (const key of ['nobody', 'secret']) {
    it(`are missed: ${key}`, () => {
      assert.throws(
        () => {
          requireKeys(ring, providers(key));
        },
        (error: unknown) =>
          error instanceof KeyMistake &&
          error.message.startsWith(`serviceProviders.1.signature.key names "${key}"`) &&
          error.message.includes('active, next, partner'),
      );
    });
  }
  for (const one of google) {
    it(`are RSA keys for Google: ${one.kind}`, () => {
      const named = (key: string) => schema.shape.serviceProviders.parse([{ ...one, signature: { key } }]);
      requireKeys(ring, named('partner-rsa'));
      assert.throws(
        () => {
          requireKeys(ring, named('partner'));
        },
        (error: unknown) => error instanceof KeyMistake && error.message.includes('names partner, which is no RSA key'),
      );
    });
  }
});

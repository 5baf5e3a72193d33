/** A key that a service provider's settings name is there at start, or the operator is told. */
import assert from 'node:assert/strict';
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { schema } from '../../src/config/schema.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { requireKeys } from '../../src/keys/require-keys.ts';

const made = await makeKey({ commonName: 'x', now: Date.now(), serialNumber: randomBytes(16), type: 'ec-p256' });
const held = (name: string) => ({
  name,
  privateKey: createPrivateKey(made.privateKey),
  certificate: new X509Certificate(made.certificate),
});
const ring = {
  active: held('active'),
  published: [held('active'), held('next')],
  forServiceProviders: [held('partner')],
  decryption: [held('secret')],
};
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
});

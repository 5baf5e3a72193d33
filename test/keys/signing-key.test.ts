/** The contract of a key that signs, for the folder's own and for one that lies elsewhere; and what the latter does when it does not sign. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { Refusal } from '../../src/refusal.ts';
import { sign } from '../../src/saml/signer.ts';
import { type ContractKeyType, signingKeyContract } from '../contract/signing-key.ts';
import { type Behaviour, openSigningService, type SigningService } from '../fixtures/signing-service.ts';

const make = (type: ContractKeyType) => makeKey({ commonName: 'x', now: Date.now(), serialNumber: randomBytes(16), type });

signingKeyContract('a key of the folder', async (type) => {
  const path = mkdtempSync(join(tmpdir(), 'passerelle-signing-'));
  const clock = { now: () => Date.now(), until: () => Promise.resolve() };
  const folder = createKeyFolder({ path, commonName: 'x', clock, random: randomBytes });
  await folder.add({ use: 'service-provider', type, name: 'it' });
  const [key] = (await folder.open()).forServiceProviders;
  assert.ok(key !== undefined);
  return {
    key,
    close: () => {
      rmSync(path, { recursive: true });
      return Promise.resolve();
    },
  };
});

signingKeyContract('a key that lies elsewhere', async (type) => openSigningService('it', await make(type)));

describe('a key that lies elsewhere and does not sign', () => {
  let service: SigningService;
  before(async () => {
    service = await openSigningService('device', await make('rsa-2048'), { patience: 150 });
  });
  after(() => service.close());

  const troubles: readonly (readonly [Behaviour, RegExp])[] = [
    ['refuses', /^the token is locked$/],
    ['hangs up', /./],
    ['is silent', /^no answer within 150 ms$/],
    ['signs something else', /^what was answered is no signature of this key$/],
    ['babbles', /no signature of this key/],
    ['answers nothing', /no signature of this key/],
  ];
  for (const [behaviour, cause] of troubles) {
    it(`is refused, and nothing goes out unsigned: it ${behaviour}`, async () => {
      service.behave(behaviour);
      await assert.rejects(
        sign('<a ID="_1">', '</a>', '_1', createKeySigner(service.key)),
        (error: unknown) =>
          error instanceof Refusal &&
          error.reason === 'signing-unavailable' &&
          error.detail.key === 'device' &&
          cause.test(String(error.detail.cause)),
      );
      service.behave('signs');
      assert.ok((await createKeySigner(service.key).sign('text')).length > 300);
    });
  }
});

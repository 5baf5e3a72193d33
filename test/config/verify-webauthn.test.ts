/** The section factors.webauthn: a domain that is ours, and makers that can be known. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Authority } from '../fixtures/people-authority.ts';
import { brief, mistakesOf, readText, replaceLine, soundFile, type MemoryFile } from './sound-file.ts';

const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/makers.pem': { content: Authority.root('CN=Keys').issued.certificate },
  '/etc/empty.pem': { content: '' },
};
const section = (text: string): string => `factors: { webauthn: { ${text} } }\n`;
const model = 'aaguids: [CB69481E-8ff7-4039-93ec-0a2729a154a8]';

describe('the section factors.webauthn', () => {
  it('needs nothing to be said, and is ready for use', async () => {
    const plain = await readText(soundFile, {}, files);
    assert.deepEqual(plain.configuration.factors.webauthn, {
      enabled: true,
      userVerification: 'preferred',
      attestation: 'none',
      aaguids: [],
    });
    assert.deepEqual(plain.warnings, []);
    const { configuration, warnings } = await readText(
      soundFile + section(`rpId: Example.com, attestation: direct, caFile: makers.pem, ${model}`),
      {},
      files,
    );
    assert.equal(configuration.factors.webauthn.caFile, '/etc/makers.pem');
    assert.deepEqual(warnings, []);
  });

  const at = (path: string, message: string): string => `factors.webauthn.${path} ${message}`;
  const refused: readonly (readonly [string, string, string])[] = [
    ['a domain of others', 'rpId: example.org', at('rpId', 'is neither the host of publicUrl nor a parent of it')],
    ['a host below ours', 'rpId: a.sso.example.com', at('rpId', 'is neither the host of publicUrl nor a parent of it')],
    ['a name that ends as ours begins', 'rpId: o.example.com', at('rpId', 'is neither the host of publicUrl nor a parent of it')],
    ['a top-level domain', 'rpId: com', at('rpId', 'is a domain of everybody’s')],
    ['makers of whom nobody asks', 'caFile: makers.pem', at('caFile', 'needs attestation: direct')],
    ['models of which nobody asks', model, at('aaguids', 'needs attestation: direct')],
    ['a file that is not there', 'attestation: direct, caFile: gone.pem', at('caFile', 'names a file that does not exist')],
    ['a file without certificates', 'attestation: direct, caFile: empty.pem', at('caFile', 'names a file without a certificate')],
  ];
  for (const [what, text, message] of refused) {
    it(`refuses ${what}`, async () => {
      const mistakes = brief(await mistakesOf(soundFile + section(text), {}, files));
      assert.ok(
        mistakes.some((mistake) => mistake.includes(message)),
        mistakes.join('\n'),
      );
    });
  }

  const warned: readonly (readonly [string, string, string])[] = [
    [
      'an IP address',
      replaceLine(1, 'publicUrl: https://192.0.2.1') + section('enabled: true'),
      'cannot be used at an IP address',
    ],
    [
      'models that nobody vouches for',
      soundFile + section(`attestation: direct, ${model}`),
      'believes what keys say of themselves',
    ],
  ];
  for (const [what, text, message] of warned) {
    it(`warns of ${what}`, async () => {
      const { warnings } = await readText(text, {}, files);
      assert.deepEqual(
        warnings.map((warning) => warning.message),
        [message],
      );
    });
  }
});

/** Setting security keys up: what they are asked, which are admitted, and what a liar gets in. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { cbor, packed, type Lie } from '../fixtures/software-authenticator.ts';
import { isRefusal } from './factor-stage.ts';
import { ada, bob, webauthnStage, type WebauthnStage } from './webauthn-stage.ts';

/** After the certificates that are made below, however long that takes. */
const start = Date.now() + 60_000;
const model = 'cb69481e-8ff7-4039-93ec-0a2729a154a8';

/** A maker of keys with its certificates: `leaf` issued by `root`, and a stranger's. */
interface Makers {
  readonly roots: string;
  readonly strangers: string;
  readonly x5c: readonly Buffer[];
  readonly privateKey: KeyObject;
  readonly selfMade: Buffer;
}

function makeMakers(folder: string): Makers {
  const at = (name: string): string => join(folder, name);
  const openssl = (...argv: string[]): void => void execFileSync('openssl', argv, { stdio: 'ignore' });
  const subject = '/C=CH/O=Keys/OU=Authenticator Attestation/CN=Key One';
  writeFileSync(at('leaf.ext'), 'basicConstraints=CA:FALSE\n');
  for (const name of ['root', 'stranger']) {
    const authority = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign'];
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at(`${name}.key`),
      '-out', at(`${name}.pem`), '-days', '30', '-subj', `/CN=${name}`, ...authority); // prettier-ignore
  }
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('leaf.key'), '-out', at('leaf.csr'), '-subj', subject); // prettier-ignore
  openssl('x509', '-req', '-in', at('leaf.csr'), '-CA', at('root.pem'), '-CAkey', at('root.key'), '-days', '30', '-extfile', at('leaf.ext'), '-out', at('leaf.pem')); // prettier-ignore
  openssl('x509', '-req', '-in', at('leaf.csr'), '-key', at('leaf.key'), '-days', '30', '-extfile', at('leaf.ext'), '-out', at('self.pem')); // prettier-ignore
  const der = (name: string): Buffer => new X509Certificate(readFileSync(at(name))).raw;
  return {
    roots: readFileSync(at('root.pem'), 'utf8'),
    strangers: readFileSync(at('stranger.pem'), 'utf8'),
    x5c: [der('leaf.pem')],
    privateKey: createPrivateKey(readFileSync(at('leaf.key'))),
    selfMade: der('self.pem'),
  };
}

describe('setting a security key up', () => {
  let stage: WebauthnStage;
  let makers: Makers;
  const folder = mkdtempSync(join(tmpdir(), 'makers-'));
  before(async () => {
    stage = await webauthnStage(start);
    makers = makeMakers(folder);
  });
  after(async () => {
    await stage.close();
    rmSync(folder, { recursive: true });
  });
  const keysOf = async ({ objectGUID }: typeof ada) => (await stage.enrolments.of(objectGUID)).webauthn;

  it('asks for a key that could be a passkey, under the person’s name, and for none that is there', async () => {
    const key = stage.key();
    await stage.enrol(ada, key);
    const { kind, ...setup } = await stage.open().enroller.begin(ada);
    assert.ok(kind === 'webauthn' && 'options' in setup);
    const { challenge, ...options } = JSON.parse(JSON.stringify(setup.options)) as Record<string, unknown>;
    assert.equal(Buffer.from(String(challenge), 'base64url').length, 32);
    assert.deepEqual(options, {
      rp: { name: 'Passerelle', id: 'sso.example.com' },
      user: { id: 'HhxvW1EKPkqdWgEjRWeJqw', name: 'ada@corp.example', displayName: 'Ada L.' },
      pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' })),
      timeout: 300_000,
      attestation: 'none',
      excludeCredentials: [{ id: key.id, type: 'public-key' }],
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred', requireResidentKey: false },
      extensions: { credProps: true },
      hints: [],
    });
    assert.equal((await keysOf(ada))[0]?.label, 'My key');
  });

  const traits: readonly (readonly [what: string, lie: Lie, passkey: boolean])[] = [
    ['one that finds its person and verified them', { rk: true, userVerified: true }, true],
    ['one that finds nobody', { rk: false, userVerified: true }, false],
    ['one that verified nobody', { rk: true, userVerified: false }, false],
  ];
  for (const [what, lie, passkey] of traits) {
    it(`${passkey ? 'makes a passkey of' : 'makes no passkey of'} ${what}`, async () => {
      await stage.enrolments.forget(bob.objectGUID);
      await stage.enrol(bob, stage.key(), lie);
      assert.deepEqual(
        (await keysOf(bob)).map((key) => [key.passkey, key.transports]),
        [[passkey, ['usb', 'nfc']]],
      );
    });
  }

  const lies: readonly (readonly [what: string, lie: Lie, reason: string, cause: RegExp])[] = [
    ['another origin', { origin: 'https://evil.example' }, 'code-wrong', /origin/],
    ['another domain', { rpId: 'evil.example' }, 'code-wrong', /RP ID/],
    ['another challenge', { challenge: 'AAAA' }, 'code-wrong', /challenge/],
    ['a sign-in', { type: 'webauthn.get' }, 'code-wrong', /type/],
    ['a page within a page', { clientData: { crossOrigin: true } }, 'code-wrong', /within a page/],
    ['nobody there', { userPresent: false }, 'code-wrong', /not present/],
    ['an algorithm that was not asked for', { publicKey: cbor(new Map<number, number | Uint8Array>([[1, 2], [3, -35], [-1, 2], [-2, Buffer.alloc(48, 1)], [-3, Buffer.alloc(48, 1)]])) }, 'code-wrong', /alg/],
    ['a public key that is none', { publicKey: cbor('key') }, 'code-wrong', /./],
    ['a public key of 4 kB', { publicKey: cbor(new Map<number, number | Uint8Array>([[1, 3], [3, -257], [-1, Buffer.alloc(4_000, 1)], [-2, Buffer.from([1, 0, 1])]])) }, 'code-wrong', /too long/],
    ['an attestation cut off', { attestationObject: (honest) => honest.subarray(0, 60) }, 'code-wrong', /./],
    ['an attestation that is a list', { attestationObject: () => cbor([1, 2]) }, 'code-wrong', /cannot be read/],
    ['an attestation nested without end', { attestationObject: () => Buffer.alloc(9_000, 0x81) }, 'code-wrong', /cannot be read/],
    ['a statement with format none', { attestation: () => ({ fmt: 'none', attStmt: new Map([['sig', 'x']]) }) }, 'code-wrong', /./],
    ['a format whose addresses would be asked', { attestation: () => ({ fmt: 'android-key', attStmt: new Map() }) }, 'key-not-allowed', /android-key/],
    ['a format that is withdrawn', { attestation: () => ({ fmt: 'android-safetynet', attStmt: new Map() }) }, 'key-not-allowed', /safetynet/],
    ['a format that nobody knows', { attestation: () => ({ fmt: '<script>', attStmt: new Map() }) }, 'key-not-allowed', /script/],
  ]; // prettier-ignore
  for (const [what, lie, reason, cause] of lies) {
    it(`refuses ${what}`, async () => {
      const before = await stage.enrolments.of(ada.objectGUID);
      await assert.rejects(stage.enrol(ada, stage.key(), lie), isRefusal(reason, cause));
      assert.deepEqual(await stage.enrolments.of(ada.objectGUID), before);
    });
  }

  it('refuses a key twice, and a question of somebody else', async () => {
    const key = stage.key();
    await stage.enrol(ada, key);
    await assert.rejects(stage.enrol(ada, key), isRefusal('code-wrong', /already/));
    const { enroller } = stage.open();
    const { state, ...setup } = await enroller.begin(ada);
    assert.ok(setup.kind === 'webauthn');
    const presented = { response: stage.key().create(setup.options) };
    await assert.rejects(enroller.complete(bob, presented, { state, label: '' }), isRefusal('challenge-lapsed'));
  });

  it('keeps twenty keys of a person and no more, also of those begun at once', async () => {
    await stage.enrolments.forget(bob.objectGUID);
    for (let count = 0; count < 19; count += 1) await stage.enrol(bob, stage.key());
    const { enroller } = stage.open();
    const begun = [await enroller.begin(bob), await enroller.begin(bob)];
    const done = await Promise.allSettled(
      begun.map(async ({ state, ...setup }) => {
        assert.ok(setup.kind === 'webauthn');
        await enroller.complete(bob, { response: stage.key().create(setup.options) }, { state, label: 'x' });
      }),
    );
    assert.deepEqual(done.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.equal((await keysOf(bob)).length, 20);
    await assert.rejects(enroller.begin(bob), isRefusal('enrolment-full'));
  });

  it('takes labels as they are, within bounds', async () => {
    const { enroller } = stage.open();
    await stage.enrolments.forget(bob.objectGUID);
    for (const label of ['  Blue key \n', 'x'.repeat(500), '']) {
      const { state, ...setup } = await enroller.begin(bob);
      assert.ok(setup.kind === 'webauthn');
      await enroller.complete(bob, { response: stage.key().create(setup.options) }, { state, label });
    }
    const labels = (await keysOf(bob)).map(({ label }) => label);
    assert.deepEqual(labels, ['Blue key', 'x'.repeat(64), new Date(start).toISOString().slice(0, 16).replace('T', ' ')]);
  });

  describe('whose maker matters', () => {
    const admit = (aaguids: string[], caFile?: string) =>
      stage.open({ attestation: 'direct', aaguids, ...(caFile !== undefined && { caFile }) }, (file) =>
        file === 'roots' ? makers.roots : makers.strangers,
      );
    const honest = (): Lie => ({ aaguid: model, attestation: packed(makers) });

    it('takes a key of that maker and model, and keeps the model', async () => {
      await stage.enrolments.forget(ada.objectGUID);
      await stage.enrol(ada, stage.key(), honest(), admit([model.toUpperCase()], 'roots'));
      assert.deepEqual(
        (await keysOf(ada)).map(({ aaguid }) => aaguid),
        [model],
      );
    });

    const refused: readonly (readonly [what: string, lie: () => Lie, aaguids: string[], file: string, cause: RegExp])[] = [
      ['another model', () => ({ ...honest(), aaguid: '00000000-0000-0000-0000-000000000001' }), [model], 'roots', /aaguids/],
      ['a maker whom nobody named', honest, [model], 'strangers', /caFile/],
      ['a key that says it of itself', () => ({ aaguid: model, attestation: packed() }), [model], 'roots', /itself/],
      ['a key that says nothing', () => ({ aaguid: model }), [model], 'roots', /itself/],
      ['a certificate that it made itself', () => ({ aaguid: model, attestation: packed({ ...makers, x5c: [makers.selfMade] }) }), [], 'roots', /caFile/],
    ]; // prettier-ignore
    for (const [what, lie, aaguids, file, cause] of refused) {
      it(`refuses ${what}`, async () => {
        await assert.rejects(stage.enrol(ada, stage.key(), lie(), admit(aaguids, file)), isRefusal('key-not-allowed', cause));
      });
    }

    it('refuses the maker’s certificate with the signature of another key', async () => {
      const lie: Lie = { aaguid: model, attestation: packed({ ...makers, privateKey: stage.key().privateKey }) };
      await assert.rejects(stage.enrol(ada, stage.key(), lie, admit([model], 'roots')), isRefusal('code-wrong', /attestation/));
    });

    it('does not open without a certificate in the file', () => {
      for (const text of ['', 'x', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])
        assert.throws(() => stage.open({ caFile: 'f' }, () => text), /certificate/);
    });
  });

  it('takes of an attestation that was changed nothing but what its maker signed, and meets no junk with a fault', async () => {
    const { enroller } = stage.open({ attestation: 'direct', aaguids: [model], caFile: 'roots' }, () => makers.roots);
    const key = stage.key();
    await stage.enrolments.forget(bob.objectGUID);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), async (at, flip, cut) => {
        const { state, ...setup } = await enroller.begin(bob);
        assert.ok(setup.kind === 'webauthn');
        const spoil = (bytes: Buffer): Buffer => {
          const changed = Buffer.from(bytes);
          changed[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
          return cut % 4 === 0 ? changed.subarray(0, 1 + (cut % bytes.length)) : changed;
        };
        const response = key.create(setup.options, { aaguid: model, attestation: packed(makers), attestationObject: spoil });
        try {
          await enroller.complete(bob, { response }, { state, label: '' });
        } catch (error) {
          assert.ok(isRefusal('code-wrong')(error) || isRefusal('key-not-allowed')(error), String(error));
          return;
        }
        // A length may be written otherwise, which nobody signs: what was signed is what counts.
        const kept = (await keysOf(bob)).map(({ id, publicKey, aaguid }) => ({ id, publicKey, aaguid }));
        assert.deepEqual(kept, [{ id: key.id, publicKey: key.publicKey.toString('base64url'), aaguid: model }]);
        await stage.enrolments.forget(bob.objectGUID);
      }),
      { numRuns: 100 },
    );
  });
});

/** The key folder: made on first start, kept from others' eyes, rolled over without a gap. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createKeyFolder } from '../../src/keys/key-folder.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';
import { makeKey } from '../../src/keys/make-key.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folder() {
  const path = join(mkdtempSync(join(tmpdir(), 'passerelle-keys-')), 'certs');
  folders.push(join(path, '..'));
  const clock = { now: () => Date.UTC(2030, 0, 2), until: () => Promise.resolve() };
  return { path, keys: createKeyFolder({ path, commonName: 'idp.example.com', clock, random: randomBytes }) };
}

const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof KeyMistake && pattern.test(error.message);

describe('the key folder', () => {
  it('makes an RSA-2048 key of mode 0600 with a certificate of ten years on first start, and keeps it', async () => {
    const { path, keys } = folder();
    const { active, published } = await keys.open();
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(join(path, `${active.name}.key.pem`)).mode & 0o777, 0o600);
    assert.equal(active.privateKey.asymmetricKeyDetails?.modulusLength, 2048);
    assert.equal(active.certificate.subject, 'CN=idp.example.com');
    assert.ok(active.certificate.verify(active.certificate.publicKey));
    assert.equal(Math.round((Date.parse(active.certificate.validTo) - Date.UTC(2030, 0, 2)) / 86_400_000), 3650);
    assert.deepEqual(
      published.map(({ name }) => name),
      [active.name],
    );
    assert.equal((await keys.open()).active.name, active.name);
  });

  it('rolls over: new beside old, switch, old away', async () => {
    const { path, keys } = folder();
    const old = (await keys.open()).active.name;
    const next = (await keys.add()).name;
    assert.deepEqual(
      (await keys.open()).published.map(({ name }) => name),
      [old, next],
    );
    await assert.rejects(keys.add(), isMistake(/Google Admin holds 2/));
    await assert.rejects(keys.retire(old), isMistake(/is the key that signs/));
    await keys.activate(next);
    assert.deepEqual(
      (await keys.open()).published.map(({ name }) => name),
      [next, old],
    );
    await keys.retire(old);
    assert.deepEqual(
      (await keys.open()).published.map(({ name }) => name),
      [next],
    );
    assert.deepEqual(readdirSync(join(path, 'retired')).sort(), [`${old}.cert.pem`, `${old}.key.pem`]);
  });

  it('makes an RSA key that others encrypt to on first start, and opens by older ones after a newer', async () => {
    const { path, keys } = folder();
    const first = (await keys.open()).decryption;
    assert.deepEqual(
      first.map(({ privateKey }) => privateKey.asymmetricKeyType),
      ['rsa'],
    );
    assert.equal(statSync(join(path, 'encryption', `${first[0]?.name ?? ''}.key.pem`)).mode & 0o777, 0o600);
    const later = createKeyFolder({
      path,
      commonName: 'idp.example.com',
      clock: { now: () => Date.UTC(2031, 0, 2), until: () => Promise.resolve() },
      random: randomBytes,
    });
    const { name } = await later.add({ use: 'encryption' });
    const named = async (): Promise<string[]> => (await keys.open()).decryption.map((key) => key.name);
    assert.deepEqual(await named(), [name, first[0]?.name]);
    for (let count = 2; count < 4; count += 1) await later.add({ use: 'encryption' });
    await assert.rejects(later.add({ use: 'encryption' }), isMistake(/room for 4/));
    await keys.retire(name);
    assert.equal((await named()).includes(name), false);
    assert.equal((await keys.open()).published.length, 1);
  });

  it('goes without a key to encrypt to where the folder is not its own to write', async () => {
    const { path, keys } = folder();
    await keys.open();
    rmSync(join(path, 'encryption'), { recursive: true });
    const readOnly = createKeyFolder({
      path,
      commonName: 'x',
      clock: { now: () => 0, until: () => Promise.resolve() },
      random: (bytes) => {
        if (bytes === 16) throw Object.assign(new Error('read-only'), { code: 'EROFS' });
        return randomBytes(bytes);
      },
    });
    assert.deepEqual((await readOnly.open()).decryption, []);
    assert.equal(readdirSync(path).length, 3);
  });

  it('says so where the folder of keys to encrypt to holds what was left half made, and nothing else', async () => {
    const { path, keys } = folder();
    const [made] = (await keys.open()).decryption;
    const files = join(path, 'encryption', made?.name ?? '');
    rmSync(`${files}.cert.pem`);
    await assert.rejects(keys.open(), isMistake(/keys new --use encryption/));
    await keys.add({ use: 'encryption' });
    assert.equal((await keys.open()).decryption.length, 1);
    assert.equal(readdirSync(path).length, 4);
  });

  for (const [type, algorithm] of [
    ['rsa-3072', 'rsa-pss-sha384'],
    ['ec-p256', 'ecdsa-sha256'],
    ['ec-p384', 'ecdsa-sha384'],
  ] as const) {
    it(`keeps a key of ${type} for single service providers, beside the two that Google takes`, async () => {
      const { keys } = folder();
      await keys.open();
      await keys.add();
      const { name } = await keys.add({ use: 'service-provider', type, name: 'partner' });
      const { published, forServiceProviders } = await keys.open();
      assert.equal(published.length, 2);
      assert.deepEqual(
        forServiceProviders.map((key) => key.name),
        [name],
      );
      const [key] = forServiceProviders;
      assert.ok(key !== undefined);
      assert.ok((await createKeySigner(key, algorithm).sign('text')).length > 80);
      await assert.rejects(keys.activate(name), isMistake(/signs for everybody/));
      await assert.rejects(keys.add({ use: 'service-provider', name: 'partner' }), isMistake(/There is, or was/));
    });
  }

  for (const use of ['signing', 'encryption'] as const) {
    it(`makes no EC key for the use ${use}`, async () => {
      const { keys } = folder();
      await keys.open();
      await assert.rejects(keys.add({ use, type: 'ec-p256' }), isMistake(/RSA/));
    });
  }

  it('gives two processes that start at once the same key', async () => {
    const clock = { now: () => Date.now(), until: () => Promise.resolve() };
    for (let round = 0; round < 8; round += 1) {
      const { path } = folder();
      const open = () => createKeyFolder({ path, commonName: 'x', clock, random: randomBytes }).open();
      const rings = await Promise.all([open(), open(), open(), open()]);
      assert.equal(new Set(rings.map(({ active }) => active.name)).size, 1);
      assert.equal(rings[0].published.length, 1);
      assert.equal(new Set(rings.map(({ decryption }) => decryption[0]?.name)).size, 1);
      assert.deepEqual(readdirSync(path).length, 4);
      assert.equal(readdirSync(join(path, 'encryption')).length, 2);
    }
  });

  it('publishes the active key of a start that was stopped before it could', async () => {
    const { path, keys } = folder();
    const { active } = await keys.open();
    renameSync(join(path, `${active.name}.cert.pem`), join(path, `.${active.name}.cert.pem`));
    assert.equal((await keys.open()).active.name, active.name);
  });

  for (const mode of [0o604, 0o640, 0o644, 0o666]) {
    it(`refuses a key of mode ${mode.toString(8)}`, async () => {
      const { path, keys } = folder();
      const { active } = await keys.open();
      chmodSync(join(path, `${active.name}.key.pem`), mode);
      await assert.rejects(keys.open(), isMistake(/can be read by others/));
    });
  }

  it('refuses a certificate of another key, a weak key, garbage, and says so without the key', async () => {
    const cases: [string, (path: string, name: string) => Promise<void>, RegExp][] = [
      [
        'another certificate',
        async (path, name) => {
          const other = await makeKey({ commonName: 'x', now: Date.now(), serialNumber: randomBytes(16) });
          writeFileSync(join(path, `${name}.cert.pem`), other.certificate);
        },
        /belongs to another key/,
      ],
      [
        'garbage',
        (path, name) => {
          writeFileSync(join(path, `${name}.key.pem`), '-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n');
          return Promise.resolve();
        },
        /not readable PEM/,
      ],
      [
        'an unknown active key',
        (path) => {
          writeFileSync(join(path, 'active'), '../../etc/passwd\n');
          return Promise.resolve();
        },
        /of which there is no key/,
      ],
    ];
    for (const [, spoil, pattern] of cases) {
      const { path, keys } = folder();
      const { active } = await keys.open();
      await spoil(path, active.name);
      await assert.rejects(keys.open(), (error: unknown) => isMistake(pattern)(error) && !String(error).includes('secret'));
    }
  });

  for (const name of ['nobody', '../certs', '', 'a/b']) {
    it(`activates and retires no key named ${JSON.stringify(name)}`, async () => {
      const { keys } = folder();
      await keys.open();
      await assert.rejects(keys.activate(name), isMistake(/no key named/));
      await assert.rejects(keys.retire(name), isMistake(/no key named/));
    });
  }

  it('signs without blocking the event loop', async () => {
    const { keys } = folder();
    const signer = createKeySigner((await keys.open()).active);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const signatures = await Promise.all(Array.from({ length: 8 }, () => signer.sign('text')));
    assert.ok(turned);
    assert.equal(new Set(signatures).size, 1);
  });
});

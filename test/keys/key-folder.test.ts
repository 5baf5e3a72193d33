/** The key folder: made on first start, kept from others' eyes, rolled over without a gap. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createKeyFolder, retirementDelay } from '../../src/keys/key-folder.ts';
import { isProven, signedUntil } from '../../src/keys/key-history.ts';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { createKeySigner } from '../../src/keys/key-signer.ts';
import { makeKey } from '../../src/keys/make-key.ts';
import { openSealingKeys } from '../../src/keys/sealing-keys.ts';

const day = 24 * 3_600_000;
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function folder() {
  const path = join(mkdtempSync(join(tmpdir(), 'passerelle-keys-')), 'certs');
  folders.push(join(path, '..'));
  let now = Date.UTC(2030, 0, 2);
  const clock = { now: () => now, until: () => Promise.resolve() };
  const pass = (time: number): void => {
    now += time;
  };
  return { path, pass, keys: createKeyFolder({ path, commonName: 'idp.example.com', clock, random: randomBytes }) };
}

const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof KeyMistake && pattern.test(error.message);

describe('the key folder', () => {
  it('makes an RSA-2048 key of mode 0600 with a certificate of ten years on first start, and keeps it', async () => {
    const { path, keys } = folder();
    const { active, published } = await keys.open();
    assert.equal(statSync(path).mode & 0o777, 0o700);
    assert.equal(statSync(join(path, `${active.name}.key.pem`)).mode & 0o777, 0o600);
    assert.equal(active.certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
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
    const { path, keys, pass } = folder();
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
    // What it signed a moment ago may be on its way.
    await assert.rejects(keys.retire(old), isMistake(/signed until a moment ago.*2030-01-02T00:10:00.000Z.*--force/));
    pass(retirementDelay);
    await keys.retire(old);
    assert.deepEqual(
      (await keys.open()).published.map(({ name }) => name),
      [next],
    );
    assert.deepEqual(readdirSync(join(path, 'retired')).sort(), [`${old}.cert.pem`, `${old}.key.pem`]);
  });

  it('gives the old key back, and remembers who signed until when', async () => {
    const { path, keys, pass } = folder();
    const old = (await keys.open()).active.name;
    const next = (await keys.add()).name;
    // One that never signed is retired at once.
    await keys.retire(next);
    const { name: another } = await keys.add();
    await keys.activate(another);
    await keys.activate(another);
    pass(1_000);
    await keys.activate(old);
    assert.equal((await keys.open()).active.name, old);
    const at = Date.UTC(2030, 0, 2);
    assert.deepEqual(await keys.history(), [
      { at, next: another, previous: old },
      { at: at + 1_000, next: old, previous: another },
    ]);
    assert.equal(signedUntil(await keys.history(), another), at + 1_000);
    await assert.rejects(keys.retire(another), isMistake(/signed until a moment ago/));
    await keys.retire(another, { force: true });
    writeFileSync(join(path, 'history'), 'nonsense\n\nx y z\n2030-01-01T00:00:00Z ../../etc a\n');
    assert.deepEqual(await keys.history(), []);
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
    const newest = (await named())[0] ?? '';
    await later.retire(name, { force: true });
    assert.equal((await named()).includes(name), false);
    assert.equal((await keys.open()).published.length, 1);
    assert.equal((await named())[0], newest);
  });

  it('keeps the key that others encrypt to, and the one before it for a day', async () => {
    const { keys, pass } = folder();
    const [old = ''] = (await keys.open()).decryption.map(({ name }) => name);
    await assert.rejects(keys.retire(old), isMistake(/others are told to encrypt to.*keys new --use encryption/));
    pass(30 * day);
    const { name: newest } = await keys.add({ use: 'encryption' });
    await assert.rejects(keys.retire(newest), isMistake(/others are told to encrypt to/));
    pass(day - 1_000);
    await assert.rejects(keys.retire(old), isMistake(/Retire it from 2030-02-02T00:00:00.000Z on, or now with --force/));
    pass(1_000);
    await keys.retire(old);
    await keys.retire(newest, { force: true });
  });

  it('takes no leave for granted that was forced', async () => {
    const { keys, pass } = folder();
    const old = (await keys.open()).active.name;
    const { name: next } = await keys.add();
    const proven = async (): Promise<boolean[]> => {
      const history = await keys.history();
      return [old, next].map((name) => isProven(history, name));
    };
    await keys.activate(next, { forced: true });
    pass(1_000);
    assert.deepEqual(await proven(), [true, false]);
    await keys.activate(old);
    pass(1_000);
    assert.deepEqual(await proven(), [true, false]);
    await keys.activate(next);
    await keys.activate(old);
    assert.deepEqual(await proven(), [true, true]);
  });

  it('is changed by one at a time, so that there is always one key to sign and never one too many', async () => {
    const { path, keys } = folder();
    const old = (await keys.open()).active.name;
    const outcomes = async (...changes: Promise<unknown>[]): Promise<number> =>
      (await Promise.allSettled(changes)).filter((each) => {
        if (each.status === 'rejected') assert.ok(isMistake(/somebody else is changing|no key named|signs/)(each.reason));
        return each.status === 'fulfilled';
      }).length;
    assert.equal(await outcomes(keys.add(), keys.add(), keys.add()), 1);
    const next = (await keys.open()).published[1]?.name ?? '';
    assert.equal(await outcomes(keys.activate(next), keys.retire(next)), 1);
    assert.equal((await keys.open()).published[0]?.name, readdirSync(path).includes('retired') ? old : next);
    writeFileSync(join(path, '.lock'), '');
    await assert.rejects(keys.add(), isMistake(/delete .*\/\.lock$/));
    // Whoever starts does not wait for it.
    await keys.open();
    rmSync(join(path, '.lock'));
    await keys.add({ use: 'service-provider' });
  });

  it('belongs to whoever its folder belongs to, whoever runs the commands', async () => {
    const { path, keys } = folder();
    const owner = process.getuid?.() === 0 ? 54_321 : (process.getuid?.() ?? 0);
    chownSync(join(path, '..'), owner, -1);
    const old = (await keys.open()).active.name;
    await keys.activate((await keys.add()).name);
    await keys.retire(old, { force: true });
    await keys.add({ use: 'service-provider', type: 'ec-p256' });
    await keys.add({ use: 'encryption' });
    openSealingKeys(join(path, 'sealing.keys'), randomBytes).add();
    const made = readdirSync(path, { recursive: true, withFileTypes: true });
    assert.equal(made.length, 16);
    for (const each of made) {
      const { uid, mode } = statSync(join(each.parentPath, each.name));
      assert.equal(uid, owner, each.name);
      if (!/^(active|history)$|cert\.pem$/.test(each.name)) assert.equal(mode & 0o077, 0, each.name);
    }
  });

  it('says in a sentence what lies in its way', async () => {
    const { path, keys } = folder();
    const { name } = (await keys.open()).active;
    const further = join(path, 'service-providers');
    for (const [lay, file, pattern, work] of [
      [mkdirSync, 'active', /active cannot be read or written: it is a folder\.$/, () => keys.open()],
      [mkdirSync, 'history', /history cannot be read or written: it is a folder\.$/, () => keys.history()],
      [
        (at: string) => symlinkSync('/nowhere', at),
        `${name}.key.pem`,
        /key\.pem cannot .*: it is not there\.$/,
        () => keys.open(),
      ],
      [
        (at: string) => writeFileSync(at, ''),
        'service-providers',
        /service-providers cannot .*: it is no folder\.$/,
        () => keys.open(),
      ],
    ] as const) {
      const at = join(path, file);
      if (existsSync(at)) renameSync(at, `${at}.aside`);
      lay(at);
      await assert.rejects(work(), isMistake(pattern), file);
      rmSync(at, { recursive: true });
      if (existsSync(`${at}.aside`)) renameSync(`${at}.aside`, at);
    }
    mkdirSync(further);
    // As of whoever was stopped half way.
    writeFileSync(join(further, 'partner.key.pem'), '');
    writeFileSync(join(further, '.other.cert.pem'), '');
    const wish = { use: 'service-provider', type: 'ec-p256' } as const;
    await assert.rejects(keys.add({ ...wish, name: 'partner' }), isMistake(/partner\.key\.pem is there without its certificate/));
    await keys.add({ ...wish, name: 'other' });
    rmSync(join(further, 'partner.key.pem'));
    await keys.add({ ...wish, name: 'partner' });
    assert.deepEqual(
      (await keys.open()).forServiceProviders.map((key) => key.name),
      ['other', 'partner'],
    );
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

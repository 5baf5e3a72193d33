/** The commands about keys and Google's values, on a configuration and a folder of their own. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { soundFile } from '../config/sound-file.ts';
import { run as runAnywhere, type Told } from './scripted-io.ts';

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'passerelle-cli-keys-'));
  writeFileSync(join(folder, 'passerelle.yaml'), soundFile);
  writeFileSync(join(folder, 'secret'), 'S3cret-Pa55\n', { mode: 0o600 });
});
after(() => {
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]): Promise<Told> => runAnywhere(args, { folder, random: randomBytes });
const names = async (): Promise<string[]> =>
  (await run('keys', 'list')).out
    .trim()
    .split('\n')
    .filter((line) => !line.includes(' decrypts '))
    .map((line) => line.replace(/ {2,}(signs|published) {2,}.*/, ' $1'));

describe('passerelle keys', () => {
  it('rolls a key over, one command a step', async () => {
    const [old = ''] = await names();
    assert.match(old, /^\d{4}-\d\d-\d\d-[0-9a-f]{6} signs$/);
    const made = await run('keys', 'new');
    assert.equal(made.code, 0);
    assert.equal(new X509Certificate(made.out).subject, 'CN=sso.example.com');
    const [, next = ''] = await names();
    assert.match(next, / published$/);
    assert.ok(made.err.includes(next.split(' ')[0] ?? '?'));
    assert.equal((await run('keys', 'activate', next.replace(' published', ''))).code, 0);
    assert.deepEqual(await names(), [next.replace('published', 'signs'), old.replace('signs', 'published')]);
    assert.equal((await run('keys', 'retire', old.replace(' signs', ''))).code, 0);
    assert.deepEqual(await names(), [next.replace('published', 'signs')]);
  });

  it('makes keys for single service providers and for others to encrypt to, and tells them apart', async () => {
    const states = async (): Promise<string[]> =>
      (await run('keys', 'list')).out
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/).slice(1, 3).join(' '));
    assert.deepEqual(await states(), ['signs rsa-2048', 'decrypts rsa-2048']);
    const made = await run('keys', 'new', '--use', 'service-provider', '--type', 'ec-p256', '--name', 'partner');
    assert.equal(new X509Certificate(made.out).publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.match(made.err, /Made partner\..*signature: \{ key: partner \}/);
    assert.match((await run('keys', 'new', '--use', 'encryption', '--type', 'rsa-3072')).err, /others are told to encrypt to it/);
    assert.deepEqual(await states(), ['signs rsa-2048', 'on request ec-p256', 'decrypts rsa-3072', 'decrypts rsa-2048']);
    await assert.rejects(run('keys', 'activate', 'partner'), KeyMistake);
    assert.equal((await run('keys', 'retire', 'partner')).code, 0);
    await assert.rejects(run('keys', 'new', '--use', 'service-provider', '--name', 'partner'), KeyMistake);
    await assert.rejects(run('keys', 'new', '--use', 'service-provider', '--name', '../partner'), KeyMistake);
    for (const flags of [
      ['--type', 'ec-p256'],
      ['--use', 'encryption', '--type', 'ec-p384'],
      ['--type', 'dsa'],
      ['--use', 'x'],
    ]) {
      assert.equal((await run('keys', 'new', ...flags)).code, 2);
    }
  });

  it('refuses what would leave nobody to sign, or names no key', async () => {
    const [only = ''] = await names();
    await assert.rejects(run('keys', 'retire', only.replace(' signs', '')), KeyMistake);
    await assert.rejects(run('keys', 'activate', 'nobody'), KeyMistake);
    assert.equal((await run('keys', 'activate')).code, 2);
  });
});

describe('passerelle google values', () => {
  it('prints the five values, and nothing secret', async () => {
    const { out, code } = await run('google', 'values');
    assert.equal(code, 0);
    assert.match(out, /^IdP entity ID: https:\/\/sso\.example\.com\/saml\/metadata\n/);
    assert.match(out, /^Sign-in page URL: https:\/\/sso\.example\.com\/saml\/sso$/m);
    assert.match(out, /^Sign-out page URL: https:\/\/sso\.example\.com\/signout$/m);
    assert.match(out, /^Change password URL: https:\/\/sso\.example\.com\/password$/m);
    assert.equal(new X509Certificate(out.slice(out.indexOf('-----BEGIN'))).subject, 'CN=sso.example.com');
    assert.doesNotMatch(out, /PRIVATE|S3cret/);
  });
});

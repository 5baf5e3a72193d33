/** The commands about keys and Google's values, on a configuration and a folder of their own. */
import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { KeyMistake } from '../../src/keys/key-mistake.ts';
import { openSealingKeys } from '../../src/keys/sealing-keys.ts';
import { openStore } from '../../src/store/open-store.ts';
import { soundFile } from '../config/sound-file.ts';
import { ForeignServiceProvider, makeCredential } from '../fixtures/foreign-service-provider.ts';
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

/** As the commands see it; tests move it. */
let now = Date.UTC(2030, 0, 2, 12);
const clock = { now: () => now, until: () => Promise.resolve() };
const minute = 60_000;
const day = 24 * 60 * minute;

/** Beside what it said, the events that it told. */
async function run(...args: string[]): Promise<Told & { events: Record<string, unknown>[] }> {
  const file = join(folder, 'log');
  const log = openSync(file, 'w');
  try {
    const told = await runAnywhere(args, { folder, clock, random: randomBytes, errorLog: { fd: log } });
    const lines = readFileSync(file, 'utf8').split('\n');
    return { ...told, events: lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>) };
  } finally {
    closeSync(log);
  }
}

const keyLines = (out: string): string[] => out.split('\n').filter((line) => line.includes('  SHA-256 '));
const names = async (): Promise<string[]> =>
  keyLines((await run('keys', 'list')).out)
    .filter((line) => !line.includes(' decrypts '))
    .map((line) => line.replace(/ {2,}(signs|published) {2,}.*/, ' $1'));
const nameOf = (line = ''): string => line.split(' ')[0] ?? '';

interface Listed {
  readonly keys: readonly { readonly name: string; readonly state: string; readonly certificate: string }[];
  readonly rollover: {
    readonly key: string;
    readonly ready: boolean;
    readonly serviceProviders: readonly {
      readonly id: string;
      readonly state: string;
      readonly ready: boolean;
      readonly remedy: string | null;
    }[];
  } | null;
}
const listed = async (): Promise<Listed> => JSON.parse((await run('keys', 'list', '--json')).out) as Listed;
const google = 'https://iam.googleapis.com/locations/global/workforcePools/employees/providers/passerelle';

describe('passerelle keys', () => {
  it('rolls a key over, one command a step, once nobody would break', async () => {
    const [old = ''] = (await names()).map(nameOf);
    assert.match(old, /^2030-01-02-[0-9a-f]{6}$/);
    assert.equal((await listed()).rollover, null);
    const made = await run('keys', 'new');
    assert.equal(made.code, 0);
    assert.equal(new X509Certificate(made.out).subject, 'CN=sso.example.com');
    const [, next = ''] = (await names()).map(nameOf);
    assert.ok(made.err.includes(next));
    assert.match(made.err, /from the next start or `passerelle reload` on/);
    assert.deepEqual(
      made.events.map(({ event, detail }) => [event, detail]),
      [['key.made', { key: next, use: 'signing', type: 'rsa-2048' }]],
    );

    // Without a store nobody knows anything of anybody.
    const unknown = await run('keys', 'activate', next);
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /^1 of the service providers would refuse what .* There is no store yet/);
    await assert.rejects(run('keys', 'told', next, '--all-google'), /no store yet/);
    await assert.rejects(run('keys', 'urls'), /no store yet/);
    await openStore({ connections: 1, file: join(folder, 'data/passerelle.sqlite') }, { clock }).then((store) => store.close());

    const refused = await run('keys', 'activate', next);
    assert.equal(refused.code, 1);
    assert.ok(refused.err.includes(`Google Cloud, ${google}: never told\n    Upload the certificate of ${next}`), refused.err);
    assert.ok(refused.err.includes(`passerelle keys told ${next} --sp ${google}`));
    assert.match(refused.err, /--force\n$/);
    assert.deepEqual((await names()).map(nameOf), [old, next]);
    assert.deepEqual(refused.events, []);

    const told = await run('keys', 'told', next, '--sp', 'Google Cloud');
    assert.equal(told.out, `Google Cloud, ${google}: told at 2030-01-02T12:00Z, counts from 2030-01-03T12:00Z\n`);
    assert.deepEqual(
      told.events.map(({ event, serviceProvider, detail }) => [event, serviceProvider, detail]),
      [['key.told', google, { key: next }]],
    );
    now += day - minute;
    const early = await run('keys', 'activate', next);
    assert.equal(early.code, 1);
    assert.match(early.err, /Google may take until then/);
    await run('keys', 'told', next, '--all-google', '--undo');
    assert.equal((await listed()).rollover?.serviceProviders[0]?.state, 'never');
    await run('keys', 'told', next, '--sp', google);
    now += day;
    assert.match((await run('keys', 'list')).out, new RegExp(`\n\nEvery service provider would accept what ${next} signs`));
    const activated = await run('keys', 'activate', next);
    assert.equal(activated.code, 0, activated.err);
    assert.deepEqual(
      activated.events.map(({ event, detail }) => [event, detail]),
      [['key.activated', { key: next, previous: old, forced: false }]],
    );
    assert.deepEqual(await names(), [`${next} signs`, `${old} published`]);
    // What signed before is no further rollover.
    assert.equal((await listed()).rollover, null);
    assert.match((await run('keys', 'activate', next)).out, /signs already/);

    // The way back, and forth again.
    assert.equal((await run('keys', 'activate', old)).code, 0);
    assert.equal((await run('keys', 'activate', next)).code, 0);
    await assert.rejects(run('keys', 'retire', old), /signed until a moment ago/);
    now += 10 * minute;
    const retired = await run('keys', 'retire', old);
    assert.equal(retired.code, 0);
    assert.deepEqual(
      retired.events.map(({ event, detail }) => [event, detail]),
      [['key.retired', { key: old }]],
    );
    assert.deepEqual(await names(), [`${next} signs`]);
  });

  it('lets a key sign in spite of everything where it is forced to, and says whom that breaks', async () => {
    const [old = ''] = (await names()).map(nameOf);
    await run('keys', 'new');
    const [, next = ''] = (await names()).map(nameOf);
    const forced = await run('keys', 'activate', next, '--force');
    assert.equal(forced.code, 0);
    assert.match(forced.err, /^1 of the service providers may refuse/);
    assert.deepEqual(forced.events[0]?.detail, { key: next, previous: old, forced: true });
    // Whoever broke then would break again: that it signed says nothing.
    assert.equal((await run('keys', 'activate', old)).code, 0);
    assert.equal((await listed()).rollover?.key, next);
    const again = await run('keys', 'activate', next);
    assert.equal(again.code, 1);
    assert.match(again.err, /^1 of the service providers would refuse/);
    assert.equal((await run('keys', 'activate', next, '--force')).code, 0);
    assert.equal((await run('keys', 'retire', old, '--force')).code, 0);
    assert.deepEqual(await names(), [`${next} signs`]);
  });

  for (const [title, args, told] of [
    ['nobody in particular', ['told', 'NEXT'], 2],
    [
      'somebody who is not there',
      ['told', 'NEXT', '--sp', 'https://nobody.example'],
      /^Error: No service provider is "https:\/\/nobody\.example"\. There are: Google Cloud, https:.*\.$/,
    ],
    ['a key that is not there', ['told', 'nokey', '--all-google'], /no published key named "nokey"/],
  ] as const) {
    it(`notes nothing about ${title}`, async () => {
      const [active = ''] = (await names()).map(nameOf);
      const words = args.map((word) => (word === 'NEXT' ? active : word));
      if (told === 2) assert.equal((await run('keys', ...words)).code, 2);
      else await assert.rejects(run('keys', ...words), told);
    });
  }

  it('gives each service provider that has metadata a URL of its own, which holds over a change of the sealing keys', async () => {
    const [one, other] = [await makeCredential(), await makeCredential()].map(
      (credential, index) => new ForeignServiceProvider(credential, `https://sp${String(index)}.example.net`),
    ) as [ForeignServiceProvider, ForeignServiceProvider];
    writeFileSync(join(folder, 'one.xml'), one.metadata());
    writeFileSync(join(folder, 'other.xml'), other.metadata());
    const more = `serviceProviders:
  - { kind: google-workforce, pool: employees, provider: passerelle }
  - { kind: metadata, file: one.xml, name: One }
  - { kind: metadata, file: other.xml, name: One }
`;
    writeFileSync(join(folder, 'passerelle.yaml'), soundFile.replace(/serviceProviders.*\n/, more));
    type Urls = readonly { readonly entityID: string; readonly url: string }[];
    const urls = async (...flags: string[]): Promise<Urls> =>
      JSON.parse((await run('keys', 'urls', '--json', ...flags)).out) as Urls;
    const before = await urls();
    assert.deepEqual(
      before.map(({ entityID }) => entityID),
      [one.entityID, other.entityID],
    );
    for (const { url } of before) assert.match(url, /^https:\/\/sso\.example\.com\/saml\/metadata\?for=[\w-]{22}$/);
    assert.notEqual(before[0]?.url, before[1]?.url);
    assert.equal((await run('store', 'rekey')).code, 0);
    assert.equal(openSealingKeys(join(folder, 'certs', 'sealing.keys'), randomBytes).current().length, 1);
    assert.deepEqual(await urls(), before);
    assert.ok((await run('keys', 'urls')).out.includes(`One, ${one.entityID}\n  ${before[0]?.url ?? '?'}\n`));
    const renewed = await urls('--renew');
    assert.ok(renewed.every(({ url }, index) => url !== before[index]?.url));
    assert.deepEqual(await urls(), renewed);
    const [active = ''] = (await names()).map(nameOf);
    await assert.rejects(run('keys', 'told', active, '--sp', 'One'), /Several are called "One"/);
    writeFileSync(join(folder, 'passerelle.yaml'), soundFile);
  });

  it('makes keys for single service providers and for others to encrypt to, and tells them apart', async () => {
    const states = async (): Promise<string[]> =>
      keyLines((await run('keys', 'list')).out).map((line) => line.split(/ {2,}/).slice(1, 3).join(' '));
    assert.deepEqual(await states(), ['signs rsa-2048', 'decrypts rsa-2048']);
    const made = await run('keys', 'new', '--use', 'service-provider', '--type', 'ec-p256', '--name', 'partner');
    assert.equal(new X509Certificate(made.out).publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
    assert.match(made.err, /Made partner\..*signature: \{ key: partner \}/);
    now += day;
    assert.match((await run('keys', 'new', '--use', 'encryption', '--type', 'rsa-3072')).err, /others are told to encrypt to it/);
    assert.deepEqual(await states(), ['signs rsa-2048', 'on request ec-p256', 'decrypts rsa-3072', 'decrypts rsa-2048']);
    await assert.rejects(run('keys', 'activate', 'partner'), KeyMistake);
    // Without it no house would open.
    const named = soundFile.replace('provider: passerelle', 'provider: passerelle, signature: { key: partner }');
    writeFileSync(join(folder, 'passerelle.yaml'), named);
    await assert.rejects(run('keys', 'retire', 'partner'), /serviceProviders\.0\.signature\.key names partner/);
    writeFileSync(join(folder, 'passerelle.yaml'), soundFile);
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

  it('says of the first key that it signs', async () => {
    writeFileSync(join(folder, 'first.yaml'), `${soundFile}keys: { folder: first }\n`);
    const { err } = await run('keys', 'new', '--config', 'first.yaml');
    assert.match(err, /^Made \S+\. It is the first, and signs\.\n/);
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

  it('prints the certificate of each key that signs for a service provider of Google, and whose it is', async () => {
    const certificatesIn = (text: string): string[] => text.match(/-----BEGIN[^]*?END CERTIFICATE-----\n/g) ?? [];
    await run('keys', 'new', '--use', 'service-provider', '--name', 'workforce');
    const { keys } = await listed();
    const pem = (name: string): string => keys.find((key) => key.name === name)?.certificate ?? '';
    const profile =
      '{ kind: google-profile, entityId: https://accounts.google.com/x, acsUrl: https://accounts.google.com/x/acs }';
    const pool = '{ kind: google-workforce, pool: employees, provider: passerelle, signature: { key: workforce } }';
    const active = keys.find(({ state }) => state === 'signs')?.name ?? '';
    for (const [providers, certificates] of [
      [`[${pool}]`, [pem('workforce')]],
      [`[${profile}, ${pool}]`, [pem(active), pem('workforce')]],
      ['[]', [pem(active)]],
    ] as const) {
      writeFileSync(join(folder, 'passerelle.yaml'), soundFile.replace(/serviceProviders.*/, `serviceProviders: ${providers}`));
      const { out } = await run('google', 'values');
      assert.deepEqual(certificatesIn(out), certificates, providers);
      assert.equal(out.includes(`Verification certificate of Google Cloud: ${google}:\n`), certificates.length === 2);
    }
    writeFileSync(join(folder, 'passerelle.yaml'), soundFile);
    await run('keys', 'new', '--name', 'next-one');
    const { out } = await run('google', 'values', '--key', 'next-one');
    const next = (await listed()).keys.find(({ name }) => name === 'next-one')?.certificate ?? '';
    assert.deepEqual(certificatesIn(out), [next]);
    await assert.rejects(run('google', 'values', '--key', 'nobody'), KeyMistake);
  });
});

/** The section of Duo: a host of Duo's, one secret that is one, files that are there. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Authority } from '../fixtures/people-authority.ts';
import { brief, mistakesOf, readText, soundFile, type MemoryFile } from './sound-file.ts';

const secret = 'Abcdefghij0123456789Abcdefghij0123456789';
const files: Readonly<Record<string, MemoryFile>> = {
  '/etc/duo-secret': { content: `${secret}\n` },
  '/etc/short': { content: 'short' },
  '/etc/ca.pem': { content: Authority.root().issued.certificate },
};
const host = 'apiHost: api-1a2b3c4d.duosecurity.com';
const id = 'clientId: DI0123456789ABCDEFGH';
const file = 'clientSecretFile: duo-secret';
const section = (...parts: readonly string[]): string => `factors: { duo: { ${parts.join(', ')} } }\n`;
const withoutPlace = (told: readonly string[]): readonly string[] =>
  told.map((one) => one.replace(/^\d+:\d+ factors\.duo\.?/, ''));

describe('the section factors.duo', () => {
  it('is ready for use: paths are absolute, the rest is as documented', async () => {
    const { configuration, warnings } = await readText(soundFile + section(host, id, file, 'caFile: ca.pem'), {}, files);
    assert.deepEqual(warnings, []);
    assert.deepEqual(configuration.factors.duo, {
      apiHost: 'api-1a2b3c4d.duosecurity.com',
      clientId: 'DI0123456789ABCDEFGH',
      clientSecretFile: '/etc/duo-secret',
      username: 'userPrincipalName',
      failMode: 'closed',
      timeout: 5_000,
      caFile: '/etc/ca.pem',
    });
    const inline = await readText(soundFile + section(host, id, 'clientSecret: "${DUO}"'), { DUO: secret }, {}, 0o644);
    assert.deepEqual(inline.warnings, []);
    assert.equal(inline.configuration.factors.duo?.clientSecret, secret);
    const none = await readText(soundFile);
    assert.equal(none.configuration.factors.duo, undefined);
  });

  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ['no secret', [host, id], 'clientSecretFile is missing'],
    ['two secrets', [host, id, file, `clientSecret: ${secret}`], 'clientSecret is given beside clientSecretFile'],
    [
      'a short secret in the file',
      [host, id, 'clientSecretFile: short'],
      'clientSecretFile names a file that holds no client secret',
    ],
    ['no file', [host, id, 'clientSecretFile: nowhere'], 'clientSecretFile names a file that does not exist'],
    ['authorities that are none', [host, id, file, 'caFile: short'], 'caFile names a file without a certificate'],
    ['a URL', ['apiHost: "https://api-1a2b3c4d.duosecurity.com"', id, file], 'apiHost must be a host name alone'],
    ['a plain URL', ['apiHost: "http://api-1a2b3c4d.duosecurity.com"', id, file], 'apiHost must be a host name alone'],
  ];
  for (const [title, parts, expected] of refused) {
    it(`is refused: ${title}`, async () => {
      assert.deepEqual(withoutPlace(brief(await mistakesOf(soundFile + section(...parts), {}, files))), [expected]);
    });
  }

  const broken: readonly (readonly [string, readonly string[]])[] = [
    ['a path behind the host', ['apiHost: api-1.duosecurity.com/x', id, file]],
    ['a port behind the host', ['apiHost: "api-1.duosecurity.com:443"', id, file]],
    ['a user before the host', ['apiHost: "x@api-1.duosecurity.com"', id, file]],
    ['a host of one label', ['apiHost: duo', id, file]],
    ['a host with a space', ['apiHost: "api 1.duosecurity.com"', id, file]],
    ['a loopback URL with a path', ['apiHost: "http://127.0.0.1:1/x"', id, file]],
    ['a loopback URL with a user', ['apiHost: "http://x@127.0.0.1:1"', id, file]],
    ['another client ID', [host, 'clientId: short', file]],
    ['a secret of other characters', [host, id, 'clientSecret: "short"']],
    ['fail open', [host, id, file, 'failMode: open']],
    ['another attribute', [host, id, file, 'username: displayName']],
    ['to wait for ever', [host, id, file, 'timeout: 31s']],
  ];
  for (const [title, parts] of broken) {
    it(`breaks the schema: ${title}`, async () => {
      const told = await mistakesOf(soundFile + section(...parts), {}, files);
      assert.equal(told.length, 1, JSON.stringify(told));
      assert.ok(!JSON.stringify(told).includes(secret));
    });
  }

  it('takes a stand-in on loopback', async () => {
    for (const url of ['http://127.0.0.1:8090', 'https://localhost:8443', 'http://[::1]:80']) {
      const { warnings } = await readText(soundFile + section(`apiHost: "${url}"`, id, file), {}, files);
      assert.deepEqual(warnings, []);
    }
  });

  it('warns of what is probably not meant', async () => {
    const other = await readText(soundFile + section('apiHost: duo.example.com', id, file), {}, files);
    assert.deepEqual(withoutPlace(brief(other.warnings)), ['apiHost is no API hostname of Duo']);
    const inline = await readText(soundFile + section(host, id, `clientSecret: ${secret}`), {}, files, 0o644);
    assert.ok(
      withoutPlace(brief(inline.warnings)).includes('clientSecret stands in a file that everybody on this machine may read'),
    );
    const open = { ...files, '/etc/duo-secret': { content: secret, mode: 0o644 } };
    const readable = await readText(soundFile + section(host, id, file), {}, open);
    assert.deepEqual(withoutPlace(brief(readable.warnings)), [
      'clientSecretFile names a file that everybody on this machine may read',
    ]);
    const account = 'bindDn: svc@corp.example.com\n      passwordFile: secret';
    const domain = (name: string): string =>
      `{ baseDn: "DC=${name},DC=example,DC=com", controllers: [{ url: "ldaps://${name}.example.com" }] }`;
    const forest = soundFile.replace(
      /directory:[^]*?mapping:/,
      `directory:\n  forests:\n    - name: example.com\n      ${account}\n      globalCatalogs: ["ldaps://gc.example.com:3269"]\n      domains: [${domain('a')}, ${domain('b')}]\nmapping:`,
    );
    const names = await readText(forest + section(host, id, file, 'username: sAMAccountName'), {}, files);
    assert.deepEqual(withoutPlace(brief(names.warnings)), ['username may be the same for two people']);
  });
});

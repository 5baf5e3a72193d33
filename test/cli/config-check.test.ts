/** `passerelle config check` and `passerelle config reference`. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { renderRefusals } from '../../src/cli/refusals-reference.ts';
import { refusals } from '../../src/refusal.ts';
import { soundFile } from '../config/sound-file.ts';
import { run } from './scripted-io.ts';

const root = join(import.meta.dirname, '../..');
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-check-'));
  await mkdir(join(folder, 'etc'));
  await writeFile(join(folder, 'passerelle.yaml'), soundFile);
  await writeFile(join(folder, 'secret'), 'hunter2', { mode: 0o600 });
  await writeFile(join(folder, 'etc/secret'), 'hunter2', { mode: 0o644 });
  await writeFile(join(folder, 'etc/broken.yaml'), soundFile.replace('baseDn', 'basDn').replace('https://', 'http://'));
  await writeFile(join(folder, 'etc/warned.yaml'), soundFile);
});
after(() => rm(folder, { recursive: true }));

describe('config check', () => {
  it('says that a configuration is right, and what it amounts to', async () => {
    const told = await run(['config', 'check'], { folder });
    assert.deepEqual(told, {
      code: 0,
      out: `passerelle.yaml is right.
  public URL         https://sso.example.com
  entity ID          https://sso.example.com/saml/metadata
  listens on         127.0.0.1 port 8080, plain HTTP
  directory          ldaps://dc1.corp.example.com below DC=corp,DC=example,DC=com
  address from       userPrincipalName
  domains            example.com
  service providers  google-workforce
`,
      err: '',
      asked: [],
    });
  });

  it('tells every mistake with its line and a hint', async () => {
    const told = await run(['config', 'check', '--config', 'etc/broken.yaml'], { folder });
    assert.equal(told.code, 1);
    assert.equal(told.out, '');
    assert.equal(
      told.err,
      `etc/broken.yaml has 3 mistakes.
etc/broken.yaml:1:12: publicUrl must begin https://
    Plain http is for loopback names alone: localhost, 127.0.0.1, [::1].
etc/broken.yaml:2:1: directory.baseDn is missing
    Where people are searched, such as DC=corp,DC=example,DC=com.
etc/broken.yaml:5:3: directory.basDn is not a known setting
    Did you mean baseDn?
`,
    );
  });

  it('warns without failing', async () => {
    const told = await run(['config', 'check', '-c', 'etc/warned.yaml'], { folder });
    assert.equal(told.code, 0);
    assert.match(
      told.err,
      /^warning: etc\/warned\.yaml:7:17: directory\.passwordFile names a file that everybody on this machine may read\n/,
    );
    assert.doesNotMatch(told.out + told.err, /hunter2/);
  });

  const order: readonly (readonly [string, readonly string[], string | undefined, string])[] = [
    ['the flag', ['--config', 'flag.yaml'], 'environment.yaml', 'flag.yaml'],
    ['the environment', [], 'environment.yaml', 'environment.yaml'],
    ['the default', [], undefined, 'passerelle.yaml'],
    ['the default where the environment is empty', [], '', 'passerelle.yaml'],
  ];
  for (const [title, args, named, file] of order) {
    it(`takes the file of ${title}`, async () => {
      const environment = named === undefined ? {} : { PASSERELLE_CONFIG: named };
      const told = await run(['config', 'check', ...args], { folder: join(folder, 'etc'), environment });
      assert.equal(told.code, 1);
      assert.equal(told.err.split('\n')[1], `${file}: does not exist`);
    });
  }
});

describe('config reference', () => {
  it('finds the pages of this checkout up to date', async () => {
    assert.deepEqual(await run(['config', 'reference', '--check'], { folder: root }), {
      code: 0,
      out: 'The reference pages are up to date.\n',
      err: '',
      asked: [],
    });
  });

  it('writes them, then finds them up to date, then stale', async () => {
    const pages = [
      'docs/configuration.md',
      'docs/refusals.md',
      'docs/audit-events.md',
      'docs/metrics.md',
      'docs/doctor.md',
      'passerelle.schema.json',
    ];
    const stale = await run(['config', 'reference', '--check'], { folder });
    assert.equal(stale.code, 1);
    assert.equal(stale.err, pages.map((page) => `${page} is not up to date. Run: passerelle config reference\n`).join(''));
    assert.deepEqual((await run(['config', 'reference'], { folder })).out, pages.map((page) => `${page} written.\n`).join(''));
    assert.equal((await run(['config', 'reference', '--check'], { folder })).code, 0);
    await writeFile(join(folder, 'docs/refusals.md'), 'x');
    assert.match((await run(['config', 'reference', '--check'], { folder })).err, /^docs\/refusals\.md is not up to date/);
  });

  it('has every refusal once', async () => {
    const page = renderRefusals(JSON.parse(await readFile(join(root, 'views/locales/en.json'), 'utf8')));
    for (const reason of Object.keys(refusals)) assert.equal(page.split(`| \`${reason}\` `).length, 2, reason);
  });

  it('fails where a sentence is missing', () => {
    assert.throws(() => renderRefusals({}), /has no title and what for/);
  });
});

/** Kerberos is configured in a fresh checkout, where its package is not: what is said, and that the one command said brings it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { soundFile } from '../config/sound-file.ts';
import { makeServiceKey, writeKeytab } from '../fixtures/make-ticket.ts';

const root = join(import.meta.dirname, '../..');
const checkout = mkdtempSync(join(tmpdir(), 'passerelle-checkout-'));
const principal = 'HTTP/sso.example.com@CORP.EXAMPLE.COM';
const command = `node ${join(checkout, 'scripts/kerberos.js')}`;
const said = `kerberos needs the optional package kerberos 7.0.0, which is not installed. Install it: ${command}`;

before(() => {
  for (const part of ['src', 'views', 'package.json', 'scripts/kerberos.js']) {
    cpSync(join(root, part), join(checkout, part), { recursive: true });
  }
  const modules = join(checkout, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(root, 'node_modules')).filter((one) => !one.startsWith('.') && one !== 'kerberos')) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(checkout, 'sso.keytab'), writeKeytab([makeServiceKey(principal)]), { mode: 0o600 });
  writeFileSync(join(checkout, 'secret'), 'x', { mode: 0o600 });
  writeFileSync(
    join(checkout, 'passerelle.yaml'),
    `${soundFile}kerberos:\n  keytab: sso.keytab\n  principals: [${principal}]\n  networks: [10.0.0.0/8]\n`,
  );
});
after(() => {
  rmSync(checkout, { recursive: true });
});

const passerelle = (...argv: readonly string[]): { code: number | null; out: string; err: string } => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, 'src/main.ts'), ...argv], {
    cwd: checkout,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, out: stdout, err: stderr };
};

describe('without the package kerberos', () => {
  it('config check refuses the configuration, with the command that installs it', () => {
    assert.deepEqual(passerelle('config', 'check'), { code: 1, out: '', err: `passerelle.yaml: ${said}\n` });
  });

  it('start does not begin, and says the same', () => {
    const { code, err } = passerelle('start');
    assert.equal(code, 1);
    assert.equal(err, `passerelle: ${said}\n`);
  });

  it('where that command cannot fetch it, it says why in one sentence and leaves nothing behind', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/kerberos.js')], {
      cwd: checkout,
      encoding: 'utf8',
      env: {
        ...process.env,
        npm_config_registry: 'http://127.0.0.1:9',
        npm_config_cache: join(checkout, 'empty-cache'),
        npm_config_fetch_retries: '0',
      },
    });
    assert.equal(status, 1, stderr);
    const last = stderr.trim().split('\n').at(-1) ?? '';
    assert.match(last, /^npm could not fetch kerberos 7\.0\.0, which is needed once: .*ECONNREFUSED/);
    assert.deepEqual(readdirSync(join(checkout, 'node_modules/.cache')), []);
    assert.equal(existsSync(join(checkout, 'node_modules/kerberos')), false);
  });

  it(
    'and that command brings it, though it runs twice at once, over what another left half done',
    { timeout: 110_000 },
    async () => {
      // Ended in the middle of it: a folder without its stamp, and a link to nothing.
      mkdirSync(join(checkout, 'node_modules/.cache/kerberos/build'), { recursive: true });
      symlinkSync('nowhere', join(checkout, 'node_modules/kerberos'));
      const both = await Promise.all(
        [1, 2].map(
          () =>
            new Promise<{ code: number | null; err: string }>((resolve) => {
              // As root's may be, who then runs Passerelle as somebody else.
              const child = spawn('sh', ['-c', `umask 077 && exec ${command}`], { stdio: ['ignore', 'ignore', 'pipe'] });
              let err = '';
              child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
              child.on('close', (code) => {
                resolve({ code, err });
              });
            }),
        ),
      );
      for (const { code, err } of both) assert.equal(code, 0, err);
      assert.deepEqual(readdirSync(join(checkout, 'node_modules/.cache')), ['kerberos']);
      for (const part of ['.', 'lib/index.js', 'build/Release/kerberos.node']) {
        const { mode } = statSync(join(checkout, 'node_modules/kerberos', part));
        assert.equal(mode & 0o044, 0o044, part);
      }

      const { code, out, err } = passerelle('config', 'check');
      assert.equal(code, 0, err);
      assert.match(out, /^passerelle\.yaml is right\./);
      // A second time there is nothing to do, nor much where an `npm install` took the link away.
      for (let time = 0; time < 2; time += 1) {
        const again = spawnSync(process.execPath, [join(checkout, 'scripts/kerberos.js')], { cwd: checkout, encoding: 'utf8' });
        assert.equal(again.stderr, 'The package kerberos 7.0.0 is there.\n');
        assert.equal(passerelle('config', 'check').code, 0);
        rmSync(join(checkout, 'node_modules/kerberos'));
      }
    },
  );
});

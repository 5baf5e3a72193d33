/** The process: what src/main.ts makes of argv, exit codes and signals. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { soundFile } from '../config/sound-file.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-main-'));
});
after(() => rm(folder, { recursive: true }));

async function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

describe('the process', () => {
  it('exits with 0, and takes its environment and working directory', async () => {
    await writeFile(join(folder, 'my.yaml'), soundFile.replace('passwordFile: secret', 'password: ${PW}'));
    const { code, out, err } = await start(['config', 'check'], { PASSERELLE_CONFIG: 'my.yaml', PW: 'hunter2' });
    assert.equal(err, '');
    assert.match(out, /^my\.yaml is right\.\n/);
    assert.equal(code, 0);
    assert.doesNotMatch(out, /hunter2/);
  });

  it('exits with 1 where something failed', async () => {
    const { code, out, err } = await start(['config', 'check']);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /^passerelle\.yaml has a mistake\.\n/);
  });

  it('exits with 2 where it was called wrongly, and asks nobody who is not there', async () => {
    const { code, out, err } = await start(['init']);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /^Nobody is asked, so these options are needed: --public-url, /);
  });

  it('tells a fault in one line, without a stack', async () => {
    const args = [
      '--public-url=https://a.example',
      '--directory-url=ldaps://b.c.example',
      '--bind-dn=x',
      '--primary-domain=a.example',
      '--google=none',
    ];
    const { code, err } = await start(['init', ...args, '--output=nowhere/x.yaml']);
    assert.equal(code, 1);
    assert.match(err, /^passerelle: ENOENT: no such file or directory, open '.*nowhere\/x\.yaml'\n$/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in good order upon ${signal}, however often it comes`, async () => {
      const text = `${soundFile.replace('dc1.corp.example.com', '127.0.0.1:1').replace('passwordFile: secret', 'password: ${PW}')}listen: { port: 0 }\n`;
      await writeFile(join(folder, 'passerelle.yaml'), text);
      const child = spawn(process.execPath, [main, 'start'], {
        cwd: folder,
        env: { PW: 'x' },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = new Promise<readonly unknown[]>((resolve) =>
        child.once('close', (...how) => {
          resolve(how);
        }),
      );
      let log = '';
      const started = new Promise<void>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          log += chunk.toString();
          if (log.includes('started')) resolve();
        });
      });
      await Promise.race([started, ended]);
      child.kill(signal);
      child.kill(signal);
      assert.deepEqual(await ended, [0, null], log);
      assert.match(log, /stopping/);
    });
  }
});

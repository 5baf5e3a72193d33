/** The process: what src/main.ts makes of argv, exit codes and signals. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { soundFile } from '../config/sound-file.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'passerelle-main-'));
});
after(() => rm(folder, { recursive: true }));

const endOf = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.once('exit', resolve));

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
    assert.match(err, /^passerelle: \S*nowhere\/x\.yaml does not exist \(ENOENT\)\.\n$/);
  });

  it('says in one line that standard output takes no more, and exits with 1', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [main, '--help'], { env: {}, stdio: ['ignore', full.fd, 'pipe'] });
    const ended = endOf(child);
    assert.ok(child.stderr !== null);
    assert.equal(await text(child.stderr), 'passerelle: standard output takes no more (ENOSPC).\n');
    assert.equal(await ended, 1);
    await full.close();
  });

  // As in `2>&1 | true`: nobody is told, and the deed is done to its end nevertheless.
  it('ends no deed half way where nobody reads what it says', async () => {
    await writeFile(join(folder, 'passerelle.yaml'), soundFile.replace('passwordFile: secret', 'password: ${PW}'));
    const child = spawn(process.execPath, [main, 'keys', 'new'], {
      cwd: folder,
      env: { PW: 'x' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = endOf(child);
    child.stdout.destroy();
    child.stderr.destroy();
    assert.equal(await ended, 0);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in good order upon ${signal}, however often it comes`, async () => {
      const settings = `${soundFile.replace('dc1.corp.example.com', '127.0.0.1:1').replace('passwordFile: secret', 'password: ${PW}')}listen: { port: 0 }\n`;
      await writeFile(join(folder, 'passerelle.yaml'), settings);
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

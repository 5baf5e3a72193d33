/** Builds the package, lays out what it would hold, and runs that. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');
const { files, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[]; version: string };

describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'passerelle-package-'));
  const command = join(folder, 'bin/passerelle');

  before(() => {
    // `npm run check` judges types; to do so here again would take twice the time.
    const build = [join(root, 'scripts/build.ts'), join(folder, 'dist'), '--noCheck'];
    execFileSync(process.execPath, build, { stdio: 'pipe' });
    for (const path of ['package.json', ...files.filter((file) => file !== 'dist/')]) {
      cpSync(join(root, path), join(folder, path), { recursive: true });
    }
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds no TypeScript and needs none', () => {
    assert.ok(existsSync(join(folder, 'dist/main.js')));
    assert.ok(!existsSync(join(folder, 'src')));
    assert.equal(execFileSync(process.execPath, [command, '--version'], { encoding: 'utf8' }), `${version}\n`);
  });

  it('runs the demo, and ends it well when told to', { timeout: 60_000 }, async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    const child = spawn(process.execPath, [command, 'demo', '--port', '0', '--service-provider-port', '0'], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let trouble = '';
    child.stderr.on('data', (chunk: Buffer) => {
      trouble += chunk.toString();
    });
    const ended = once(child, 'exit') as Promise<[number | null]>;
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      output += chunk.toString();
      if (output.includes('Metadata ')) {
        break;
      }
    }
    child.kill('SIGTERM');
    const [code] = await ended;
    assert.match(output, /^Open \S+\nSign in as \S+ with password \S+\nMetadata \S+\n/, trouble);
    assert.equal(code, 0, trouble);
  });
});

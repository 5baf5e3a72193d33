/** Packs the project, installs the tarball elsewhere, and runs that where the repository is out of reach. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');
const { files, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[]; version: string };
const folder = mkdtempSync(join(tmpdir(), 'passerelle-package-'));
const prefix = join(folder, 'prefix');
const installed = join(prefix, 'lib/node_modules/passerelle');
const command = join(prefix, 'bin/passerelle');

/** Where this user may, the repository is hidden from what is run: Node, which may lie in it, is seen elsewhere. */
const mayHide = spawnSync('unshare', ['--mount', 'true']).status === 0;
const hidden = 'mount --bind "$2" "$3" && mount -t tmpfs none "$1" && test ! -e "$1/package.json" || exit 99; shift 2; exec "$@"';
const node = join(folder, 'node');

function commandLine(...words: readonly string[]): [string, string[]] {
  return mayHide
    ? ['unshare', ['--mount', 'sh', '-c', hidden, 'sh', root, process.execPath, node, command, ...words]]
    : [process.execPath, [command, ...words]];
}

const runInstalled = (...words: readonly string[]): string => {
  const [file, argv] = commandLine(...words);
  return execFileSync(file, argv, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
};

describe('the package', () => {
  before(() => {
    const stage = join(folder, 'stage');
    writeFileSync(node, '');
    mkdirSync(stage);
    // `npm run check` judges types; to do so here again would take twice the time.
    execFileSync(process.execPath, [join(root, 'scripts/build.ts'), join(stage, 'dist'), '--noCheck'], { stdio: 'pipe' });
    execFileSync(process.execPath, [join(root, 'scripts/describe-package.ts'), join(stage, 'dist')], { stdio: 'pipe' });
    for (const path of ['package.json', 'LICENSE', 'README.md', ...files.filter((file) => file !== 'dist/')]) {
      cpSync(join(root, path), join(stage, path), { recursive: true });
    }
    copyFileSync(join(root, 'package-lock.json'), join(stage, 'npm-shrinkwrap.json'));
    copyFileSync(join(root, '.npmrc'), join(folder, '.npmrc'));
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: stage, stdio: 'pipe' });
    rmSync(stage, { recursive: true });
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz')) ?? '';
    execFileSync('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', join(folder, tarball)], {
      cwd: folder,
      stdio: 'pipe',
    });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds no TypeScript and needs none', () => {
    assert.ok(existsSync(join(installed, 'dist/main.js')));
    assert.ok(!existsSync(join(installed, 'src')));
    assert.equal(runInstalled('--version'), `${version}\n`);
  });

  it('brings the versions of the lock, and nothing for development', () => {
    interface Lock {
      packages: Record<string, { version: string; dev?: boolean; optional?: boolean }>;
    }
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lock;
    for (const [path, locked] of Object.entries(lock.packages)) {
      if (path === '' || locked.optional === true) continue;
      const manifest = join(installed, path, 'package.json');
      assert.equal(existsSync(manifest), locked.dev !== true, path);
      if (locked.dev === true) continue;
      assert.equal((JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version, locked.version, path);
    }
  });

  it('says what it is made of, and under which licences', () => {
    const bill = JSON.parse(readFileSync(join(installed, 'dist/sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      metadata: { component: { name: string; version: string } };
      components: readonly { name: string; version: string; licenses: unknown; hashes: readonly unknown[] }[];
    };
    assert.equal(bill.bomFormat, 'CycloneDX');
    assert.deepEqual([bill.metadata.component.name, bill.metadata.component.version], ['passerelle', version]);
    const licences = readFileSync(join(installed, 'dist/licences.txt'), 'utf8');
    assert.ok(bill.components.length > 50);
    for (const { name, version: theirs, licenses, hashes } of bill.components) {
      assert.ok(licenses !== undefined && hashes.length === 1, name);
      assert.ok(licences.includes(`\n${name} ${theirs}: `), name);
    }
  });

  it('checks a configuration', () => {
    writeFileSync(join(folder, 'passerelle.yaml'), 'publicUrl: http://localhost:8080\n');
    const [file, argv] = commandLine('config', 'check');
    const { status, stderr } = spawnSync(file, argv, { cwd: folder, encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /^passerelle\.yaml.*directory/m);
  });

  it('runs the demo, and ends it well when told to', { timeout: 60_000 }, async () => {
    const home = join(folder, 'home');
    mkdirSync(home);
    const [file, argv] = commandLine('demo', '--port', '0', '--service-provider-port', '0');
    const child = spawn(file, argv, { cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
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

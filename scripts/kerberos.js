/**
 * `node scripts/kerberos.js`, the one command that brings the optional package `kerberos`, on any Node from 18 on: fetches it by its
 * exact hash from the package registry, compiles it with the machine's own compiler, and lays it where Passerelle finds it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const cache = join(modules, '.cache/kerberos');
const target = join(modules, 'kerberos');

/** What is fetched. The two others hold headers alone, so that neither Node's nor a downloading install script is needed. */
const packages = [
  {
    name: 'kerberos',
    version: '7.0.0',
    integrity: 'sha512-Q8yUNeCM5fSXkURaa05WugXFsH6c57hDHDmsupMFCPaQEPym9FGwFp/2XSTcMuLldtEeBOsQ/9VGQ55lfHTT3Q==',
  },
  {
    name: 'node-addon-api',
    version: '8.9.2',
    integrity: 'sha512-VijLXbi3UACN69I0JVXJsX4tjACjNoQDgv2gTF6sx2wWEi8tkSg2eX8p5gSIFi8z2+DL3oHmY6OyKce38SDolg==',
  },
  {
    name: 'node-api-headers',
    version: '1.9.0',
    integrity: 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
  },
];
const stamp = packages.map(({ integrity }) => integrity).join('\n') + `\n${process.platform} ${process.arch}\n`;

/** What compiles it, as Debian calls it. */
const system = [
  { name: 'g++', proof: () => spawnSync('g++', ['--version']).status === 0 },
  {
    name: 'libkrb5-dev',
    proof: () => ['/usr/include', '/usr/local/include'].some((folder) => existsSync(join(folder, 'gssapi/gssapi.h'))),
  },
];

/** Ends the script with one sentence instead of a stack. */
class Sentence extends Error {}

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @param {string} file */
const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** @param {string} command @param {readonly string[]} argv @param {string} [cwd] */
function run(command, argv, cwd) {
  const { status, stdout, stderr, error } = spawnSync(command, argv, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return { done: status === 0, stdout, trouble: error === undefined ? stderr.trim() : error.message };
}

/** Sees to compiler and headers: by apt as root, else by saying what to install. */
function provideSystem() {
  const missing = system.filter(({ proof }) => !proof()).map(({ name }) => name);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !run('apt-get', ['--version']).done) {
    throw new Sentence(`The package kerberos is compiled, which needs ${missing.join(' and ')}. As root: ${command}`);
  }
  say(`Installing system packages (once): ${missing.join(' ')} …`);
  const wait = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  run('apt-get', [...wait, 'update']);
  const { done, trouble } = run('apt-get', [...wait, '-y', '--no-install-recommends', 'install', ...missing]);
  if (!done) throw new Sentence(`apt did not bring ${missing.join(' and ')}: ${trouble.split('\n').at(-1) ?? ''}`);
}

/** @param {readonly string[]} argv @param {string} folder */
function npm(argv, folder) {
  const cli = process.env.npm_execpath;
  return cli !== undefined && basename(cli) === 'npm-cli.js'
    ? run(process.execPath, [cli, ...argv], folder)
    : run('npm', argv, folder);
}

/** The line of npm's trouble that says it in words. @param {string} trouble */
const reasonIn = (trouble) =>
  trouble
    .split('\n')
    .map((line) => /^npm (?:error|ERR!) (?!code |errno |syscall |\s)(.+)/.exec(line)?.[1])
    .find((line) => line !== undefined) ?? trouble.slice(0, 300);

/** Fetches the packages into a folder each of `folder`, none of whose scripts runs. @param {string} folder */
function fetchInto(folder) {
  for (const { name, version, integrity } of packages) {
    const { done, trouble } = npm(
      ['pack', `${name}@${version}`, '--ignore-scripts', '--prefer-offline', '--loglevel=error'],
      folder,
    );
    const file = join(folder, `${name}-${version}.tgz`);
    if (!done || !existsSync(file)) {
      throw new Sentence(`npm could not fetch ${name} ${version}, which is needed once: ${reasonIn(trouble)}`);
    }
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (found !== integrity)
      throw new Sentence(`The registry gave another ${name} ${version} than the one that is known by its hash.`);
    mkdirSync(join(folder, name));
    const unpacked = run('tar', ['-xzf', file, '-C', join(folder, name), '--strip-components=1']);
    if (!unpacked.done) throw new Sentence(`tar did not unpack ${name}: ${unpacked.trouble}`);
  }
}

/** Compiles what binding.gyp of the package names, for Linux. @param {string} folder */
function compile(folder) {
  const source = join(folder, 'kerberos');
  mkdirSync(join(source, 'build/Release'), { recursive: true });
  const { done, trouble } = run(
    'g++',
    [
      ...['-std=c++17', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-s'],
      ...['-DKERBEROS_USE_RTLD=1', '-DBUILDING_NODE_EXTENSION', '-DNODE_GYP_MODULE_NAME=kerberos'],
      ...['-I', join(folder, 'node-api-headers/include'), '-I', join(folder, 'node-addon-api')],
      ...['-o', 'build/Release/kerberos.node', 'src/kerberos.cc'],
      ...['base64', 'kerberos_gss', 'kerberos_unix'].map((name) => `src/unix/${name}.cc`),
      '-ldl',
    ],
    source,
  );
  if (!done) throw new Sentence(`The package kerberos did not compile:\n${trouble.split('\n').slice(0, 20).join('\n')}`);
}

/** Lays what is compiled where Node looks, away from what the lock file of the checkout governs. In one step, as others may look now. */
function link() {
  if (!(lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() ?? false))
    rmSync(target, { recursive: true, force: true });
  const made = `${cache}-${String(process.pid)}.link`;
  rmSync(made, { force: true });
  symlinkSync(relative(modules, cache), made);
  renameSync(made, target);
}

const isCompiled = () => readIfThere(join(cache, '.compiled')) === stamp;
const isThere = () => isCompiled() && existsSync(join(target, 'build/Release/kerberos.node'));

function build() {
  provideSystem();
  say('Fetching and compiling the package kerberos (once) …');
  mkdirSync(join(modules, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(modules, '.cache/kerberos-'));
  try {
    fetchInto(folder);
    compile(folder);
    const made = join(folder, 'made');
    mkdirSync(made);
    for (const part of ['LICENSE', 'package.json', 'lib', 'build']) {
      cpSync(join(folder, 'kerberos', part), join(made, part), { recursive: true });
    }
    writeFileSync(join(made, '.compiled'), stamp);
    try {
      // What was compiled of another version, or not to its end, steps aside; whoever compiles at the same time may be faster.
      if (!isCompiled() && existsSync(cache)) renameSync(cache, join(folder, 'former'));
      renameSync(made, cache);
    } catch (error) {
      if (!isCompiled()) throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// Whoever Passerelle runs as reads it, whoever brings it.
process.umask(0o022);
try {
  if (process.platform !== 'linux') throw new Sentence('The package kerberos is brought for Linux alone.');
  if (!isThere()) {
    if (!isCompiled()) build();
    if (!isThere()) link();
  }
  say(`The package kerberos ${packages[0]?.version ?? ''} is there.`);
} catch (error) {
  const { code, path } = /** @type {NodeJS.ErrnoException} */ (error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    say(
      `The package kerberos cannot be laid down: ${path ?? modules} may not be written (${code}). Run this as whoever owns it.`,
    );
  } else if (error instanceof Sentence) say(error.message);
  else throw error;
  process.exitCode = 1;
}

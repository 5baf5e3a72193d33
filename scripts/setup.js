/**
 * Runs before every npm script, on any Node from 18 on: lays down the locked packages, and Node 24 where the machine's own is
 * older, when and only when they are not there yet.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const nodeFolder = join(root, 'scripts/node');
const lockFile = join(root, '.setup.lock');
const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT/;

/** Ends the script with one sentence instead of a stack. */
class Sentence extends Error {}

/** @param {string} text */
const say = (text) => process.stderr.write(`${text}\n`);

/** @param {string} file */
const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/** @param {string} folder */
const stampOf = (folder) => join(folder, 'node_modules/.laid-down');

/** @param {string} folder */
const lockHash = (folder) =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');

/** @typedef {{ version?: string; integrity?: string; optional?: boolean }} Entry */

/**
 * @param {string} lock
 * @returns {Record<string, Entry>}
 */
function packagesIn(lock) {
  return /** @type {{ packages: Record<string, Entry> }} */ (JSON.parse(lock)).packages;
}

/**
 * Whether an `npm install` by hand has laid down just what the lock says.
 * @param {string} folder
 */
function liesThereAlready(folder) {
  const hidden = readIfThere(join(folder, 'node_modules/.package-lock.json'));
  if (hidden === undefined) {
    return false;
  }
  const wanted = packagesIn(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const found = packagesIn(hidden);
  const same = Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const there = found[path];
    return path === '' || (there === undefined ? optional === true : there.version === version && there.integrity === integrity);
  });
  return same && Object.keys(found).every((path) => path in wanted);
}

/**
 * @param {string} folder
 * @param {string} thing a file that must be there afterwards
 */
function isLaidDown(folder, thing) {
  if (!existsSync(thing)) {
    return false;
  }
  const hash = lockHash(folder);
  if (readIfThere(stampOf(folder)) === hash) {
    return true;
  }
  if (!liesThereAlready(folder)) {
    return false;
  }
  writeFileSync(stampOf(folder), hash);
  return true;
}

/** @param {readonly string[]} argv @param {string} folder */
function npm(argv, folder) {
  const cli = process.env.npm_execpath;
  const [command, ...before] = cli !== undefined && basename(cli) === 'npm-cli.js' ? [process.execPath, cli] : ['npm'];
  return spawnSync(command, [...before, ...argv], { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
}

/**
 * @param {string} folder
 * @param {string} thing
 * @param {string} what
 */
function layDown(folder, thing, what) {
  say(`Fetching ${what} (once) …`);
  const { status, stderr, error } = npm(
    [
      'ci',
      '--ignore-scripts',
      '--include=dev',
      '--include=optional',
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--omit-lockfile-registry-resolved',
      '--loglevel=error',
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=10000',
    ],
    folder,
  );
  if (error !== undefined) {
    throw new Sentence(`npm did not start (${error.message}), and ${what} must be fetched with it.`);
  }
  if (status !== 0 && !offline.test(stderr)) {
    // npm ends with a page about its options.
    say(stderr.trim().split('\n').slice(0, 25).join('\n'));
    throw new Sentence(`npm could not lay down ${what}; its own words are above.`);
  }
  // npm forgives an optional package that it could not fetch.
  if (status !== 0 || !existsSync(thing)) {
    throw new Sentence(
      `The package registry cannot be reached, and ${what} must be fetched from it once: connect and run the same command again.`,
    );
  }
  writeFileSync(stampOf(folder), lockHash(folder));
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}

/**
 * One setup at a time in one checkout; a lock left by a process that is gone is taken over.
 * @param {() => void} work
 */
function alone(work) {
  const end = Date.now() + 15 * 60_000;
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') {
        throw error;
      }
    }
    const holder = Number(readIfThere(lockFile));
    if (holder > 0 && !isAlive(holder)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (Date.now() > end) {
      throw new Sentence(`Another setup has held ${lockFile} for 15 minutes: end it, or remove the file.`);
    }
    if (!waited) {
      say('Waiting for another setup of this checkout …');
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.once(signal, () => process.exit(1));
  }
  work();
  release();
  process.removeListener('exit', release);
}

const nodePackage = `node-${process.platform}-${process.arch}`;
const steps = [
  {
    needed: Number.parseInt(process.versions.node, 10) < 24,
    folder: nodeFolder,
    thing: join(nodeFolder, 'node_modules', nodePackage, 'bin/node'),
    what: 'Node 24',
  },
  { needed: true, folder: root, thing: join(root, 'node_modules/express/package.json'), what: 'the locked packages' },
].filter(({ needed, folder, thing }) => needed && !isLaidDown(folder, thing));

try {
  if (steps.some(({ folder }) => folder === nodeFolder)) {
    const { optionalDependencies } = /** @type {{ optionalDependencies: Record<string, string> }} */ (
      JSON.parse(readFileSync(join(nodeFolder, 'package.json'), 'utf8'))
    );
    const glibc = process.platform !== 'linux' || JSON.stringify(process.report.getReport()).includes('"glibcVersionRuntime"');
    if (!(nodePackage in optionalDependencies) || !glibc) {
      throw new Sentence(
        `Passerelle needs Node 24 or newer, this is ${process.version}, and there is none to bring for ${process.platform} on ${process.arch}${glibc ? '' : ' without glibc'}: please install it yourself.`,
      );
    }
  }
  if (steps.length > 0) {
    alone(() => {
      for (const { folder, thing, what } of steps) {
        if (!isLaidDown(folder, thing)) {
          layDown(folder, thing, what);
        }
      }
    });
  }
} catch (error) {
  if (!(error instanceof Sentence)) {
    throw error;
  }
  say(error.message);
  process.exitCode = 1;
}

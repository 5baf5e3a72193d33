/** Runs an entry file on Node 24: in this very process where it is new enough, else in a child on the Node that setup brought. */
'use strict';

const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { constants } = require('node:os');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const newEnough = Number.parseInt(process.versions.node, 10) >= 24;

/** The Node 24 that `scripts/setup.js` lays into a checkout for this platform. */
const broughtNode = path.join(__dirname, '../scripts/node/node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');

/** Node 24 up to 24.14 calls node:sqlite and type stripping experimental on every start; later lines are silent. */
function dropExperimentalWarnings() {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') {
      process.stderr.write(`(node:${process.pid}) ${warning.stack ?? String(warning)}\n`);
    }
  });
}

/**
 * A child in the same terminal, which ends as the child ended.
 * @param {string} entry
 * @param {readonly string[]} argv
 */
function runInChild(entry, argv) {
  const child = spawn(broughtNode, [entry, ...argv], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to parent and child alike; to pass it on as well would be a second one.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) {
        child.kill(signal);
      }
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`Node 24 did not start: ${error.message}.\n`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

/**
 * @param {string} entry absolute path of the file to run; it finds its arguments from process.argv[2] on
 * @param {readonly string[]} argv
 */
exports.launch = function launch(entry, argv) {
  // Compiled code is kept within the project, not in the shared temporary folder where others could put theirs.
  const cache = path.join(__dirname, '../node_modules/.cache/compiled');
  if (newEnough) {
    enableCompileCache(cache);
    dropExperimentalWarnings();
    process.argv.splice(1, process.argv.length, entry, ...argv);
    import(pathToFileURL(entry).href).catch((/** @type {unknown} */ error) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = 1;
    });
  } else if (existsSync(broughtNode)) {
    process.env.NODE_COMPILE_CACHE = cache;
    runInChild(entry, argv);
  } else {
    process.stderr.write(
      existsSync(path.join(__dirname, '../scripts/setup.js'))
        ? 'Passerelle needs Node 24 or newer: run `node scripts/setup.js`, which brings it where there is one for this platform.\n'
        : `Passerelle needs Node 24 or newer, and this is ${process.version}.\n`,
    );
    process.exitCode = 1;
  }
};

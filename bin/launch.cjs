/** Runs an entry file on Node 24: the one that runs already where it is new enough, else the one that setup brought. */
'use strict';

const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { constants } = require('node:os');
const path = require('node:path');

/** The Node 24 that `scripts/setup.js` lays into a checkout for this platform. */
const broughtNode = path.join(__dirname, '../scripts/node/node_modules', `node-${process.platform}-${process.arch}`, 'bin/node');

// Compiled code is kept within the project, not in the shared temporary folder where others could put theirs.
const compiled = path.join(__dirname, '../node_modules/.cache/compiled');

function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  return existsSync(broughtNode) ? broughtNode : undefined;
}

/**
 * A child in the same terminal, which ends as the child ended.
 * @param {string} node
 * @param {readonly string[]} argv
 * @param {NodeJS.ProcessEnv} env
 */
function runInChild(node, argv, env) {
  const child = spawn(node, argv, { stdio: 'inherit', env });
  // A terminal sends Ctrl-C to parent and child alike; to pass it on as well would be a second one.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP', 'SIGINT'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) child.kill(signal);
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
 * @param {readonly string[]} [flags] of Node, for the entry file
 */
exports.launch = function launch(entry, argv, flags = []) {
  const node = findNode();
  if (node === undefined) {
    process.stderr.write(
      existsSync(path.join(__dirname, '../scripts/setup.js'))
        ? 'Passerelle needs Node 24 or newer: run `node scripts/setup.js`, which brings it where there is one for this platform.\n'
        : `Passerelle needs Node 24 or newer, and this is ${process.version}.\n`,
    );
    process.exitCode = 1;
    return;
  }
  // Early Nodes 24 call node:sqlite experimental on every start.
  const whole = ['--disable-warning=ExperimentalWarning', ...flags, entry, ...argv];
  // Many threads that each keep free memory of their own (glibc's arenas) cost a server more than they save.
  const env = { MALLOC_ARENA_MAX: '2', ...process.env, NODE_COMPILE_CACHE: compiled };
  // Newer Nodes can become the other process; older ones must stay and watch it.
  if (process.execve === undefined || process.platform === 'win32') runInChild(node, whole, env);
  else process.execve(node, [node, ...whole], env);
};

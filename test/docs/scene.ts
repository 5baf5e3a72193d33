/** A folder in which the commands of the pages run as they stand, and a server started by one of them. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { root } from './pages.ts';
import { freePort } from '../fixtures/free-port.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-pages-'));
mkdirSync(join(folder, 'path'));
symlinkSync(join(root, 'bin/passerelle'), join(folder, 'path/passerelle'));

const environment: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: [join(folder, 'path'), dirname(process.execPath), process.env.PATH].join(delimiter),
};
// What runs here is no part of the test run around it.
delete environment.NODE_TEST_CONTEXT;
delete environment.PASSERELLE_CONFIG;

/** A folder where `bin/passerelle` is the one of the checkout; /etc/passerelle means it, too. */
export function place(name: string): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  symlinkSync(join(root, 'bin'), join(path, 'bin'));
  return path;
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const children = new Set<ChildProcess>();

function launch(command: string, cwd: string): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  // The shell gives way to the last command, so that a signal reaches that.
  const line = `exec ${command.replaceAll('/etc/passerelle', cwd)}`;
  const child = spawn(line, { cwd, env: environment, shell: true, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Runs a command line to its end. */
export async function run(command: string, cwd: string): Promise<Ran> {
  const child = launch(command, cwd);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Runs it and gives what it printed; anything but 0 fails. */
export async function succeed(command: string, cwd: string): Promise<string> {
  const { code, out, err } = await run(command, cwd);
  assert.equal(code, 0, `${command}\n${err}${out}`);
  return out;
}

export interface Running {
  readonly out: string;
  /** The line of the log that holds the text, as soon as it comes. */
  logged(text: string): Promise<string>;
  /** Asks it to end, and sees that it ends well. */
  stop(): Promise<void>;
}

/** Runs a command until its standard output fits `ready`, and leaves it running. */
export async function begin(command: string, cwd: string, ready: RegExp): Promise<Running> {
  const child = launch(command, cwd);
  const ended = once(child, 'close') as Promise<[number | null]>;
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const arrived = (stream: NodeJS.ReadableStream, found: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!found()) return;
        stream.removeListener('data', look);
        resolve();
      };
      stream.on('data', look);
      look();
    });
  await Promise.race([arrived(child.stdout, () => ready.test(out)), ended]);
  assert.match(out, ready, err);
  const lineWith = (text: string): string | undefined =>
    err
      .split('\n')
      .slice(0, -1)
      .find((line) => line.includes(text));
  return {
    out,
    async logged(text) {
      await Promise.race([arrived(child.stderr, () => lineWith(text) !== undefined), ended]);
      return lineWith(text) ?? '';
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await ended;
      assert.equal(code, 0, err);
    },
  };
}

/** Puts the embedded directory and a free port into the configuration that `init` wrote there, and nothing else. */
export async function embed(place: string): Promise<{ url: string; close(): Promise<void> }> {
  const ldif = readFileSync(join(root, 'src/demo/directory.ldif'), 'utf8');
  const clock = { now: () => Date.now(), until: () => Promise.resolve() };
  const directory = await createDemoDirectory({ ldif, host: '127.0.0.1', port: 0, clock });
  const port = await freePort();
  const file = join(place, 'passerelle.yaml');
  const written = readFileSync(file, 'utf8');
  const replaced = written
    .replace(/^ {4}- ldaps:.*$/m, `    - ${directory.url}`)
    .replace(/^ {2}bindDn:.*$/m, '  bindDn: svc-passerelle@corp.example.com')
    .replace(/^ {2}port: 8080$/m, `  port: ${String(port)}`);
  assert.equal(replaced.split('\n').filter((line, index) => line !== written.split('\n')[index]).length, 3);
  writeFileSync(file, replaced);
  writeFileSync(join(place, 'directory-password'), 'demo-Passw0rd\n');
  return { url: `http://127.0.0.1:${String(port)}`, close: () => directory.close() };
}

/** Ends what a failed test left behind, and the folder. */
export function leave(): void {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

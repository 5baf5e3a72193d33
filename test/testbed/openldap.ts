/** The real OpenLDAP of the tests: a shared one on 127.0.0.30, and private ones that a test may stop and freeze. */
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DirectoryServer, readSettings, runScript } from './directory-server.ts';

async function describeServer(environment: NodeJS.ProcessEnv = {}): Promise<DirectoryServer> {
  const setting = await readSettings('openldap', environment);
  return {
    url: setting('OL_URL'),
    startTlsUrl: setting('OL_STARTTLS_URL'),
    caFile: setting('OL_CA'),
    baseDn: setting('OL_BASE_DN'),
    bindDn: `cn=svc-ldap,ou=Services,${setting('OL_BASE_DN')}`,
    password: setting('OL_PASSWORD'),
    administrator: setting('OL_ADMIN'),
  };
}

/** Starts the shared server where it does not run, and leaves it running. */
export async function openldap(): Promise<DirectoryServer> {
  await runScript('openldap', ['start']);
  return describeServer();
}

export interface PrivateServer extends DirectoryServer {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops its process without ending it: it accepts connections and never answers. */
  freeze(): void;
  thaw(): void;
  /** Adds that many numbered people u00000, u00001, … and groups, so many of them for each of the people; once. */
  bulk(people: number, groups?: number, each?: number): Promise<void>;
  destroy(): Promise<void>;
}

// A signal reaches the threads of a process one by one, and those not yet reached still answer.
function waitUntilStopped(pid: number): void {
  const tasks = `/proc/${String(pid)}/task`;
  const isStopped = (task: string): boolean => /^State:\tT/m.test(readFileSync(`${tasks}/${task}/status`, 'utf8'));
  const deadline = Date.now() + 10_000;
  while (!readdirSync(tasks).every(isStopped)) {
    if (Date.now() > deadline) throw new Error('the directory server does not stop');
  }
}

/**
 * Starts a server of this process alone. `number` tells several of one process apart; `load` is what it holds in place of
 * directory.json: the whole as LDIF, in a file that is called so.
 */
export async function privateOpenldap(
  number = 0,
  load?: { readonly file: string; readonly suffix: string },
): Promise<PrivateServer> {
  const address = `127.${String(100 + number)}.${String((process.pid >> 8) & 0xff)}.${String(process.pid & 0xff)}`;
  const folder = join(tmpdir(), `passerelle-openldap-${address}`);
  const environment = {
    OL_ADDRESS: address,
    OL_DATA: folder,
    ...(load !== undefined && { OL_LOAD: load.file, OL_SUFFIX: load.suffix }),
  };
  const script = async (...argv: readonly string[]): Promise<void> => {
    await runScript('openldap', argv, environment);
  };
  await script('destroy');
  await script('start');
  let pid = 0;
  const readPid = async (): Promise<void> => {
    pid = Number(await readFile(join(folder, 'slapd.pid'), 'utf8'));
  };
  await readPid();
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    if (pid > 0) {
      process.kill(pid, name);
    }
  };
  return {
    ...(await describeServer(environment)),
    async start() {
      await script('start');
      await readPid();
    },
    async stop() {
      signal('SIGCONT');
      pid = 0;
      await script('stop');
    },
    freeze() {
      signal('SIGSTOP');
      if (pid > 0) waitUntilStopped(pid);
    },
    thaw() {
      signal('SIGCONT');
    },
    async bulk(people, groups = 0, each = 10) {
      await script('bulk', String(people), String(groups), String(each));
      await readPid();
    },
    async destroy() {
      signal('SIGCONT');
      pid = 0;
      await script('destroy');
      await rm(`${folder}.lock`, { force: true });
    },
  };
}

/** Passerelle as a child process, started as an administrator starts it: `start` with a configuration file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { demoServiceProviders } from '../src/demo/parties.ts';

export interface DirectorySettings {
  readonly urls: readonly string[];
  readonly baseDn: string;
  readonly bindDn: string;
  readonly password: string;
  readonly caFile?: string;
  /** Domain of the principal names, which stands for `domain`. */
  readonly domain: string;
}

export interface Server {
  readonly pid: number;
  readonly url: string;
  /** Milliseconds from the start of the process to the first answer of /healthz, and to the first `ok` of /readyz. */
  readonly started: { readonly healthy: number; readonly ready: number };
  stop(): Promise<void>;
}

export const domain = 'example.com';
/** Nobody listens there: what would be posted to it is taken from the page. */
export const serviceProviderUrl = 'http://127.0.0.2:8081';

const host = '127.0.0.1';
const patience = 20_000;
/** It becomes the server: the process stays the same. */
const command = join(import.meta.dirname, '../bin/passerelle');

async function findPort(): Promise<number> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
  return address.port;
}

const statusOf = (url: string): Promise<number> =>
  new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', () => {
      resolve(0);
    });
  });

async function waitForOk(url: string, child: ChildProcess, log: string): Promise<void> {
  const until = performance.now() + patience;
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null || performance.now() > until) {
      throw new Error(`the server did not answer ${url}:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    }
    await wait(4);
  }
}

/** `folder` keeps keys, store and log; `profiling` are further options for Node.js, `further` further settings. */
export async function startServer(
  folder: string,
  directory: DirectorySettings,
  profiling: readonly string[] = [],
  further: object = {},
): Promise<Server> {
  await mkdir(folder, { recursive: true });
  const port = await findPort();
  const { domain: directoryDomain, ...ldap } = directory;
  // JSON is YAML.
  const configuration = {
    publicUrl: `http://localhost:${String(port)}`,
    listen: { host, port },
    directory: ldap,
    mapping: { ...(directoryDomain !== domain && { substitute: { [directoryDomain]: domain } }), domains: { primary: domain } },
    serviceProviders: demoServiceProviders(serviceProviderUrl, domain),
    keys: { folder: join(folder, 'certs') },
    store: { file: join(folder, 'data/bench.sqlite') },
    ...further,
  };
  const file = join(folder, 'passerelle.yaml');
  await writeFile(file, JSON.stringify(configuration), { mode: 0o600 });
  const log = join(folder, 'log');
  const descriptor = openSync(log, 'a', 0o600);
  const began = performance.now();
  const child = spawn(process.execPath, [command, 'start', '--config', file], {
    cwd: folder,
    stdio: ['ignore', descriptor, descriptor],
    env: { ...process.env, NODE_OPTIONS: profiling.join(' ') },
  });
  closeSync(descriptor);
  const url = `http://${host}:${String(port)}`;
  try {
    await waitForOk(`${url}/healthz`, child, log);
    const healthy = performance.now() - began;
    await waitForOk(`${url}/readyz`, child, log);
    const ready = performance.now() - began;
    if (child.pid === undefined) throw new Error('a process that answers has a number');
    return {
      pid: child.pid,
      url,
      started: { healthy, ready },
      async stop() {
        if (child.exitCode !== null) throw new Error(`the server ended by itself:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
        child.kill('SIGTERM');
        await once(child, 'exit');
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Processes that take over a changed configuration as an operator has them do it: by SIGHUP, by the file, by `passerelle reload`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createDemoDirectory } from '../../src/directory/demo-directory.ts';
import { askControl } from '../../src/serve/ask-control.ts';
import { eventually } from '../fixtures/eventually.ts';
import { freePort } from '../fixtures/free-port.ts';
import { acs, entityID } from '../fixtures/house.ts';
import { startNode, type NodeConfig, type NodeProcess } from '../fixtures/node-process.ts';
import { responseOf, statusOf, Visitor } from '../fixtures/visitor.ts';
import { demoLdif } from '../testbed/demo-ldif.ts';

const folder = mkdtempSync(join(tmpdir(), 'passerelle-reload-'));
const file = join(folder, 'passerelle.yaml');
const keys = join(folder, 'certs');
const password = 'Passw0rd!';
const bin = join(import.meta.dirname, '../../bin/passerelle');

let directory: Awaited<ReturnType<typeof createDemoDirectory>>;
let config: NodeConfig;
let node: NodeProcess;
let url = '';

/** Replaced, as editors and deployments do it. */
function write(changes: Partial<NodeConfig>): void {
  writeFileSync(`${file}.new`, JSON.stringify({ ...config, ...changes }, null, 1), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const named = (name: string): Partial<NodeConfig> => ({ branding: { name } });

async function run(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}

const reloads = () => node.events().filter(({ event }) => String(event).startsWith('configuration.'));
const detailOf = (event: Readonly<Record<string, unknown>> | undefined) => event?.detail as Readonly<Record<string, unknown>>;

/** What each of several requests is shown as the name of the house, one by each connection. */
async function shown(): Promise<readonly string[]> {
  const pages = await Promise.all(
    Array.from({ length: 8 }, () => fetch(`${url}/`, { headers: { Connection: 'close' } }).then((page) => page.text())),
  );
  return [...new Set(pages.map((page) => /<title>[^<]*?([^<·]*)<\/title>/.exec(page)?.[1]?.trim() ?? page))];
}

before(async () => {
  const clock = { now: Date.now, until: () => Promise.reject(new Error('nothing here waits')) };
  directory = await createDemoDirectory({ ldif: demoLdif(), host: '127.0.0.1', port: 0, clock });
  const port = await freePort();
  url = `http://localhost:${String(port)}`;
  config = {
    publicUrl: url,
    listen: { host: '127.0.0.1', port },
    workers: 2,
    reload: { watch: false },
    metrics: { port: await freePort() },
    directory: { urls: [directory.url], baseDn: directory.baseDn, bindDn: 'svc-ldap@corp.example.com', password },
    mapping: { substitute: { 'corp.example.com': 'example.com' }, domains: { primary: 'example.com' } },
    serviceProviders: [{ kind: 'google-profile', entityId: entityID, acsUrl: acs, name: 'Google' }],
    throttle: { attemptsPerAddress: 1_000, accountsPerAddress: 1_000, accountsPerPassword: 1_000 },
  };
  node = startNode(folder, config);
  await node.ready();
});
after(async () => {
  node.signal('SIGKILL');
  await node.ended;
  await directory.close();
  rmSync(folder, { recursive: true });
});

describe('two workers', () => {
  it('take over by `passerelle reload` what they can, and say what waits', async () => {
    const visitor = new Visitor(url);
    const page = await visitor.arrive();
    write({ ...named('First'), workers: 3 });
    const { code, out, err } = await run('reload', '--config', file);
    assert.deepEqual([code, err], [0, '']);
    assert.equal(
      out,
      `Process ${String(node.pid)} has taken over:\n  branding.name\nProcess ${String(node.pid)} waits for a restart with:\n  workers: processes are counted at the start\n`,
    );
    assert.deepEqual(await shown(), ['First']);
    assert.equal(node.children().length, 2);
    const { xml } = responseOf(await visitor.fill(page, 'alice', password));
    assert.deepEqual(statusOf(xml), ['Success']);
    await eventually('it is told', () => reloads().length === 1);
    assert.deepEqual(detailOf(reloads()[0]), {
      occasion: 'command',
      changed: ['branding.name'],
      files: [],
      waiting: ['workers'],
    });
  });

  it('say what runs there', async () => {
    const [asked] = await askControl(keys, 'status');
    assert.ok(asked !== undefined && 'answer' in asked);
    const { pid, workers, file: named, waiting, refused, version } = asked.answer;
    assert.deepEqual([pid, named, refused], [node.pid, file, undefined]);
    assert.deepEqual(workers.toSorted(), node.children().toSorted());
    assert.deepEqual(
      waiting.map(({ setting }) => setting),
      ['workers'],
    );
    assert.match(version, /^\d+\.\d+\.\d+/);
  });

  it('go on as they were where the file is wrong, and where it is right and cannot be served', async () => {
    writeFileSync(file, '{ "publicUrl": 7,\n "nonsense": true }');
    const wrong = await run('reload', '--config', file);
    assert.equal(wrong.code, 1);
    assert.match(wrong.err, /^\S*passerelle\.yaml has \d+ mistakes\.\n(.*\n)*\S*passerelle\.yaml:1:\d+: publicUrl /);
    // The command found it; nobody was asked.
    node.signal('SIGHUP');
    await eventually('it is refused', () => reloads().length === 2);
    const refused = reloads()[1];
    assert.deepEqual([refused?.event, refused?.reason], ['configuration.refused', 'configuration-mistakes']);
    assert.match(JSON.stringify(detailOf(refused).mistakes), /passerelle\.yaml:2:\d+: nonsense /);

    write({ listen: { host: '127.0.0.1', port: config.metrics?.port ?? 0 } });
    const taken = await run('reload', '--config', file);
    assert.equal(taken.code, 1);
    assert.match(taken.err, new RegExp(`^Process ${String(node.pid)} goes on as before: .*EADDRINUSE`));
    assert.deepEqual(await shown(), ['First']);
  });

  it('take over by SIGHUP, and who takes the place of one that died has it, too', async () => {
    write(named('Second'));
    node.signal('SIGHUP');
    await eventually('it is taken over', async () => (await shown()).join() === 'Second');
    const [first = 0, second = 0] = node.children();
    // Told to each of them, as a terminal that is closed tells it, it ends nobody.
    process.kill(first, 'SIGHUP');
    process.kill(second, 'SIGKILL');
    await eventually('two again', () => node.children().length === 2 && !node.children().includes(second));
    assert.ok(node.children().includes(first));
    await eventually('it serves', () =>
      node.events().some(({ message }) => message === 'a worker took the place of the one that ended'),
    );
    assert.deepEqual(await shown(), ['Second']);
  });

  it('take over a changed file by themselves where they are to watch it', async () => {
    write({ ...named('Third'), reload: { watch: true } });
    assert.equal((await run('reload', '--config', file)).code, 0);
    const seen = () => reloads().filter((event) => detailOf(event).occasion === 'watch');
    write({ ...named('Fourth'), reload: { watch: true } });
    await eventually('it is taken over', async () => (await shown()).join() === 'Fourth');
    await eventually('it is told', () => seen().length === 1);
    writeFileSync(file, 'nothing');
    await eventually('it is refused', () => seen()[1]?.event === 'configuration.refused');
    assert.deepEqual(await shown(), ['Fourth']);
    await eventually('it is measured', async () =>
      (await (await fetch(`http://127.0.0.1:${String(config.metrics?.port)}/metrics`)).text()).includes(
        'passerelle_config_last_reload_successful 0',
      ),
    );
    write({ ...named('Fifth'), reload: { watch: true } });
    await eventually('it is taken over', async () => (await shown()).join() === 'Fifth');
  });

  it('write down as much as they are told from then on', async () => {
    write({ log: { level: 'error' } });
    assert.equal((await run('reload', '--config', file)).code, 0);
    const sofar = node.events().length;
    responseOf(await new Visitor(url).signIn('bob', password));
    write({});
    assert.equal((await run('reload', '--config', file)).code, 0);
    responseOf(await new Visitor(url).signIn('bob', password));
    await eventually('it is told', () =>
      node
        .events()
        .slice(sofar)
        .some(({ event }) => event === 'signin.issued'),
    );
    assert.equal(
      node
        .events()
        .slice(sofar)
        .filter(({ event }) => event === 'signin.issued').length,
      1,
    );
  });

  it('stop in the middle of one at once, tell nothing of it, and leave no socket behind: then nobody is there to ask', async () => {
    const sofar = reloads().length;
    // A controller that takes connections and says nothing.
    let asked = 0;
    const held = new Set<Socket>();
    const silent = createServer((socket) => {
      asked += 1;
      held.add(socket.on('error', () => undefined).resume());
    }).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    assert.ok(typeof address === 'object' && address !== null);
    write({ directory: { ...config.directory, urls: [`ldap://127.0.0.1:${String(address.port)}`] } });
    node.signal('SIGHUP');
    await eventually('both ask it', () => asked >= 2);
    const begun = Date.now();
    node.signal('SIGTERM');
    assert.equal(await node.ended, 0);
    assert.ok(Date.now() - begun < 4_000, 'nobody waits for a controller that says nothing');
    assert.equal(reloads().length, sofar);
    for (const socket of held) socket.destroy();
    silent.close();
    assert.equal(node.output().errors, '');
    assert.deepEqual(
      readdirSync(keys).filter((name) => name.includes('control')),
      [],
    );
    const { code, err } = await run('reload', '--config', file);
    assert.equal(code, 1);
    assert.match(err, /^The configuration is right, and no Passerelle runs here/);
  });
});

describe('a start', () => {
  it('is not ended by a SIGHUP that comes while everything is loaded still', async () => {
    // Its help is told without the command being run, so that whoever catches the signal has done so before.
    const child = spawn(process.execPath, [bin, 'start', '--help'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'close');
    child.stdout.resume();
    let isSent = false;
    await eventually('SIGHUP is caught', () => {
      // proc(5): a bit for each signal that is caught, SIGHUP the lowest.
      const [, mask = '0'] = /^SigCgt:\s+([0-9a-f]+)$/m.exec(readFileSync(`/proc/${String(child.pid)}/status`, 'utf8')) ?? [];
      if ((BigInt(`0x${mask}`) & 1n) === 1n) isSent = child.kill('SIGHUP');
      return isSent || child.exitCode !== null;
    });
    assert.ok(isSent, 'it came to its end without catching one');
    assert.deepEqual(await ended, [0, null]);
  });
});

/** Sign-ins a second through two workers by those through one, and through two nodes by those through one: side by side, in turn. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../test/fixtures/free-port.ts';
import { haproxyBlock, startHaproxy } from '../test/fixtures/haproxy.ts';
import { postgres } from '../test/testbed/postgres.ts';
import { startChild } from './child.ts';
import type { Load, Loaded } from './load.ts';
import type { Account } from './people.ts';
import { type DirectorySettings, startServer } from './server.ts';
import { median } from './statistics.ts';

/** Medians of the rounds. */
export interface Doubling {
  /** Sign-ins a second. */
  readonly one: number;
  readonly two: number;
  readonly ratio: number;
  /** The part of all processors that was at work, whoever kept them so. */
  readonly busy: { readonly one: number; readonly two: number };
}

export interface NodesFigures {
  /** Processes of one machine, on SQLite. */
  readonly workers: Doubling;
  /** Behind HAProxy, on PostgreSQL; or why they were left out. */
  readonly nodes: Doubling | { readonly reason: string };
}

interface Side {
  readonly url: string;
  readonly pid: number;
  close(): Promise<void>;
}

interface Work {
  readonly accounts: readonly Account[];
  /** Milliseconds. */
  readonly measured: number;
  readonly warmUp: number;
  readonly rounds: number;
}

/** Ticks of all processors since they run: in all, and idle. */
function ticks(): { readonly all: number; readonly idle: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...others] = first.split(/\s+/).slice(1).map(Number);
  const rest = others.slice(0, 3).reduce((sum, one) => sum + one, 0);
  return { all: user + nice + system + idle + waiting + rest, idle: idle + waiting };
}

async function compare(one: Side, two: Side, { accounts, measured, warmUp, rounds }: Work): Promise<Doubling> {
  const bear = async ({ url, pid }: Side, milliseconds: number): Promise<{ perSecond: number; busy: number }> => {
    const load: Load = { deed: 'signIn', url, pid, accounts, warmUp: 0, measured: milliseconds };
    const before = ticks();
    const { perSecond } = await startChild<Loaded>('load.ts', load).answer;
    const after = ticks();
    return { perSecond, busy: 1 - (after.idle - before.idle) / (after.all - before.all) };
  };
  for (const side of [one, two]) await bear(side, warmUp);
  const turns = [];
  for (let round = 0; round < rounds; round += 1) turns.push([await bear(one, measured), await bear(two, measured)] as const);
  const rate = { one: median(turns.map(([first]) => first.perSecond)), two: median(turns.map(([, second]) => second.perSecond)) };
  return {
    ...rate,
    ratio: rate.two / rate.one,
    busy: { one: median(turns.map(([first]) => first.busy)), two: median(turns.map(([, second]) => second.busy)) },
  };
}

async function openWorkers(folder: string, directory: DirectorySettings, workers: number): Promise<Side> {
  const server = await startServer(join(folder, `workers-${String(workers)}`), directory, [], { workers });
  return { url: server.url, pid: server.pid, close: () => server.stop() };
}

/** So many nodes on a database of their own, behind a HAProxy of their own. */
async function openNodes(folder: string, directory: DirectorySettings, count: number): Promise<Side> {
  const own = join(folder, `nodes-${String(count)}`);
  mkdirSync(own, { recursive: true });
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.reverse()) await one();
  };
  try {
    const database = await (await postgres()).database();
    closing.push(() => database.drop());
    const { url, password, caFile } = database;
    const front = await freePort();
    const addresses: string[] = [];
    let pid = 0;
    for (let node = 0; node < count; node += 1) {
      const place = join(own, String(node));
      const server = await startServer(place, directory, [], {
        publicUrl: `http://localhost:${String(front)}`,
        keys: { folder: join(own, 'certs') },
        store: { url, password, caFile, folder: place },
      });
      closing.push(() => server.stop());
      addresses.push(new URL(server.url).host);
      ({ pid } = server);
    }
    const [first = '', second = first] = addresses;
    const configuration = haproxyBlock('docs/operator.md', 'global')
      .replace(/bind :443 .*/, `bind 127.0.0.1:${String(front)}`)
      .replaceAll('10.0.0.11:8080', first)
      .replaceAll('10.0.0.12:8080', second);
    const haproxy = await startHaproxy(own, configuration, front);
    closing.push(() => haproxy.stop());
    return { url: `http://127.0.0.1:${String(front)}`, pid, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function doubling(open: (count: number) => Promise<Side>, work: Work): Promise<Doubling> {
  const sides: Side[] = [];
  try {
    for (const count of [1, 2]) sides.push(await open(count));
    const [one, two] = sides;
    if (one === undefined || two === undefined) throw new Error('both were opened');
    return await compare(one, two, work);
  } finally {
    for (const side of sides) await side.close();
  }
}

/** @param options milliseconds of each round, and how many there are */
export async function measureNodes(
  folder: string,
  directory: DirectorySettings,
  options: Work,
  say: (text: string) => void,
): Promise<NodesFigures> {
  say('two workers, and one');
  const workers = await doubling((count) => openWorkers(folder, directory, count), options);
  if (!existsSync('/usr/sbin/haproxy')) return { workers, nodes: { reason: 'HAProxy is not installed' } };
  try {
    await postgres();
  } catch (error) {
    return { workers, nodes: { reason: error instanceof Error ? error.message.trim() : String(error) } };
  }
  say('two nodes, and one');
  const nodes = await doubling((count) => openNodes(folder, directory, count), options);
  return { workers, nodes };
}

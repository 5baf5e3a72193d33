/** Looks at the machine: its disks, memory and limits, and what it runs us by. */
import { dirname } from 'node:path';
import type { Configuration } from '../config/read-configuration.ts';
import { tell, type Finding, type Probe } from './check.ts';
import { daysUntil } from './judge-certificate.ts';
import type { Machine, Room, World } from './world.ts';

const [megabyte, gigabyte] = [1024 ** 2, 1024 ** 3];
const least = { disk: 100 * megabyte, wantedDisk: gigabyte, memory: 64 * megabyte, wantedMemory: 256 * megabyte };
const files = { least: 512, wanted: 4_096 };
const oldestNode = 24;
const soon = 90;
/** Long-term versions, each with the day on which its maintenance ends (the release schedule of Node.js). */
const longTerm: Readonly<Record<string, string>> = {
  '24': '2028-04-30',
  '26': '2029-04-30',
};

const shown = (bytes: number): string =>
  bytes >= gigabyte ? `${(bytes / gigabyte).toFixed(1)} GB` : `${String(Math.round(bytes / megabyte))} MB`;

export function judgeDisk(what: string, { free, size }: Room): Finding {
  const check = tell('machine.disk', what);
  const words = `${shown(free)} of ${shown(size)} are free`;
  if (free < least.disk) return check.problem(words);
  return free < least.wantedDisk || free < size / 10 ? check.warning(words) : check.ok(words);
}

export function judgeMemory({ free, size }: Room): Finding {
  const check = tell('machine.memory');
  const words = `${shown(free)} of ${shown(size)} are to be had`;
  if (free < least.memory) return check.problem(words);
  return free < least.wantedMemory ? check.warning(words) : check.ok(words);
}

export function judgeFiles(openFiles: number | undefined): Finding {
  const check = tell('machine.files');
  if (openFiles === undefined) return check.skipped('this system does not tell');
  const words = `${Number.isFinite(openFiles) ? String(openFiles) : 'any number of'} files and connections may be open at a time`;
  if (openFiles < files.least) return check.problem(words);
  return openFiles < files.wanted ? check.warning(words) : check.ok(words);
}

/** @param now milliseconds since the epoch */
export function judgeNode(version: string, now: number): Finding {
  const check = tell('machine.node');
  const major = Number(version.split('.', 1)[0]);
  const end = longTerm[String(major)];
  if (major < oldestNode) return check.problem(`Node.js ${version} is older than ${String(oldestNode)}`);
  if (end === undefined)
    return major % 2 === 1
      ? check.warning(`Node.js ${version} is no long-term version, which are maintained for half a year`)
      : check.ok(`Node.js ${version} is newer than what is known here`);
  const days = daysUntil(Date.parse(end), now);
  const words = `Node.js ${version} is maintained until ${end}`;
  if (days < 0) return check.problem(`Node.js ${version} was maintained until ${end}`);
  return days < soon ? check.warning(words) : check.ok(words);
}

export function judgeOpenssl(version: string): Finding {
  const check = tell('machine.openssl');
  const words = `OpenSSL ${version}`;
  return Number(version.split('.', 1)[0]) < 3 ? check.warning(words) : check.ok(words);
}

export function judgeUser(userId: number): Finding {
  const check = tell('machine.user');
  if (userId === 0) return check.warning('this command runs as root; whether Passerelle may use its files cannot be seen so');
  return check.ok(userId < 0 ? 'not as root' : `as the user of number ${String(userId)}, and not as root`);
}

async function lookAtDisks({ store, keys, audit }: Configuration, machine: Machine): Promise<readonly Finding[]> {
  const places = new Map([
    [store.url === undefined ? dirname(store.file) : (store.folder ?? dirname(store.file)), 'store'],
    [keys.folder, 'keys'],
    ...(audit.file === undefined ? [] : [[dirname(audit.file.path), 'audit file'] as const]),
  ]);
  return Promise.all([...places].map(async ([path, what]) => judgeDisk(what, await machine.room(path))));
}

export function machineProbes({ configuration, machine, clock }: World): readonly Probe[] {
  return [
    { ids: ['machine.disk'], run: () => lookAtDisks(configuration, machine) },
    {
      ids: ['machine.memory', 'machine.files', 'machine.node', 'machine.openssl', 'machine.user'],
      run: () =>
        Promise.resolve([
          judgeMemory(machine.memory),
          judgeFiles(machine.openFiles),
          judgeNode(machine.versions.node, clock.now()),
          judgeOpenssl(machine.versions.openssl),
          judgeUser(machine.userId),
        ]),
    },
  ];
}

/** The machine that we run on, as the doctor needs it. */
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem, totalmem, userInfo } from 'node:os';
import { dirname } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { Random } from '../clock.ts';
import { createServiceRecords } from '../directory/discover/service-records.ts';
import type { Machine, Room } from './world.ts';

const dnsTimeout = 2_000;
const timeConfigurations = [
  '/etc/chrony/chrony.conf',
  '/etc/chrony.conf',
  '/etc/ntp.conf',
  '/etc/ntpsec/ntp.conf',
  '/etc/systemd/timesyncd.conf',
];
const hostForm = /^[A-Za-z0-9.:-]{1,253}$/;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Of chrony and ntpd `server NAME …` and `pool NAME …`; of systemd-timesyncd `NTP=NAME NAME` and its fallback. */
export function timeServersIn(text: string): readonly string[] {
  const found = text.split('\n').flatMap((line) => {
    const [, named] = /^\s*(?:server|pool|peer)\s+(\S+)/.exec(line) ?? [];
    const [, listed = ''] = /^\s*(?:Fallback)?NTP\s*=\s*(.*)$/.exec(line) ?? [];
    return [...(named === undefined ? [] : [named]), ...listed.split(/\s+/)];
  });
  return [...new Set(found.filter((name) => hostForm.test(name)))];
}

/** The first that names any is the one in use, as a rule. */
function timeServers(): readonly string[] {
  for (const file of timeConfigurations) {
    const found = timeServersIn(textOf(file));
    if (found.length > 0) return found;
  }
  return [];
}

async function roomAt(path: string): Promise<Room> {
  for (let at = path; ; at = dirname(at)) {
    try {
      const { bavail, blocks, bsize } = await statfs(at);
      return { free: bavail * bsize, size: blocks * bsize };
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
      if (!isMissing || dirname(at) === at) throw error;
    }
  }
}

/** Within the limit of the container, where there is one (cgroup v2). */
function memory(): Room {
  const limit = Number(textOf('/sys/fs/cgroup/memory.max'));
  const used = Number(textOf('/sys/fs/cgroup/memory.current'));
  // What can be had without taking it from anybody, which is more than what is free.
  const [, available] = /^MemAvailable:\s+(\d+) kB/m.exec(textOf('/proc/meminfo')) ?? [];
  const free = available === undefined ? freemem() : Number(available) * 1_024;
  const size = totalmem();
  return limit > 0 && limit < size ? { free: Math.min(free, limit - used), size: limit } : { free, size };
}

function openFiles(): number | undefined {
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(textOf('/proc/self/limits')) ?? [];
  return soft === undefined ? undefined : soft === 'unlimited' ? Infinity : Number(soft);
}

/** @param parts.versions of Node.js and its libraries */
export function thisMachine({ versions, random }: { readonly versions: Machine['versions']; readonly random: Random }): Machine {
  return {
    lookup: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    records: createServiceRecords({ server: undefined, timeout: dnsTimeout, random }),
    room: roomAt,
    memory: memory(),
    openFiles: openFiles(),
    userId: userInfo().uid,
    versions: { node: versions.node, openssl: versions.openssl },
    timeServers: timeServers(),
    authorities: [...new Set([...getCACertificates('default'), ...getCACertificates('system')])],
  };
}

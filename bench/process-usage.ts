/** What a process has used so far, read from /proc so that it notices nothing. */
import { readdirSync, readFileSync } from 'node:fs';

/** Nanoseconds that a task was on a processor; 0 where it has just ended. */
function onProcessor(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ', 1)[0]);
  } catch {
    return 0;
  }
}

/**
 * Milliseconds of CPU, user and system, of all threads. Unlike /proc/PID/stat, which counts ticks of 10 ms, the scheduler counts
 * nanoseconds; threads that ended are missing, which those of a server do not.
 */
export function cpuOf(pid: number): number {
  const tasks = `/proc/${String(pid)}/task`;
  return readdirSync(tasks).reduce((sum, task) => sum + onProcessor(`${tasks}/${task}/schedstat`), 0) / 1e6;
}

/** Megabytes (10^6 bytes) that were resident at most. */
export function peakMemoryOf(pid: number): number {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  if (found === null) throw new Error('/proc tells no VmHWM');
  return (Number(found[1]) * 1024) / 1e6;
}

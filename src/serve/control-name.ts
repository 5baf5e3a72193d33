/** What the control sockets in a folder of keys are called: after the process, the machine and its start. */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Where a socket was made. Containers of one machine share its start and differ in their names. */
interface Origin {
  readonly boot: string;
  readonly host: string;
}

export interface ControlName extends Origin {
  readonly pid: number;
}

const pattern = /^control-(\d{1,10})\.([0-9a-f]{8})\.([0-9a-f]{8})\.sock$/;
const short = (text: string): string => hash('sha256', text).slice(0, 8);

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    // Elsewhere than on Linux names of machines alone tell them apart.
    return '';
  }
}

export const thisOrigin = (): Origin => ({ boot: short(bootId()), host: short(hostname()) });

export const nameOf = ({ pid, boot, host }: ControlName): string => `control-${String(pid)}.${boot}.${host}.sock`;

/** Undefined where it is not the name of one. */
export function readName(name: string): ControlName | undefined {
  const [, pid, boot, host] = pattern.exec(name) ?? [];
  return pid === undefined || boot === undefined || host === undefined ? undefined : { pid: Number(pid), boot, host };
}

/** Whether nobody will answer there any more, since nobody does now: elsewhere the same folder may be shared, with sockets that work there. */
export const isDead = (name: Origin, here: Origin): boolean => name.boot === here.boot || name.host === here.host;

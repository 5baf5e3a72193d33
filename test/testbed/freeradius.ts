/** A FreeRADIUS of one test file alone. */
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScript } from './directory-server.ts';

export interface Freeradius {
  readonly host: string;
  readonly port: number;
  /** There it answers without a Message-Authenticator. */
  readonly barePort: number;
  readonly secret: string;
  /** What it was asked, an attribute a line. */
  requests(): Promise<string>;
  start(): Promise<void>;
  stop(): Promise<void>;
  destroy(): Promise<void>;
}

/** Starts it. `number` tells several of one process apart. */
export async function freeradius(number = 0): Promise<Freeradius> {
  const host = `127.${String(170 + number)}.${String((process.pid >> 8) & 0xff)}.${String(process.pid & 0xff)}`;
  const folder = join(tmpdir(), `passerelle-freeradius-${host}`);
  const [port, barePort, secret] = [1812, 1912, 'Shared-Secret-0123456789'];
  const environment = {
    FR_ADDRESS: host,
    FR_DATA: folder,
    FR_PORTS: `${String(port)} ${String(barePort)}`,
    FR_SECRET: secret,
    FR_OWNER: String(process.pid),
  };
  const script = async (verb: string): Promise<void> => {
    await runScript('freeradius', [verb], environment);
  };
  await script('destroy');
  await script('start');
  return {
    host,
    port,
    barePort,
    secret,
    requests: () => readFile(join(folder, 'requests'), 'utf8'),
    start: () => script('start'),
    stop: () => script('stop'),
    destroy: () => script('destroy'),
  };
}

/** What `passerelle advise` costs among very many people: seconds and memory of the command, the reading of the directory included. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { plantedDomains } from '../test/fixtures/planted-directory-people.ts';
import { plantedServer, type PlantedServer } from '../test/fixtures/planted-server.ts';
import { peakMemoryOf } from './process-usage.ts';
import type { Size } from './scale.ts';

interface AdviseRun {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** Megabytes that were resident at most. */
  readonly peakMemory: number;
}

export interface AdviseFigures {
  readonly size: Size;
  /** The whole report. */
  readonly report: AdviseRun & { readonly megabytes: number };
  /** `--check`, which reads people alone. */
  readonly check: AdviseRun;
}

const command = join(import.meta.dirname, '../bin/passerelle');
/** Milliseconds between looks at its memory, whose highest the kernel remembers. */
const interval = 10;
const memberships = 10;

/** @throws Error where it ends with another code */
async function run(folder: string, args: readonly string[], code: number): Promise<AdviseRun> {
  const began = performance.now();
  const child = spawn(process.execPath, [command, 'advise', '--config', join(folder, 'passerelle.yaml'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'close');
  let peakMemory = 0;
  while (child.exitCode === null && child.pid !== undefined) {
    try {
      peakMemory = Math.max(peakMemory, peakMemoryOf(child.pid));
    } catch {
      // It has just ended.
    }
    await wait(interval);
  }
  await ended;
  if (child.exitCode !== code) throw new Error(`advise ended with ${String(child.exitCode)}: ${told.slice(-2_000)}`);
  return { seconds: (performance.now() - began) / 1_000, peakMemory };
}

/** Says what is counted: a report in which everybody is. */
async function verify(folder: string, { planted }: PlantedServer): Promise<void> {
  const { mapping } = JSON.parse(await readFile(join(folder, 'advice.json'), 'utf8')) as {
    readonly mapping: { readonly accounts: object };
  };
  const [told, known] = [mapping.accounts, planted.accounts].map((accounts) => JSON.stringify(Object.entries(accounts).sort()));
  if (told !== known) throw new Error(`the report has ${told ?? ''}, and planted were ${known ?? ''}`);
}

/** Gives the reason where slapd cannot be started here. */
export async function measureAdvise(folder: string, size: Size): Promise<AdviseFigures | { readonly reason: string }> {
  let server;
  try {
    server = await plantedServer({ ...size, memberships, crowded: 3_500, seed: 1 });
  } catch (error) {
    return { reason: error instanceof Error ? error.message.trim() : String(error) };
  }
  try {
    const { url, caFile, baseDn, bindDn, password } = server;
    const { primary, secondary, alias, inner } = plantedDomains;
    const report = join(folder, 'report');
    await mkdir(report, { recursive: true });
    const configuration = {
      publicUrl: 'http://localhost:8080',
      directory: { urls: [url], caFile, baseDn, bindDn, password },
      mapping: {
        domains: { primary, secondary: [secondary], aliases: { [alias]: primary } },
        substitute: { [inner]: primary },
      },
      serviceProviders: [],
      keys: { folder: join(folder, 'certs') },
      store: { file: join(folder, 'data/bench.sqlite') },
    };
    // JSON is YAML.
    await writeFile(join(folder, 'passerelle.yaml'), JSON.stringify(configuration), { mode: 0o600 });
    const whole = await run(folder, ['--into', report, '--no-dns'], 0);
    await verify(report, server);
    const check = await run(folder, ['--check', '--json'], 1);
    const megabytes = (await stat(join(report, 'advice.json'))).size / 1e6;
    return { size, report: { ...whole, megabytes }, check };
  } finally {
    await server.destroy();
  }
}

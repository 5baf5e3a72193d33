/** The real PostgreSQL of the tests: a shared one on 127.0.0.31, and private ones that a test may stop, kill and freeze. */
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, runScript } from './directory-server.ts';

/** A database of its own, with a role that owns it and is nothing beyond. */
export interface TestDatabase {
  /** With the role, without its password: `postgres://ROLE@ADDRESS:PORT/NAME`. */
  readonly url: string;
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** PEM of the authority behind the certificate of the server. */
  readonly caFile: string;
  /** Runs it as the superuser, in that database; answers what came, unaligned. */
  sql(statement: string): Promise<string>;
  drop(): Promise<void>;
}

export interface PostgresServer {
  readonly address: string;
  readonly port: number;
  readonly caFile: string;
  /** The other name that its certificate is for. */
  readonly name: string;
  /** The folder of its socket. */
  readonly socket: string;
  database(): Promise<TestDatabase>;
}

async function describeServer(environment: NodeJS.ProcessEnv = {}): Promise<PostgresServer & { readonly pidFile: string }> {
  const setting = await readSettings('postgres', environment);
  const [address, port, caFile] = [setting('PG_ADDRESS'), Number(setting('PG_PORT')), setting('PG_CA')];
  const sql = async (database: string, statement: string): Promise<string> =>
    (await runScript('postgres', ['sql', database, statement], environment)).trim();
  return {
    address,
    port,
    caFile,
    name: setting('PG_NAME'),
    socket: setting('PG_SOCKET'),
    pidFile: setting('PG_PID_FILE'),
    async database() {
      const [name, password] = [`t_${randomBytes(6).toString('hex')}`, randomBytes(12).toString('hex')];
      await sql('postgres', `create role ${name} login password '${password}'`);
      await sql('postgres', `create database ${name} owner ${name}`);
      return {
        url: `postgres://${name}@${address}:${String(port)}/${name}`,
        ...{ name, role: name, password, caFile },
        sql: (statement) => sql(name, statement),
        async drop() {
          await sql('postgres', `drop database ${name} with (force)`);
          await sql('postgres', `drop role ${name}`);
        },
      };
    },
  };
}

/** Starts the shared server where it does not run, and leaves it running. */
export async function postgres(): Promise<PostgresServer> {
  await runScript('postgres', ['start']);
  return describeServer();
}

export interface PrivatePostgres extends PostgresServer {
  start(): Promise<void>;
  /** `immediate` is as a crash: nothing is finished. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
  /** Sets settings, each `name=value` (`name=` sets it back), and has them read. */
  reload(...settings: readonly string[]): Promise<void>;
  /** Kills all its processes at once. */
  kill(): void;
  /** Stops its processes without ending them: the kernel accepts connections, and nobody answers. */
  freeze(): void;
  thaw(): void;
  destroy(): Promise<void>;
}

/** The server process and, after it, all that it forked. */
function processesOf(pidFile: string): readonly number[] {
  const first = Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]);
  const parentOf = (pid: string): number => {
    try {
      return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    } catch {
      return 0;
    }
  };
  return [first, ...readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) && parentOf(pid) === first ? [Number(pid)] : []))];
}

/** Signals all of them until each is in such a state, or gone: a signal takes effect after a moment, and some may be born meanwhile. */
function signalAll(processes: () => readonly number[], signal: NodeJS.Signals, state: RegExp): void {
  const isDone = (pid: number): boolean => {
    try {
      return state.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
    } catch {
      return true;
    }
  };
  const deadline = Date.now() + 10_000;
  for (let left = processes(); left.length > 0; left = processes().filter((pid) => !isDone(pid))) {
    if (Date.now() > deadline) throw new Error(`the processes of PostgreSQL do not heed ${signal}`);
    for (const pid of left) {
      try {
        process.kill(pid, signal);
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
      }
    }
  }
}

/** Starts a server of this process alone. `number` tells several of one process apart. */
export async function privatePostgres(
  number = 0,
  { fsync = false }: { readonly fsync?: boolean } = {},
): Promise<PrivatePostgres> {
  const address = `127.${String(100 + number)}.${String((process.pid >> 8) & 0xff)}.${String(process.pid & 0xff)}`;
  const folder = join(tmpdir(), `passerelle-postgres-${address}`);
  const environment = { PG_ADDRESS: address, PG_DATA: folder, PG_FSYNC: fsync ? 'on' : 'off' };
  const script = async (...argv: readonly string[]): Promise<void> => {
    await runScript('postgres', argv, environment);
  };
  await script('destroy');
  await script('start');
  const server = await describeServer(environment);
  const all = (): readonly number[] => processesOf(server.pidFile);
  return {
    ...server,
    start: () => script('start'),
    stop: (mode = 'fast') => script('stop', mode),
    reload: (...settings) => script('reload', ...settings),
    kill() {
      const processes = all();
      signalAll(() => processes, 'SIGKILL', /^State:\tZ/m);
      // Nobody may have taken notice of its end, and then it would pass for one that runs.
      for (const left of [server.pidFile, join(folder, `.s.PGSQL.${String(server.port)}.lock`)]) rmSync(left);
    },
    freeze() {
      // Of those that died while the first one was stopped, nobody takes notice.
      signalAll(all, 'SIGSTOP', /^State:\t[TZ]/m);
    },
    thaw() {
      signalAll(all, 'SIGCONT', /^State:\t[^T]/m);
    },
    async destroy() {
      if (existsSync(server.pidFile)) signalAll(all, 'SIGCONT', /^State:\t[^T]/m);
      await script('destroy');
      await rm(`${folder}.lock`, { force: true });
    },
  };
}

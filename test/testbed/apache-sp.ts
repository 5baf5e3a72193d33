/** A service provider in Apache that others wrote, of one test file alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { readSettings, runScript } from './directory-server.ts';

export type Kind = 'mellon' | 'shibboleth';

export interface ApacheServiceProvider {
  /** http://ADDRESS:PORT */
  readonly site: string;
  /** Fetches the identity provider's metadata anew and restarts. */
  readonly refresh: () => Promise<void>;
  /** Makes a new key, publishes and uses it; sessions are lost. */
  readonly rekey: () => Promise<void>;
  /** The last troubles that it logged: why it refused. */
  readonly log: () => string;
  readonly destroy: () => Promise<void>;
}

/** Addresses differ by process, so that several runs do not meet. */
const addressOf = (kind: Kind): string =>
  `127.${kind === 'mellon' ? '140' : '150'}.${String((process.pid >> 8) & 0xff)}.${String(process.pid & 0xff)}`;

/** Starts it. `metadata` is the URL of the identity provider's metadata, which need not answer yet. */
export async function apacheServiceProvider(kind: Kind, metadata: string): Promise<ApacheServiceProvider> {
  const address = addressOf(kind);
  const folder = join(tmpdir(), `passerelle-sp-${address}`);
  const environment = { SP_ADDRESS: address, SP_DATA: folder, SP_IDP: metadata, SP_OWNER: String(process.pid) };
  const script = (verb: string): Promise<string> => runScript('apache-sp', [verb, kind], environment);
  await script('destroy');
  await script('start');
  const setting = await readSettings('apache-sp', environment, [kind]);
  return {
    site: setting('SP_SITE'),
    async refresh() {
      await script('refresh');
    },
    async rekey() {
      await script('rekey');
    },
    log() {
      const lines = readdirSync(join(folder, 'log')).flatMap((file) =>
        readFileSync(join(folder, 'log', file), 'utf8').split('\n'),
      );
      return lines
        .filter((line) => /error|warn|crit|fail/i.test(line))
        .slice(-20)
        .join('\n');
    },
    async destroy() {
      await script('destroy');
    },
  };
}

/** Versions of the Debian packages that it is made of, by their names. */
export async function packageVersions(kind: Kind): Promise<ReadonlyMap<string, string>> {
  const lines = (await runScript('apache-sp', ['packages', kind])).trim().split('\n');
  return new Map(lines.map((line) => line.split(' ', 2) as [string, string]));
}

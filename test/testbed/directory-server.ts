/** A directory server of the test bed, as tests see it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface DirectoryServer {
  /** ldaps:// */
  readonly url: string;
  /** ldap://, for StartTLS. */
  readonly startTlsUrl: string;
  /** PEM of the authority behind its certificate. */
  readonly caFile: string;
  readonly baseDn: string;
  /** The account that reads. */
  readonly bindDn: string;
  /** Of the reading account, of everybody in directory.json, and of the administrator. */
  readonly password: string;
  /** The account that may change everything: a DN or UPN. */
  readonly administrator: string;
}

/** Runs a script of the test bed; answers what it printed. */
export function runScript(name: string, argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(import.meta.dirname, name), argv, {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let trouble = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) {
        resolve(output);
      } else {
        reject(new Error(`${name} ${argv.join(' ')} ended with ${String(code)}:\n${trouble}${output}`));
      }
    });
  });
}

/** Changes entries as the administrator, by LDIF change records. */
export function modify(server: DirectoryServer, ldif: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('ldapmodify', ['-x', '-H', server.url, '-D', server.administrator, '-w', server.password], {
      env: { ...process.env, LDAPTLS_CACERT: server.caFile },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let trouble = '';
    child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) {
        resolve();
      } else {
        reject(new Error(`ldapmodify ended with ${String(code)}: ${trouble}`));
      }
    });
    child.stdin.end(ldif);
  });
}

/** What `env` of a script prints, as an object. */
export async function readSettings(
  name: string,
  environment: NodeJS.ProcessEnv = {},
  argv: readonly string[] = [],
): Promise<(key: string) => string> {
  const lines = (await runScript(name, ['env', ...argv], environment)).split('\n');
  const settings = new Map(lines.map((line) => [line.replace(/=.*/s, ''), line.replace(/^[^=]*=/, '').replaceAll('\\', '')]));
  return (key) => {
    const value = settings.get(key);
    if (value === undefined) {
      throw new Error(`${name} env prints no ${key}`);
    }
    return value;
  };
}

/** People of the test bed's Active Directory with tickets of its KDC, as computers of the domain have them. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { modify, readSettings, runScript, type DirectoryServer } from './directory-server.ts';

const run = promisify(execFile);

/** Somebody who is signed in at a computer: their tickets, in a cache of their own. */
export interface Desk {
  /** For programs that are to use the tickets. */
  readonly environment: NodeJS.ProcessEnv;
  /** Signs somebody in; `options` are kinit's. */
  readonly kinit: (principal: string, options?: readonly string[]) => Promise<void>;
  /** A token for a service such as HTTP@idp.example.com, bound to a TLS connection where its certificate (PEM file) is given. */
  readonly token: (service: string, certificate?: string) => Promise<string>;
  readonly leave: () => void;
}

export interface Kdc {
  readonly realm: string;
  /** The keytab file of that name, of those that services.json declares. */
  readonly keytab: (name: string) => string;
  readonly sitDown: () => Desk;
  /** Writes the keys of a principal into a keytab, in place of what was there. */
  readonly exportKeytab: (principal: string, file: string) => Promise<void>;
  /** samba-tool. */
  readonly tool: (...argv: readonly string[]) => Promise<string>;
  /** Makes a service account with that service principal (without realm) and msDS-SupportedEncryptionTypes; answers its name. */
  readonly makeService: (principal: string, encryptionTypes: number) => Promise<string>;
}

const password = 'Passw0rd!';

/** Where a KDC is, of those of other realms. */
interface OtherKdc {
  readonly address: string;
  readonly domain: string;
}

/**
 * A domain controller that runs: that of `samba-ad`, or one of `samba-forests`.
 * @param others whose people come with tickets of their own realms
 */
export async function kdc(server: DirectoryServer, controller?: 'n1', others: readonly OtherKdc[] = []): Promise<Kdc> {
  const [script, prefix, before] =
    controller === undefined ? ['samba-ad', '', []] : ['samba-forests', `${controller.toUpperCase()}_`, [controller]];
  const settings = await readSettings(script);
  const setting = (name: string): string => settings(prefix + name);
  const tool = (...argv: readonly string[]): Promise<string> => runScript(script, ['tool', ...before, ...argv]);
  const realms = others
    .map(({ address, domain }) => `    ${domain.toUpperCase()} = {\n        kdc = ${address}\n    }\n`)
    .join('');
  const hosts = others.map(({ domain }) => `    .${domain} = ${domain.toUpperCase()}\n`).join('');
  return {
    realm: setting('AD_REALM'),
    keytab: (name) => join(setting('AD_KEYTABS'), name),
    tool,
    async exportKeytab(principal, file) {
      const made = `${file}.new`;
      await tool('domain', 'exportkeytab', made, `--principal=${principal}`);
      // In one step, as nobody must find half a file.
      writeFileSync(file, readFileSync(made), { mode: 0o600 });
      rmSync(made);
    },
    async makeService(principal, encryptionTypes) {
      const name = `svc-${randomBytes(4).toString('hex')}`;
      await tool('user', 'create', name, password, '--userou=OU=Services');
      const dn = `CN=${name},OU=Services,${server.baseDn}`;
      await modify(
        server,
        `dn: ${dn}\nchangetype: modify\nreplace: msDS-SupportedEncryptionTypes\nmsDS-SupportedEncryptionTypes: ${String(encryptionTypes)}\n`,
      );
      await tool('spn', 'add', principal, name);
      return name;
    },
    sitDown() {
      const folder = mkdtempSync(join(tmpdir(), 'passerelle-desk-'));
      const config = join(folder, 'krb5.conf');
      // Clients may no longer use RC4 unless told to; here it is the server that is to refuse it.
      const ours = readFileSync(setting('KRB5_CONFIG'), 'utf8');
      writeFileSync(
        config,
        ours
          .replace('[libdefaults]\n', '[libdefaults]\n    allow_weak_crypto = true\n    allow_rc4 = true\n')
          .replace('[realms]\n', `[realms]\n${realms}`)
          .replace('[domain_realm]\n', `[domain_realm]\n${hosts}`),
      );
      const environment = { ...process.env, KRB5_CONFIG: config, KRB5CCNAME: `FILE:${join(folder, 'tickets')}` };
      return {
        environment,
        kinit: (principal, options = []) =>
          new Promise((resolve, reject) => {
            const child = spawn('kinit', [...options, principal], { env: environment, stdio: ['pipe', 'ignore', 'pipe'] });
            let trouble = '';
            child.stderr.on('data', (chunk: Buffer) => (trouble += chunk.toString()));
            child.on('error', reject);
            child.on('exit', (code) => {
              if (code === 0 && existsSync(join(folder, 'tickets'))) resolve();
              else reject(new Error(`kinit ${principal}: ${trouble}`));
            });
            child.stdin.end(`${password}\n`);
          }),
        async token(service, certificate) {
          const argv = [service, ...(certificate === undefined ? [] : [certificate])];
          const { stdout } = await run(join(import.meta.dirname, 'gss-token'), argv, { env: environment });
          return stdout.trim();
        },
        leave: () => {
          rmSync(folder, { recursive: true });
        },
      };
    },
  };
}

/** `passerelle directory discover`: finds the controllers of a domain and prints the configuration for them. */
import { lookup } from 'node:dns/promises';
import { resolve } from 'node:path';
import { readBounded } from '../config/read-bounded.ts';
import { discover, type Discovery } from '../directory/discover/discover.ts';
import { NoRecords, createServiceRecords } from '../directory/discover/service-records.ts';
import { parseArguments, UsageMistake, type Command, type Io } from './command.ts';
import { describeDiscovery, sectionOf } from './discovery-report.ts';
import { plain, plainJson } from './plain.ts';
import { readDnsServer } from './read-dns-server.ts';
import { unlessStopped } from './unless-stopped.ts';

const timeout = 3_000;
const mostBytes = 1_048_576;
const domainForm = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const siteForm = /^[a-z0-9_][a-z0-9_-]{0,62}$/i;

async function readText(file: string, io: Io): Promise<string> {
  const reading = await readBounded(resolve(io.workingDirectory, file), mostBytes);
  if ('trouble' in reading) throw new UsageMistake(`${file} ${reading.trouble}.`);
  return reading.bytes.toString();
}

async function readAccount(
  bindDn: string | undefined,
  passwordFile: string | undefined,
  io: Io,
): Promise<{ bindDn: string; password: string } | undefined> {
  if (bindDn === undefined && passwordFile === undefined) return undefined;
  if (bindDn === undefined || passwordFile === undefined) throw new UsageMistake('--bind-dn and --password-file go together.');
  const password = (await readText(passwordFile, io)).replace(/\r?\n$/, '');
  // RFC 4513 §5.1.2: without a password the server would let us in as nobody.
  if (password === '' || bindDn === '') throw new UsageMistake('The service account needs a name and a password.');
  return { bindDn, password };
}

async function resolves(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch {
    return false;
  }
}

const silent = (found: Discovery): boolean =>
  found.domains.every(({ controllers }) => controllers.every(({ root }) => root === undefined));

export const command: Command = {
  name: 'directory discover',
  summary: 'find the domain controllers of a domain',
  usage: `Usage: passerelle directory discover DOMAIN [--dns-server ADDRESS] [--site NAME] [--ca-file FILE]
                                     [--bind-dn NAME --password-file FILE] [--json]

  --dns-server ADDRESS   ask this name server, best a domain controller, instead of this machine's
  --site NAME            the Active Directory site that Passerelle stands in
  --ca-file FILE         the authority (PEM) that vouches for the controllers, where it is one of your own
  --bind-dn NAME         a service account that may read UPN suffixes and names: its DN or UPN
  --password-file FILE   a file that holds its password
  --json                 everything that was found, as JSON

Asks DNS for the domain's controllers, asks each of them what it is, and prints the directory's section of the configuration.
Changes nothing. A password is sent only to a controller whose certificate is trusted. Exits with 1 where nothing was found.

Example: passerelle directory discover corp.example.com --dns-server 10.0.0.10 --ca-file corp-ca.pem`,
  async run(args, io) {
    const { values, positionals } = parseArguments(
      args,
      {
        'dns-server': { type: 'string' },
        site: { type: 'string' },
        'ca-file': { type: 'string' },
        'bind-dn': { type: 'string' },
        'password-file': { type: 'string' },
        json: { type: 'boolean' },
      },
      ['DOMAIN'],
    );
    const domain = (positionals[0] ?? '').toLowerCase().replace(/\.$/, '');
    if (!domainForm.test(domain) || domain.length > 200) throw new UsageMistake(`${plain(domain)} is no DNS name of a domain.`);
    const { site, 'ca-file': caFile, 'bind-dn': bindDn, 'password-file': passwordFile } = values;
    if (site !== undefined && !siteForm.test(site)) throw new UsageMistake(`${plain(site)} is no name of a site.`);
    const server = readDnsServer(values['dns-server']);
    const ca = caFile === undefined ? undefined : await readText(caFile, io);
    if (ca?.includes('-----BEGIN CERTIFICATE-----') === false)
      throw new UsageMistake(`${caFile ?? ''} holds no certificate (PEM).`);
    const account = await readAccount(bindDn, passwordFile, io);

    let found: Discovery;
    try {
      const records = createServiceRecords({ server, timeout, random: io.random });
      io.doing(`asking for the controllers of ${domain}, and each of them`);
      found = await unlessStopped(
        io.signal,
        discover({ domain, site, records, resolves, ca, account, timeout, now: io.clock.now() }),
      );
    } catch (error) {
      if (!(error instanceof NoRecords)) throw error;
      const next =
        error.kind === 'nothing'
          ? 'Is that the DNS name of an Active Directory domain? A name server that knows it is asked with --dns-server.'
          : 'Give the address of a domain controller, which usually is a name server too: --dns-server ADDRESS.';
      io.stderr(`No domain controllers of ${domain} were found: ${plain(error.message)}.\n${next}\n`);
      return 1;
    }

    const section = sectionOf(found, { caFile, bindDn, site });
    if (values.json === true) {
      const names = found.names && {
        suffixes: [...found.names.suffixes],
        netbiosNames: Object.fromEntries(found.names.dnsDomainByNetbios),
      };
      io.stdout(`${plainJson({ ...found, names: names ?? null, configuration: section ?? null })}\n`);
    } else {
      io.stdout(describeDiscovery(found, caFile));
      if (section !== undefined) io.stdout(`\nFor the configuration:\n\n${section}`);
    }
    if (silent(found)) {
      io.stderr('None of these controllers answers. Look for a firewall between this machine and ports 389 and 636 of them.\n');
      return 1;
    }
    if (section === undefined) {
      io.stderr('None of these controllers answers by TLS, without which no password is sent: give them certificates.\n');
      return 1;
    }
    return 0;
  },
};

/** The rules about Kerberos: networks, and a keytab with a strong key for each principal. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { textAt, textsAt, type Findings } from './findings.ts';
import { principalPattern } from './kerberos-schema.ts';
import { isStrong, largestKeytab, readKeytab, usableKeys } from './keytab.ts';
import { parseNetwork } from './network-list.ts';
import type { ReadFile } from './read-bounded.ts';
import type { Settings } from './settings.ts';

const section = 'kerberos';
const mostPem = 1_048_576;

export function verifyKerberos(settings: Settings, findings: Findings): void {
  for (const { text, path } of textsAt(settings, [section, 'networks'])) {
    const network = parseNetwork(text);
    if (network === undefined) {
      findings.mistake(path, 'must be an IP address or a network in CIDR form', 'Such as 10.0.0.0/8 or fd00::/8.');
    } else if (network.bits === 0) {
      findings.warning(
        path,
        'asks every browser for a ticket',
        'Browsers outside the domain may then show a box for a password. Name the networks of computers that are in it.',
      );
    }
  }
  const channelBinding = textAt(settings, [section, 'channelBinding']);
  const hasCertificate = settings.has(['tls']) || textsAt(settings, [section, 'certFiles']).length > 0;
  if (channelBinding === 'required' && !hasCertificate) {
    findings.mistake(
      [section, 'channelBinding'],
      'is required, and there is no certificate to bind to',
      'Give tls, or name in kerberos.certFiles the certificate that browsers see.',
    );
  }
}

/** The files that the section names. */
export async function verifyKerberosFiles(parts: {
  readonly settings: Settings;
  readonly findings: Findings;
  readonly folder: string;
  readonly readFile: ReadFile;
}): Promise<void> {
  const { settings, findings, folder, readFile } = parts;
  for (const { text, path } of textsAt(settings, [section, 'certFiles'])) {
    const reading = await readFile(resolve(folder, text), mostPem);
    if ('trouble' in reading)
      findings.mistake(path, `names a file that ${reading.trouble}`, 'It must hold a certificate as PEM.');
    else if (!isCertificate(reading.bytes))
      findings.mistake(path, 'names a file without a certificate', 'It must hold a certificate as PEM.');
  }
  const path = [section, 'keytab'];
  const name = textAt(settings, path);
  if (name === undefined || name === '') return;
  const reading = await readFile(resolve(folder, name), largestKeytab);
  if ('trouble' in reading) {
    findings.mistake(path, `names a file that ${reading.trouble}`, 'ktpass or samba-tool domain exportkeytab writes it.');
    return;
  }
  if ((reading.mode & 0o077) !== 0) {
    findings.warning(
      path,
      'names a file that others than its owner may read',
      'Whoever reads it signs in as anybody: chmod 600, and let its owner be the user that Passerelle runs as.',
    );
  }
  const entries = readKeytab(reading.bytes);
  if (entries === undefined) {
    findings.mistake(path, 'names a file that is no keytab', 'ktpass or samba-tool domain exportkeytab writes it.');
    return;
  }
  for (const { text: principal, path: at } of textsAt(settings, [section, 'principals'])) {
    if (!principalPattern.test(principal) || usableKeys(entries, [principal]).length > 0) continue;
    const held = entries.filter((entry) => entry.principal.toLowerCase() === principal.toLowerCase());
    const weak = held.some(({ enctype }) => !isStrong(enctype));
    findings.mistake(
      at,
      weak ? 'has only weak keys (RC4 or DES) in the keytab' : 'has no AES key in the keytab',
      weak
        ? 'Let the service account support AES alone (msDS-SupportedEncryptionTypes 24), set its password anew, export the keytab again.'
        : `It holds keys of ${[...new Set(entries.map((entry) => entry.principal))].slice(0, 5).join(', ') || 'nobody'}.`,
    );
  }
}

function isCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0;
  } catch {
    return false;
  }
}

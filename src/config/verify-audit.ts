/** The rules about the audit trail: a file that can be written, a syslog server that can be named and trusted. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { textAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import { readCertificates, resolved, type Named } from './named-file.ts';
import type { Settings } from './settings.ts';

const syslogUrl = ['audit', 'syslog', 'url'];

export function verifyAudit(settings: Settings, findings: Findings): void {
  const text = textAt(settings, syslogUrl);
  if (text === undefined || !/^(tcp|tls):\/\//.test(text)) return;
  const url = URL.parse(text);
  if (url === null || url.hostname === '' || url.username !== '' || url.password !== '') {
    findings.mistake(syslogUrl, 'must be a host, and a port if one likes', 'Such as tls://syslog.example.com:6514.');
    return;
  }
  if (url.protocol === 'tls:') return;
  if (settings.has(['audit', 'syslog', 'caFile']))
    findings.mistake(['audit', 'syslog', 'caFile'], 'belongs to tls://, but url is tcp://', 'Use tls://, or leave it out.');
  if (!isLoopback(url.host))
    findings.warning(syslogUrl, 'sends names and addresses of people unencrypted', 'Use tls://, or a relay on this machine.');
}

async function troubleOf(folder: string): Promise<{ readonly message: string; readonly isMistake: boolean } | undefined> {
  try {
    if (!(await stat(folder)).isDirectory())
      return { message: 'names a file below something that is no folder', isMistake: true };
  } catch {
    return { message: 'names a file in a folder that does not exist', isMistake: true };
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch {
    // Whoever checks the configuration need not be who serves by it.
    return { message: 'names a file in a folder that this user may not write to', isMistake: false };
  }
}

/** The files that the section names. */
export async function verifyAuditFiles(named: Named): Promise<void> {
  const { settings, findings, folder } = named;
  const path = ['audit', 'file', 'path'];
  const name = textAt(settings, path);
  if (name !== undefined && name !== '') {
    const file = resolve(folder, name);
    const trouble = await troubleOf(dirname(file));
    const found = await stat(file).catch(() => undefined);
    const make = 'Make it, for the user that Passerelle runs as alone: chmod 700.';
    if (trouble?.isMistake === true) findings.mistake(path, trouble.message, `${make} ${resolved}`);
    else if (trouble !== undefined) findings.warning(path, trouble.message, 'The user that Passerelle runs as must be.');
    else if (found?.isDirectory() === true) findings.mistake(path, 'names a folder', 'Name a file in it.');
    else if (found !== undefined && (found.mode & 0o007) !== 0 && found.isFile())
      findings.warning(path, 'names a file that everybody on this machine may read', 'Let its owner alone read it: chmod 600.');
  }
  await readCertificates(named, ['audit', 'syslog', 'caFile']);
}

/** The rules about the store: a file or a database, a connection that nobody reads, one password. */
import { resolve } from 'node:path';
import { textAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import type { ReadFile } from './read-bounded.ts';
import type { Settings } from './settings.ts';

const ofUrl = ['password', 'passwordFile', 'caFile', 'connections'];
const modes = ['verify-full', 'disable'];
const isEncoded = (text: string): boolean => {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
};

export function verifyStore(settings: Settings, findings: Findings): void {
  const path = ['store', 'url'];
  if (!settings.has(path)) {
    for (const name of ofUrl) {
      if (settings.has(['store', name]))
        findings.mistake(['store', name], 'belongs to store.url, which is not given', 'Leave it out.');
    }
    return;
  }
  if (settings.has(['store', 'file'])) findings.mistake(path, 'is given beside store.file', 'Leave out one of the two.');
  const text = textAt(settings, path);
  if (text === undefined || !/^postgres(ql)?:\/\//.test(text)) return;
  const url = URL.parse(text);
  // Never quoted: it may hold a password.
  if (url === null) {
    findings.mistake(
      path,
      'is not a URL',
      'Such as postgres://passerelle@db.example.com/passerelle; other signs than letters and digits are written %40 and so on.',
    );
    return;
  }
  verifyParts(url, findings);
  verifyPasswords(url, settings, findings);
}

function verifyParts(url: URL, findings: Findings): void {
  const path = ['store', 'url'];
  const { username, pathname, searchParams } = url;
  const folder = searchParams.get('host');
  const mode = searchParams.get('sslmode');
  if (username === '' || !isEncoded(username)) findings.mistake(path, 'must name a user', 'As in postgres://USER@HOST/DATABASE.');
  if (!/^\/[^/]+$/.test(pathname) || !isEncoded(pathname.slice(1)))
    findings.mistake(path, 'must name a database', 'As in postgres://USER@HOST/DATABASE.');
  if (url.hash !== '') findings.mistake(path, 'must have no fragment', 'A # in a name or password is written %23.');
  for (const name of new Set(searchParams.keys())) {
    if (!['host', 'sslmode'].includes(name) || searchParams.getAll(name).length > 1)
      findings.mistake(
        path,
        'holds a parameter that is not known here, or one twice',
        'Known are host, for a socket, and sslmode.',
      );
  }
  if (folder !== null && (url.hostname !== 'localhost' || !folder.startsWith('/')))
    findings.mistake(
      path,
      'has a parameter host that is not the folder of a socket of this machine',
      'As in postgres://USER@localhost/DATABASE?host=/var/run/postgresql.',
    );
  else if (url.hostname === '') findings.mistake(path, 'must name a host', 'As in postgres://USER@HOST/DATABASE.');
  if (mode !== null && !modes.includes(mode))
    findings.mistake(
      path,
      'has an sslmode that is not known here',
      'It is verify-full, or disable on this machine; the others let anybody stand between.',
    );
  else if (mode === 'disable' && url.hostname !== '' && !isLoopback(url.host))
    findings.mistake(
      path,
      'would send everything unencrypted',
      'Leave out sslmode=disable; caFile names an authority of your own.',
    );
}

function verifyPasswords(url: URL, settings: Settings, findings: Findings): void {
  const places = ['password', 'passwordFile'].filter((name) => settings.has(['store', name]));
  if (places.length > 1) findings.mistake(['store', 'password'], 'is given beside passwordFile', 'Leave out one of the two.');
  if (url.password === '') return;
  if (places.length > 0) findings.mistake(['store', 'url'], 'holds a password beside another one', 'Leave it out of the URL.');
  else if (!isEncoded(url.password))
    findings.mistake(['store', 'url'], 'holds a password with a bare %', 'Use store.passwordFile, where it is written as it is.');
}

const limits = { password: 4_096, ca: 1_048_576 };
const resolved = 'Paths that do not begin with / are meant from the folder of the configuration file.';

/** The files that the section names. `mode`: the permission bits of the configuration itself. */
export async function verifyStoreFiles(parts: {
  readonly settings: Settings;
  readonly findings: Findings;
  readonly folder: string;
  readonly readFile: ReadFile;
  readonly mode: number;
}): Promise<void> {
  const { settings, findings, folder, readFile, mode } = parts;
  const inline = [
    ['store', 'password'],
    ...(URL.parse(textAt(settings, ['store', 'url']) ?? '')?.password ? [['store', 'url']] : []),
  ];
  for (const path of inline) {
    if ((mode & 0o007) === 0 || textAt(settings, path) === undefined || settings.isExpanded(path)) continue;
    findings.warning(path, 'stands in a file that everybody on this machine may read', 'Use passwordFile, or chmod 600.');
  }
  const read = async (name: string, limit: number): ReturnType<ReadFile> => {
    const file = textAt(settings, ['store', name]) ?? '';
    return file === '' ? { bytes: Buffer.from('unnamed'), mode: 0 } : readFile(resolve(folder, file), limit);
  };
  const password = await read('passwordFile', limits.password);
  const at = ['store', 'passwordFile'];
  if ('trouble' in password) findings.mistake(at, `names a file that ${password.trouble}`, resolved);
  else {
    const text = password.bytes.toString('utf8').replace(/\r?\n$/, '');
    if (text === '') findings.mistake(at, 'names a file that is empty', 'Write the password into it.');
    else if (/[\0\uFFFD]/.test(text))
      findings.mistake(at, 'names a file that is not UTF-8 text', 'Write the password alone into it.');
    if ((password.mode & 0o007) !== 0)
      findings.warning(at, 'names a file that everybody on this machine may read', 'Let its owner alone read it: chmod 600.');
  }
  const name = textAt(settings, ['store', 'caFile']);
  const ca = await read('caFile', limits.ca);
  if ('trouble' in ca) findings.mistake(['store', 'caFile'], `names a file that ${ca.trouble}`, resolved);
  else if (name !== undefined && !ca.bytes.includes('-----BEGIN CERTIFICATE-----'))
    findings.mistake(['store', 'caFile'], 'names a file without a certificate', 'It must hold certificates as PEM.');
}

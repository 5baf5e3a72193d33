/** The rules about files that the configuration names: there, readable, right inside, and secret where they hold a secret. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import type { AccountPath } from './directory-configuration.ts';
import { textAt, textsAt, type Findings } from './findings.ts';
import { readPublicKeys } from './public-keys.ts';
import type { ReadFile } from './read-bounded.ts';
import type { Path, Settings } from './settings.ts';
import { accountPaths } from './verify-directory.ts';

const limits = { password: 4_096, pem: 1_048_576, metadata: 8_388_608, logo: 200_000 };
const keepSecret = 'Let its owner alone read it: chmod 600, or 640 with a group of its own.';
const resolved = 'Paths that do not begin with / are meant from the folder of the configuration file.';

interface Parts {
  readonly settings: Settings;
  readonly findings: Findings;
  /** The folder of the configuration file. */
  readonly folder: string;
  readonly readFile: ReadFile;
}

/** @returns the passwords of each `passwordFile` that is given and sound */
export async function verifyFiles(parts: Parts): Promise<ReadonlyMap<AccountPath, string>> {
  const { settings } = parts;
  await verifyTls(parts);
  const passwords = new Map<AccountPath, string>();
  for (const path of accountPaths(settings)) {
    const ca = await contents(parts, [...path, 'caFile'], limits.pem);
    if (ca !== undefined && certificates(ca).length === 0) {
      parts.findings.mistake([...path, 'caFile'], 'names a file without a certificate', 'It must hold certificates as PEM.');
    }
    const password = await readPassword(parts, [...path, 'passwordFile']);
    if (password !== undefined) passwords.set(nameOf(path), password);
  }
  await contents(parts, ['branding', 'logoFile'], limits.logo);
  const list = settings.at(['serviceProviders']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    await contents(parts, ['serviceProviders', index, 'file'], limits.metadata);
  }
  await verifyMetadataFiles(parts);
  return passwords;
}

function nameOf([, , forest, , domain]: Path): AccountPath {
  if (forest === undefined) return 'directory';
  const name = `directory.forests.${Number(forest)}` as const;
  return domain === undefined ? name : `${name}.domains.${Number(domain)}`;
}

async function verifyMetadataFiles(parts: Parts): Promise<void> {
  const { settings, findings } = parts;
  const list = settings.at(['metadata']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = ['metadata', index];
    for (const { path: at } of textsAt(settings, [...path, 'keyFiles'])) {
      const pem = await contents(parts, at, limits.pem);
      if (pem !== undefined && readPublicKeys(pem.toString('latin1')) === undefined) {
        findings.mistake(
          at,
          'names a file without a usable key',
          'It must hold certificates or public keys as PEM: RSA of 2,048 bits or more, or ECDSA.',
        );
      }
    }
    // Aggregates are large: one byte tells whether the file may be read, what it holds is for those who use it.
    for (const [name, fits] of [
      ['file', 'is larger than 1 bytes'],
      ['folder', 'is not a file'],
    ] as const) {
      const text = textAt(settings, [...path, name]);
      const reading = text === undefined ? undefined : await parts.readFile(resolve(parts.folder, text), 1);
      if (reading === undefined || ('trouble' in reading ? reading.trouble === fits : name === 'file')) continue;
      const what = 'trouble' in reading ? reading.trouble : 'is a file';
      findings.mistake([...path, name], `names a ${name} that ${what}`, resolved);
    }
  }
}

/** What the file named there holds; undefined where none is named or a mistake was told. */
async function contents(parts: Parts, path: Path, limit: number, secret = false): Promise<Buffer | undefined> {
  const name = textAt(parts.settings, path);
  if (name === undefined || name === '') return undefined;
  const reading = await parts.readFile(resolve(parts.folder, name), limit);
  if ('trouble' in reading) {
    parts.findings.mistake(path, `names a file that ${reading.trouble}`, resolved);
    return undefined;
  }
  if (secret && (reading.mode & 0o007) !== 0)
    parts.findings.warning(path, 'names a file that everybody on this machine may read', keepSecret);
  return reading.bytes;
}

async function readPassword(parts: Parts, path: Path): Promise<string | undefined> {
  const bytes = await contents(parts, path, limits.password, true);
  if (bytes === undefined) return undefined;
  let password: string;
  try {
    password = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    parts.findings.mistake(path, 'names a file that is not UTF-8 text', 'Write the password alone into it, as UTF-8.');
    return undefined;
  }
  if (password === '') {
    parts.findings.mistake(path, 'names a file that is empty', 'Write the password into it.');
    return undefined;
  }
  if (password.includes('\0')) {
    parts.findings.mistake(path, 'names a file that holds a NUL character', 'Write the password alone into it, as UTF-8.');
    return undefined;
  }
  return password;
}

async function verifyTls(parts: Parts): Promise<void> {
  const { findings } = parts;
  const certFile = await contents(parts, ['tls', 'certFile'], limits.pem);
  const keyFile = await contents(parts, ['tls', 'keyFile'], limits.pem, true);
  const [first] = certFile === undefined ? [] : certificates(certFile);
  if (certFile !== undefined && first === undefined) {
    findings.mistake(
      ['tls', 'certFile'],
      'names a file without a certificate',
      'It must hold certificates as PEM, our own first.',
    );
  }
  const key = keyFile === undefined ? undefined : privateKey(keyFile);
  if (keyFile !== undefined && key === undefined) {
    findings.mistake(
      ['tls', 'keyFile'],
      'names a file without a private key',
      'It must hold one private key as PEM, without a passphrase.',
    );
  }
  if (first !== undefined && key !== undefined && !first.checkPrivateKey(key)) {
    findings.mistake(
      ['tls', 'keyFile'],
      'names the key of another certificate',
      'The first certificate of tls.certFile must be the one of this key.',
    );
  }
}

function certificates(pem: Buffer): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function privateKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

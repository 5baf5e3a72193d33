/** The rules about files that the configuration names: there, readable, right inside, and secret where they hold a secret. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import type { AccountPath } from './directory-configuration.ts';
import { textAt, textsAt } from './findings.ts';
import { certificatesIn, mostPem, readCertificates, readNamed, resolved, type Named } from './named-file.ts';
import { readPublicKeys } from './public-keys.ts';
import type { Path } from './settings.ts';
import { accountPaths } from './verify-directory.ts';

const limits = { password: 4_096, metadata: 8_388_608, logo: 200_000 };

/** @returns the passwords of each `passwordFile` that is given and sound */
export async function verifyFiles(parts: Named): Promise<ReadonlyMap<AccountPath, string>> {
  const { settings } = parts;
  await verifyTls(parts);
  const passwords = new Map<AccountPath, string>();
  for (const path of accountPaths(settings)) {
    await readCertificates(parts, [...path, 'caFile']);
    const password = await readPassword(parts, [...path, 'passwordFile']);
    if (password !== undefined) passwords.set(nameOf(path), password);
  }
  await readNamed(parts, ['branding', 'logoFile'], limits.logo);
  const list = settings.at(['serviceProviders']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    await readNamed(parts, ['serviceProviders', index, 'file'], limits.metadata);
  }
  await verifyMetadataFiles(parts);
  return passwords;
}

function nameOf([, , forest, , domain]: Path): AccountPath {
  if (forest === undefined) return 'directory';
  const name = `directory.forests.${Number(forest)}` as const;
  return domain === undefined ? name : `${name}.domains.${Number(domain)}`;
}

async function verifyMetadataFiles(parts: Named): Promise<void> {
  const { settings, findings } = parts;
  const list = settings.at(['metadata']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = ['metadata', index];
    for (const { path: at } of textsAt(settings, [...path, 'keyFiles'])) {
      const pem = await readNamed(parts, at, mostPem);
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

async function readPassword(parts: Named, path: Path): Promise<string | undefined> {
  const bytes = await readNamed(parts, path, limits.password, true);
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

async function verifyTls(parts: Named): Promise<void> {
  const { findings } = parts;
  const certFile = await readNamed(parts, ['tls', 'certFile'], mostPem);
  const keyFile = await readNamed(parts, ['tls', 'keyFile'], mostPem, true);
  const [first] = certFile === undefined ? [] : certificatesIn(certFile);
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

function privateKey(pem: Buffer): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

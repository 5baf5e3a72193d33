/** The rules about client certificates: one way in, its own address, authorities that are some, and secrets that are. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import type { ReadFile } from './read-bounded.ts';
import type { Path, Settings } from './settings.ts';

const section = 'certificate';
const mostPem = 1_048_576;
const leastSecret = 32;

export function verifyCertificate(settings: Settings, findings: Findings): void {
  if (settings.at([section]) === undefined) return;
  const [hasListener, hasHeader] = [settings.has([section, 'listener']), settings.has([section, 'header'])];
  if (hasListener === hasHeader) {
    findings.mistake(
      [section],
      hasListener ? 'has both listener and header' : 'has neither listener nor header',
      'Say where certificates come from: one of the two.',
    );
  }
  if (hasListener) verifyAddress(settings, findings, [section, 'listener', 'publicUrl'], false);
  if (!hasHeader) return;
  verifyAddress(settings, findings, [section, 'header', 'publicUrl'], true);
  const proxies = settings.at(['trustProxy']);
  if (!Array.isArray(proxies) || proxies.length === 0)
    findings.mistake([section, 'header'], 'comes from nobody', 'Name the proxy that sets it in trustProxy.');
  const [name, sealName] = ['name', 'sealName'].map((key) => textAt(settings, [section, 'header', key])?.toLowerCase());
  if (name !== undefined && name === sealName)
    findings.mistake([section, 'header', 'sealName'], 'is the header of the certificate', 'The seal has one of its own.');
}

function verifyAddress(settings: Settings, findings: Findings, path: Path, mayBePlain: boolean): void {
  const url = urlAt(settings, path, ['https:', 'http:']);
  if (url === undefined) return;
  const text = textAt(settings, path) ?? '';
  if (url.pathname !== '/' || /[?#]/.test(text) || url.username !== '' || url.password !== '')
    findings.mistake(path, 'must have no path, query, fragment or user name', `Write ${url.origin}.`);
  if (url.protocol === 'http:' && !(mayBePlain && isLoopback(url.hostname)))
    findings.mistake(path, 'must begin https://', 'Certificates are shown within TLS alone.');
  if (!mayBePlain && url.origin === urlAt(settings, ['publicUrl'], ['https:', 'http:'])?.origin) {
    findings.mistake(
      path,
      'is the address of publicUrl',
      'Give it another port or host, so that nobody is asked for a certificate who does not want to show one.',
    );
  }
}

interface Parts {
  readonly settings: Settings;
  readonly findings: Findings;
  readonly folder: string;
  readonly readFile: ReadFile;
}

/** The files that the section names. */
export async function verifyCertificateFiles(parts: Parts): Promise<void> {
  const { settings, findings } = parts;
  const list = settings.at([section, 'authorities']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = [section, 'authorities', index, 'caFile'];
    const found = certificates(await contents(parts, path));
    if (found === undefined) continue;
    const bad = found.find(({ ca }) => !ca);
    if (found.length === 0) findings.mistake(path, 'names a file without a certificate', 'It must hold certificates as PEM.');
    else if (bad !== undefined)
      findings.mistake(path, 'names a certificate that is no authority’s', `It is of ${bad.subject.replaceAll('\n', ', ')}.`);
  }
  for (const { path } of textsAt(settings, [section, 'revocation', 'crlFiles'])) await contents(parts, path, 200_000_000);
  const secret = await contents(parts, [section, 'header', 'secretFile'], 4_096, true);
  if (secret !== undefined && secret.toString('latin1').trim().length < leastSecret) {
    findings.mistake(
      [section, 'header', 'secretFile'],
      `names a file with fewer than ${String(leastSecret)} characters`,
      'openssl rand -base64 32 makes a good secret.',
    );
  }
  const tls = [section, 'listener', 'tls'];
  const [own] = certificates(await contents(parts, [...tls, 'certFile'])) ?? [];
  const key = privateKey(await contents(parts, [...tls, 'keyFile'], mostPem, true));
  if (own === undefined && textAt(settings, [...tls, 'certFile']) !== undefined)
    findings.mistake([...tls, 'certFile'], 'names no certificate', 'It must hold certificates as PEM, our own first.');
  if (key === undefined && textAt(settings, [...tls, 'keyFile']) !== undefined)
    findings.mistake([...tls, 'keyFile'], 'names no private key', 'It must hold one private key as PEM, without a passphrase.');
  if (own !== undefined && key !== undefined && !own.checkPrivateKey(key))
    findings.mistake([...tls, 'keyFile'], 'names the key of another certificate', 'It is the key of the first one in certFile.');
}

/** Undefined where nothing is named, or a mistake was told. */
async function contents(parts: Parts, path: Path, limit = mostPem, isSecret = false): Promise<Buffer | undefined> {
  const name = textAt(parts.settings, path);
  if (name === undefined || name === '') return undefined;
  const reading = await parts.readFile(resolve(parts.folder, name), limit);
  if ('trouble' in reading) {
    const hint = 'Paths that do not begin with / are meant from the folder of the configuration file.';
    parts.findings.mistake(path, `names a file that ${reading.trouble}`, hint);
    return undefined;
  }
  if (isSecret && (reading.mode & 0o007) !== 0) {
    const hint = 'Let its owner alone read it: chmod 600, or 640 with a group of its own.';
    parts.findings.warning(path, 'names a file that everybody on this machine may read', hint);
  }
  return reading.bytes;
}

function certificates(pem: Buffer | undefined): readonly X509Certificate[] | undefined {
  if (pem === undefined) return undefined;
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function privateKey(pem: Buffer | undefined): KeyObject | undefined {
  try {
    return pem && createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

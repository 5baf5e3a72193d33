/** The rules about client certificates: one way in, its own address, authorities that are some, and secrets that are. */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import { certificatesIn, mostPem, readCertificates, readNamed, type Named } from './named-file.ts';
import type { Path, Settings } from './settings.ts';

const section = 'certificate';
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

/** The files that the section names. */
export async function verifyCertificateFiles(parts: Named): Promise<void> {
  const { settings, findings } = parts;
  const list = settings.at([section, 'authorities']);
  for (const index of Array.isArray(list) ? list.keys() : []) {
    const path = [section, 'authorities', index, 'caFile'];
    const bad = (await readCertificates(parts, path))?.find(({ ca }) => !ca);
    if (bad !== undefined)
      findings.mistake(path, 'names a certificate that is no authority’s', `It is of ${bad.subject.replaceAll('\n', ', ')}.`);
  }
  for (const { path } of textsAt(settings, [section, 'revocation', 'crlFiles'])) await readNamed(parts, path, 200_000_000);
  const secret = await readNamed(parts, [section, 'header', 'secretFile'], 4_096, true);
  if (secret !== undefined && secret.toString('latin1').trim().length < leastSecret) {
    findings.mistake(
      [section, 'header', 'secretFile'],
      `names a file with fewer than ${String(leastSecret)} characters`,
      'openssl rand -base64 32 makes a good secret.',
    );
  }
  const tls = [section, 'listener', 'tls'];
  const chain = await readNamed(parts, [...tls, 'certFile'], mostPem);
  const [own] = chain === undefined ? [] : certificatesIn(chain);
  const key = privateKey(await readNamed(parts, [...tls, 'keyFile'], mostPem, true));
  if (own === undefined && textAt(settings, [...tls, 'certFile']) !== undefined)
    findings.mistake([...tls, 'certFile'], 'names no certificate', 'It must hold certificates as PEM, our own first.');
  if (key === undefined && textAt(settings, [...tls, 'keyFile']) !== undefined)
    findings.mistake([...tls, 'keyFile'], 'names no private key', 'It must hold one private key as PEM, without a passphrase.');
  if (own !== undefined && key !== undefined && !own.checkPrivateKey(key))
    findings.mistake([...tls, 'keyFile'], 'names the key of another certificate', 'It is the key of the first one in certFile.');
}

function privateKey(pem: Buffer | undefined): KeyObject | undefined {
  try {
    return pem && createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

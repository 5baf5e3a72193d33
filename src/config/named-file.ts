/** Reads the files that the configuration names, and tells what is wrong with them: not there, too large, open to strangers. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { textAt, type Findings } from './findings.ts';
import type { ReadFile } from './read-bounded.ts';
import type { Path, Settings } from './settings.ts';

export interface Named {
  readonly settings: Settings;
  readonly findings: Findings;
  /** The folder of the configuration file. */
  readonly folder: string;
  readonly readFile: ReadFile;
}

/** Bytes. */
export const mostPem = 1_048_576;
export const resolved = 'Paths that do not begin with / are meant from the folder of the configuration file.';

/** What the file named there holds, of so many bytes at most; undefined where none is named or a mistake was told. */
export async function readNamed(named: Named, path: Path, limit: number, isSecret = false): Promise<Buffer | undefined> {
  const { settings, findings, folder, readFile } = named;
  const name = textAt(settings, path);
  if (name === undefined || name === '') return undefined;
  const reading = await readFile(resolve(folder, name), limit);
  if ('trouble' in reading) {
    findings.mistake(path, `names a file that ${reading.trouble}`, resolved);
    return undefined;
  }
  if (isSecret && (reading.mode & 0o007) !== 0) {
    const hint = 'Let its owner alone read it: chmod 600, or 640 with a group of its own.';
    findings.warning(path, 'names a file that everybody on this machine may read', hint);
  }
  return reading.bytes;
}

/** In their order; none where one of them cannot be read. */
export function certificatesIn(pem: Buffer): readonly X509Certificate[] {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return [];
  }
}

/** Those of the file named there, which must hold some; undefined where none is named or a mistake was told. */
export async function readCertificates(named: Named, path: Path): Promise<readonly X509Certificate[] | undefined> {
  const pem = await readNamed(named, path, mostPem);
  if (pem === undefined) return undefined;
  const found = certificatesIn(pem);
  if (found.length > 0) return found;
  named.findings.mistake(path, 'names a file without a certificate', 'It must hold certificates as PEM.');
  return undefined;
}

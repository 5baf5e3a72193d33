/** The certificates of the keys that we publish, read without making any. */
import { X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ending = '.cert.pem';

/** By the names of their keys; none where the folder is not there. Those that cannot be read are left out. */
export async function listCertificates(folder: string): Promise<ReadonlyMap<string, X509Certificate>> {
  const names = await readdir(folder).catch(() => []);
  const found = new Map<string, X509Certificate>();
  for (const file of names.filter((name) => name.endsWith(ending) && !name.startsWith('.'))) {
    try {
      found.set(file.slice(0, -ending.length), new X509Certificate(await readFile(join(folder, file))));
    } catch {
      // The check of keys says so.
    }
  }
  return found;
}

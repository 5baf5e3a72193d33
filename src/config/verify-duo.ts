/** The rules about Duo: a host of Duo's, one secret that is one, and usernames that are one person's. */
import { duoSecretPattern } from './duo-schema.ts';
import { textAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import { readCertificates, type Named } from './named-file.ts';
import { readOneSecret, verifyOneSecret } from './one-secret.ts';
import type { Path, Settings } from './settings.ts';
import { verifyUsername } from './verify-username.ts';

const section = ['factors', 'duo'];
const at = (name: string): Path => [...section, name];
const clientSecret = { section, name: 'clientSecret' };
const mostSecret = 4_096;
const missing =
  'A file that holds the 40 letters and digits that Duo’s panel shows as client secret, and nothing else; or give clientSecret, best as ${ENVIRONMENT_VARIABLE}.';

export function verifyDuo(settings: Settings, findings: Findings): void {
  if (settings.at(section) === undefined) return;
  verifyHost(settings, findings);
  verifyOneSecret(settings, findings, { ...clientSecret, missing });
  verifyUsername(settings, findings, at('username'), 'Duo');
}

function verifyHost(settings: Settings, findings: Findings): void {
  const path = at('apiHost');
  const url = urlAt(settings, path, ['https:', 'http:']);
  if (url !== undefined) {
    if (!isLoopback(url.hostname))
      findings.mistake(path, 'must be a host name alone', 'Such as api-XXXXXXXX.duosecurity.com; a URL is for loopback names.');
    return;
  }
  const host = textAt(settings, path);
  if (host === undefined || /^api-[^.]+\.(duosecurity|duofederal)\.com$/i.test(host)) return;
  findings.warning(path, 'is no API hostname of Duo', 'Duo’s panel shows it with the application: api-XXXXXXXX.duosecurity.com.');
}

/** The files that the section names. `mode`: the permission bits of the configuration itself. */
export async function verifyDuoFiles(named: Named & { readonly mode: number }): Promise<void> {
  const secret = await readOneSecret(named, { ...clientSecret, most: mostSecret, missing });
  if (secret !== undefined && !duoSecretPattern.test(secret))
    named.findings.mistake(at('clientSecretFile'), 'names a file that holds no client secret', missing);
  await readCertificates(named, at('caFile'));
}

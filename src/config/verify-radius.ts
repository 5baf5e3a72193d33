/** The rules about RADIUS: each server once, one secret that is one, and user names that are one person's. */
import { textAt, type Findings } from './findings.ts';
import type { Named } from './named-file.ts';
import { readOneSecret, verifyOneSecret } from './one-secret.ts';
import type { Path, Settings } from './settings.ts';
import { verifyUsername } from './verify-username.ts';

const section = ['factors', 'radius'];
const at = (name: string): Path => [...section, name];
/** Characters, and bytes of a file. RFC 2865 §3 asks for 16 octets. */
const leastSecret = 16;
const mostSecret = 1_024;
const make = 'openssl rand -base64 32 makes a good secret.';
const oneSecret = { section, name: 'secret' };
const missing = `A file that holds the secret shared with the servers; or give secret, best as \${ENVIRONMENT_VARIABLE}. ${make}`;

export function verifyRadius(settings: Settings, findings: Findings): void {
  if (settings.at(section) === undefined) return;
  verifyServers(settings, findings);
  verifyOneSecret(settings, findings, { ...oneSecret, missing });
  const secret = textAt(settings, at('secret'));
  if (secret !== undefined && secret !== '' && secret.length < leastSecret)
    findings.warning(at('secret'), `has fewer than ${leastSecret} characters`, `Whoever records an answer can guess it. ${make}`);
  verifyUsername(settings, findings, at('username'), 'the servers');
  if (settings.has(at('startPassword')) && textAt(settings, at('start')) !== 'push')
    findings.warning(at('startPassword'), 'is never sent', 'It belongs to start: push.');
}

function verifyServers(settings: Settings, findings: Findings): void {
  const servers = settings.at(at('servers'));
  const known = new Set<string>();
  for (const index of Array.isArray(servers) ? servers.keys() : []) {
    const path = [...at('servers'), index];
    const port = settings.at([...path, 'port']);
    const host = textAt(settings, [...path, 'host'])?.toLowerCase();
    if (host === undefined) continue;
    const name = `${host} ${typeof port === 'number' ? port : 1812}`;
    if (known.has(name)) findings.mistake(path, 'is given twice', 'Each server stands in the list once.');
    known.add(name);
  }
}

/** The file that the section names. `mode`: the permission bits of the configuration itself. */
export async function verifyRadiusFiles(named: Named & { readonly mode: number }): Promise<void> {
  const secret = await readOneSecret(named, { ...oneSecret, most: mostSecret, missing });
  if (secret === undefined || secret.length >= leastSecret) return;
  const hint = `Whoever records an answer can guess it. ${make}`;
  named.findings.warning(at('secretFile'), `names a file with fewer than ${leastSecret} characters`, hint);
}

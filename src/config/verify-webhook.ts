/** The rules about the web hook and the operator's own factor: an address that is safe, secrets that are some, files that are there. */
import { resolve } from 'node:path';
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import { readCertificates, resolved, type Named } from './named-file.ts';
import { readOneSecret, verifyOneSecret } from './one-secret.ts';
import type { Settings } from './settings.ts';

const section = ['factors', 'webhook'];
const module = ['factors', 'own', 'module'];
const mostSecret = 4_096;
const leastSecret = 32;
const make = 'openssl rand -base64 32 makes a good secret.';

export function verifyWebhook(settings: Settings, findings: Findings): void {
  if (settings.at(section) === undefined) return;
  const path = [...section, 'url'];
  const url = urlAt(settings, path, ['https:', 'http:']);
  if (url?.protocol === 'http:' && !isLoopback(url.hostname))
    findings.mistake(path, 'must begin https://', 'Plain http is for loopback names alone: localhost, 127.0.0.1, [::1].');
  if (url !== undefined && (url.username !== '' || url.password !== '' || url.hash !== ''))
    findings.mistake(path, 'must have no user name, password or fragment', 'The secret is what both sides know each other by.');
  verifyOneSecret(settings, findings, { section, name: 'secret', missing: make });
  verifyOneSecret(settings, findings, { section, name: 'previousSecret' });
  for (const name of ['secret', 'previousSecret']) {
    const secret = textAt(settings, [...section, name]);
    if (secret !== undefined && secret.length < leastSecret)
      findings.mistake([...section, name], `must have ${String(leastSecret)} characters or more`, make);
  }
  verifySend(settings, findings);
  const [own, before] = ['secret', 'previousSecret'].map((name) => textAt(settings, [...section, name]));
  if (own !== undefined && own === before)
    findings.mistake([...section, 'previousSecret'], 'is the same as secret', 'Leave it out once both sides know the new one.');
}

/** What the hook is told must say who it is, for certain and for good. */
function verifySend(settings: Settings, findings: Findings): void {
  const path = [...section, 'send'];
  const sent = textsAt(settings, path).map(({ text }) => text);
  if (sent.length === 0 || sent.includes('objectGUID') || sent.includes('userPrincipalName')) return;
  findings.warning(path, 'may be the same for two people', 'Send objectGUID or userPrincipalName as well.');
}

/** The files that both sections name. `mode`: the permission bits of the configuration itself. */
export async function verifyHookFiles(named: Named & { readonly mode: number }): Promise<void> {
  const { settings, findings, folder, readFile } = named;
  for (const name of ['secret', 'previousSecret']) {
    const secret = await readOneSecret(named, { section, name, most: mostSecret, missing: make });
    if (secret !== undefined && secret.length < leastSecret)
      findings.mistake([...section, `${name}File`], `names a file with fewer than ${String(leastSecret)} characters`, make);
  }
  await readCertificates(named, [...section, 'caFile']);
  // One byte tells whether it may be read; what it holds is for Node.
  const name = textAt(settings, module);
  const reading = name === undefined || name === '' ? undefined : await readFile(resolve(folder, name), 1);
  if (reading !== undefined && 'trouble' in reading && reading.trouble !== 'is larger than 1 bytes')
    findings.mistake(module, `names a file that ${reading.trouble}`, resolved);
}

/** The rules about addresses: ours and the proxies'. */
import { isIP } from 'node:net';
import { textAt, textsAt, urlAt, type Findings } from './findings.ts';
import { isLoopback } from './loopback.ts';
import { parseNetwork } from './network-list.ts';
import type { Settings } from './settings.ts';

const web = ['https:', 'http:'];

export function verifyNetwork(settings: Settings, findings: Findings): void {
  verifyPublicUrl(settings, findings);
  for (const { text, path } of textsAt(settings, ['trustProxy'])) {
    const bits = parseNetwork(text)?.bits;
    if (bits === undefined) {
      findings.mistake(path, 'must be an IP address or a network in CIDR form', 'Such as 10.0.0.5, 10.0.0.0/8 or fd00::/8.');
    } else if (bits === 0) {
      findings.warning(
        path,
        'believes everybody',
        'Anybody can then choose the address that the throttle and the log see. Name the proxy.',
      );
    }
  }
}

function verifyPublicUrl(settings: Settings, findings: Findings): void {
  const path = ['publicUrl'];
  const url = urlAt(settings, path, web);
  if (url === undefined) return;
  const text = textAt(settings, path) ?? '';
  if (url.username !== '' || url.password !== '') {
    findings.mistake(path, 'must not hold a user name or password', 'It is published.');
  } else if (url.pathname !== '/' || text.includes('?') || text.includes('#')) {
    findings.mistake(
      path,
      'must have no path, query or fragment',
      `Write ${url.origin} and let Passerelle have the host to itself.`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    findings.mistake(path, 'must begin https://', 'Plain http is for loopback names alone: localhost, 127.0.0.1, [::1].');
  }
  const ownTls = settings.has(['tls']);
  if (ownTls && url.protocol === 'http:' && isLoopback(url.hostname)) {
    findings.mistake(path, 'must begin https:// where tls is given', 'Or leave out tls.');
  }
  if (/^(www\.)?google\./.test(url.hostname)) {
    findings.warning(
      path,
      'has a host that begins google. or www.google.',
      'Google refuses such sign-in pages on iOS. Choose another name.',
    );
  }
  const host = textAt(settings, ['listen', 'host']);
  const openToAll = host !== undefined && !isLoopback(isIP(host) === 6 ? `[${host}]` : host);
  const proxies = settings.at(['trustProxy']);
  if (openToAll && !ownTls && !(Array.isArray(proxies) && proxies.length > 0)) {
    findings.warning(
      ['listen', 'host'],
      'takes plain HTTP from other machines',
      'Give tls, or name the proxy that speaks TLS in trustProxy, or listen on 127.0.0.1.',
    );
  }
}

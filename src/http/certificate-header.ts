/** Certificates that a proxy hands on in a header, believed only of a proxy that is named and under a seal that it alone can make. */
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CertificateConfig } from '../config/certificate-schema.ts';
import { createNetworkList } from '../config/network-list.ts';
import { Refusal } from '../refusal.ts';
import type { Shown } from '../signin/hand-over.ts';

export type HeaderConfig = NonNullable<CertificateConfig['header']>;

/** What the proxy says that the browser presented. @throws Refusal certificate-header-unsealed, certificate-untrusted */
export type ReadCertificateHeader = (req: HeaderHolder, query: string, now: number) => Shown;

/** As much of a request as is looked at. */
interface HeaderHolder {
  readonly headers: IncomingHttpHeaders;
  /** The connection's, whatever headers say of others. */
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/** Milliseconds that the proxy's clock may be off, and its seal old. */
const sealLife = 60_000;
const longest = 64 * 1024;

const unsealed = (cause: string): never => {
  throw new Refusal('certificate-header-unsealed', { cause });
};

const isSame = (one: string, other: string): boolean =>
  timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));

/** DER in base64, bare or as RFC 9440 encloses it, or PEM as nginx and Apache write it into one line. @throws Refusal certificate-untrusted */
function readCertificates(value: string): string {
  const unreadable = (): never => {
    throw new Refusal('certificate-untrusted', { cause: 'the proxy’s header holds no certificate' });
  };
  let text = value;
  if (text.includes('%')) {
    try {
      text = decodeURIComponent(text);
    } catch {
      return unreadable();
    }
  }
  const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;
  const blocks = [...text.matchAll(block)];
  // A comma stands where Node joined two headers, of which the first may be the browser's own.
  if (blocks.length > 0 && text.replaceAll(block, '').trim() !== '') return unreadable();
  const found = blocks.length > 0 ? blocks.map(([, body = '']) => body.replaceAll(/\s/g, '')) : [text.replace(/^:(.*):$/, '$1')];
  return found.every((one) => /^[A-Za-z0-9+/]+={0,2}$/.test(one)) ? found.join(' ') : unreadable();
}

/** @param parts `secret` as the file holds it, without blanks around; `trustProxy`: addresses and networks */
export function createCertificateHeader(parts: {
  config: HeaderConfig;
  secret: string;
  trustProxy: readonly string[];
}): ReadCertificateHeader {
  const { config, secret, trustProxy } = parts;
  const isProxy = createNetworkList(trustProxy);

  function verifySeal(value: string, seal: string, query: string, now: number): void {
    if (config.seal === 'secret') {
      if (!isSame(seal, secret)) unsealed('the secret is another one');
      return;
    }
    const [, seconds = '', mac = ''] = /^t=(\d{1,12}),v1=([0-9A-Fa-f]{64})$/.exec(seal) ?? [];
    // Of the query too, so that it holds for one ticket alone.
    const expected = createHmac('sha256', secret).update(`${seconds}.${query}.${value}`).digest('hex');
    if (!isSame(mac.toLowerCase(), expected)) unsealed('the seal does not fit');
    if (Math.abs(now - Number(seconds) * 1_000) > sealLife) unsealed('the seal is too old, or a clock is wrong');
  }

  const headerOf = ({ headers }: HeaderHolder, name: string): string => {
    const value = headers[name.toLowerCase()] ?? '';
    if (Array.isArray(value) || value.length > longest) return unsealed('a header that repeats, or is too long');
    return value.trim();
  };

  return (req, query, now) => {
    if (!isProxy(req.socket.remoteAddress ?? '')) return unsealed('it comes from no proxy of trustProxy');
    const value = headerOf(req, config.name);
    verifySeal(value, headerOf(req, config.sealName), query, now);
    const ocsp = config.ocspName === undefined ? '' : headerOf(req, config.ocspName);
    return { certificates: value === '' ? '' : readCertificates(value), ocsp: /^[A-Za-z0-9+/]*={0,2}$/.test(ocsp) ? ocsp : '' };
  };
}

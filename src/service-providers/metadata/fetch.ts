/** Asks a web server for a metadata document: conditionally, within bounds, and never by a less secure way than it was told. */
import { isInnerNetwork } from '../../config/inner-network.ts';
import { isLoopback } from '../../config/loopback.ts';
import { MetadataMistake } from '../../saml/metadata-mistake.ts';

/** By which a server tells whether its document has changed (RFC 9110 §8.8). */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

export interface MetadataRequest {
  readonly url: string;
  /** Of the copy at hand; undefined where there is none. */
  readonly validators: Validators | undefined;
  /** Bytes of the document, unpacked. */
  readonly limit: number;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Whether the document is signed by a pinned key, so that plain http may bring it. */
  readonly isSigned: boolean;
  readonly signal: AbortSignal;
}

export type MetadataAnswer =
  { readonly kind: 'fresh'; readonly validators: Validators } | { readonly kind: 'unchanged' } | { readonly kind: 'missing' };

const mostRedirects = 5;
const redirections: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const longestValidator = 1_024;
const accepted = 'application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1';

const refuse = (sentence: string): never => {
  throw new MetadataMistake(`${sentence}.`);
};

function requireSecure(url: URL, before: URL | undefined, isSigned: boolean): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') refuse(`it leads to ${url.protocol}, which is not the web`);
  if (url.protocol === 'http:' && before?.protocol === 'https:') refuse('it leads from https to plain http');
  if (url.protocol === 'http:' && !isSigned && !isLoopback(url.hostname)) {
    refuse('it leads to plain http, and no key is pinned');
  }
}

const short = (value: string | null): string | undefined =>
  value === null || value.length > longestValidator ? undefined : value;

/** @throws MetadataMistake where there is more */
async function* bounded(body: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) refuse(`it answers with more than ${String(limit / 1_000_000)} megabytes`);
    yield chunk;
  }
}

async function askOnce(url: URL, { validators }: MetadataRequest, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ Accept: accepted });
  if (validators?.etag !== undefined) headers.set('If-None-Match', validators.etag);
  if (validators?.lastModified !== undefined) headers.set('If-Modified-Since', validators.lastModified);
  return fetch(url, { headers, redirect: 'manual', signal });
}

async function ask(
  request: MetadataRequest,
  take: (body: AsyncIterable<Uint8Array>) => Promise<void>,
  signal: AbortSignal,
): Promise<MetadataAnswer> {
  let url = new URL(request.url);
  requireSecure(url, undefined, request.isSigned);
  // Whoever answers elsewhere must not choose what is asked for behind the firewall.
  const isInner = isInnerNetwork(url.hostname);
  for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
    const response = await askOnce(url, request, signal);
    const { status, headers, body } = response;
    if (status === 200 && body !== null) {
      await take(bounded(body, request.limit));
      return {
        kind: 'fresh',
        validators: { etag: short(headers.get('etag')), lastModified: short(headers.get('last-modified')) },
      };
    }
    await body?.cancel();
    if (status === 304 && request.validators !== undefined) return { kind: 'unchanged' };
    if (status === 404 || status === 410) return { kind: 'missing' };
    const location = redirections.has(status) ? headers.get('location') : null;
    if (location === null) refuse(`it answers with the status ${String(status)}`);
    const next = URL.parse(location ?? '', url) ?? refuse('it leads to what is no URL');
    requireSecure(next, url, request.isSigned);
    if (isInnerNetwork(next.hostname) && !isInner) refuse('it leads into the network of this machine');
    url = next;
  }
  return refuse(`it leads on more than ${String(mostRedirects)} times`);
}

/**
 * Asks once. `take` is given the document as it comes in, where there is a new one.
 * @throws MetadataMistake where there is no answer, or none that may be used; and what the file system has against taking it
 */
export async function fetchMetadata(
  request: MetadataRequest,
  take: (body: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<MetadataAnswer> {
  const timeout = AbortSignal.timeout(request.timeout);
  try {
    return await ask(request, take, AbortSignal.any([timeout, request.signal]));
  } catch (cause) {
    if (cause instanceof MetadataMistake) throw cause;
    if (timeout.aborted) return refuse(`it does not answer within ${String(request.timeout)} ms`);
    if (request.signal.aborted) return refuse('it was not waited for');
    if (cause instanceof Error && 'syscall' in cause) throw cause;
    const inner = cause instanceof Error ? cause.cause : undefined;
    const code = inner instanceof Error && 'code' in inner ? ` (${String(inner.code)})` : '';
    return refuse(`it does not answer${code}`);
  }
}

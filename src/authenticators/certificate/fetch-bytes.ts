/** Asks a web server for a revocation list or an OCSP answer: once, within bounds, and only where it may be asked. */
import { isInnerNetwork } from '../../config/inner-network.ts';

/** Nothing that may be used came from there. */
export class FetchMistake extends Error {
  override readonly name = 'FetchMistake';
}

export interface FetchLimits {
  /** Milliseconds for all of it. */
  readonly timeout: number;
  /** Bytes of the answer. */
  readonly most: number;
}

/** `body`: what is posted, with its type; undefined to get. @throws FetchMistake */
export type FetchBytes = (
  url: string,
  limits: FetchLimits,
  body?: { readonly type: string; readonly bytes: Buffer },
) => Promise<Buffer>;

/**
 * Whether an address from a certificate may be asked: a configured host, or where `isOpen` one that is no part of an inner network,
 * since what stands in a certificate must not choose what is asked for behind the firewall.
 */
export function mayAsk(text: string, hosts: readonly string[], isOpen: boolean): boolean {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  if (url.username !== '' || url.password !== '') return false;
  if (hosts.some((host) => host.toLowerCase() === url.host || host.toLowerCase() === url.hostname)) return true;
  return isOpen && !isInnerNetwork(url.hostname);
}

export function createFetchBytes(signal: AbortSignal): FetchBytes {
  return async (url, { timeout, most }, body) => {
    const ends = AbortSignal.timeout(timeout);
    try {
      const response = await fetch(url, {
        // A server that is asked leads nowhere else.
        redirect: 'manual',
        signal: AbortSignal.any([ends, signal]),
        ...(body !== undefined && { method: 'POST', body: new Uint8Array(body.bytes), headers: { 'Content-Type': body.type } }),
      });
      if (response.status !== 200 || response.body === null) {
        await response.body?.cancel();
        throw new FetchMistake(`it answers with the status ${String(response.status)}`);
      }
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        length += chunk.length;
        if (length > most) throw new FetchMistake(`it answers with more than ${String(most)} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (cause) {
      if (cause instanceof FetchMistake) throw cause;
      if (ends.aborted) throw new FetchMistake(`it does not answer within ${String(timeout)} ms`);
      const inner = cause instanceof Error ? cause.cause : undefined;
      const code = inner instanceof Error && 'code' in inner ? ` (${String(inner.code)})` : '';
      throw new FetchMistake(`it does not answer${code}`);
    }
  };
}

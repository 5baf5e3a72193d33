/** The signatures by which the web hook and Passerelle know each other: HMAC-SHA256 (RFC 2104) in hex, by a secret of both. */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** The one that holds, and while it is changed the one before. */
export type Secrets = readonly [string, ...string[]];

/** In requests and answers alike. */
export const signatureHeader = 'Passerelle-Signature';

const mostSignatures = 4;

const mac = (secret: string, prefix: string, body: Buffer): string =>
  createHmac('sha256', secret).update(`${prefix}.`).update(body).digest('hex');

/** Over the time and the body, by each secret: whoever knows one of them finds theirs. */
export function signRequest(secrets: Secrets, seconds: number, body: Buffer): string {
  const time = String(seconds);
  return [`t=${time}`, ...secrets.map((secret) => `v1=${mac(secret, time, body)}`)].join(',');
}

/**
 * Whether an answer is signed for this very request and by one of the secrets. No request of ours reads like an answer, since a
 * request's number stands where a request has its time.
 */
export function isSignedAnswer(secrets: Secrets, header: string | undefined, request: string, body: Buffer): boolean {
  const presented = (header ?? '')
    .split(',')
    .slice(0, mostSignatures)
    .flatMap((part) => /^\s*v1=([0-9a-f]{64})\s*$/.exec(part)?.[1] ?? [])
    .map((hex) => Buffer.from(hex, 'hex'));
  const expected = secrets.map((secret) => Buffer.from(mac(secret, request, body), 'hex'));
  return expected.some((one) => presented.some((other) => timingSafeEqual(one, other)));
}

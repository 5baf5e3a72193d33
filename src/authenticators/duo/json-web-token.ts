/** JSON Web Tokens of the one kind that Duo and we exchange: HMAC with SHA-512 under the secret of both (RFC 7515, RFC 7518 §3.2). */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type Claims = Readonly<Record<string, unknown>>;

const algorithm = 'HS512';
const longest = 16_384;
/** Three parts without padding (RFC 7515 §2). */
const compact = /^[\w-]+\.[\w-]+\.[\w-]+$/;

const encode = (value: Claims): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const macOf = (signed: string, secret: string): Buffer => createHmac('sha512', secret).update(signed).digest();

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url')));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function signToken(claims: Claims, secret: string): string {
  const signed = `${encode({ alg: algorithm, typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${macOf(signed, secret).toString('base64url')}`;
}

/** What a token claims; undefined where it is none, or not signed by whoever knows the secret. */
export function verifyToken(token: string, secret: string): Claims | undefined {
  if (token.length > longest || !compact.test(token)) return undefined;
  const [header = '', payload = '', signature = ''] = token.split('.');
  const mac = Buffer.from(signature, 'base64url');
  const expected = macOf(`${header}.${payload}`, secret);
  // The text, too: base64url has bits to spare, and one token is one text.
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected) || mac.toString('base64url') !== signature)
    return undefined;
  const named = decode(header);
  // RFC 8725 §3.1: the algorithm is ours to say, never the token's. RFC 7515 §4.1.11: what is critical must be understood.
  if (named?.alg !== algorithm || 'crit' in named) return undefined;
  return decode(payload);
}

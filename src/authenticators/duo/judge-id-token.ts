/** Judges the ID token in which Duo says how it went: what is not proven to be said of this person, here and now, is not believed. */
import { Refusal } from '../../refusal.ts';
import { type Claims, verifyToken } from './json-web-token.ts';

export interface Expected {
  readonly secret: string;
  /** Of the token endpoint: Duo's name for itself. */
  readonly issuer: string;
  readonly clientId: string;
  /** As it was sent to Duo. */
  readonly username: string;
  readonly nonce: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** When the person was led there, in milliseconds since the epoch, where nothing older may count. */
  readonly notBefore: number | undefined;
}

/** Seconds that Duo's clock may be off. */
const skew = 60;

const unavailable = (cause: string): Refusal => new Refusal('factor-unavailable', { factor: 'duo', cause });
const wrong = (cause: string): Refusal => new Refusal('code-wrong', { factor: 'duo', cause });
const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const part = (claims: Claims, name: string): Claims => {
  const value = claims[name];
  return typeof value === 'object' && value !== null ? { ...value } : {};
};

/** @throws Refusal factor-unavailable, code-wrong, factor-denied */
export function judgeIdToken(token: string, expected: Expected): void {
  const claims = verifyToken(token, expected.secret);
  if (claims === undefined) throw unavailable('its ID token is not signed with our client secret by HS512');
  const { iss, aud, exp, iat } = claims;
  const now = expected.now / 1_000;
  if (iss !== expected.issuer) throw unavailable('its ID token names another issuer');
  if (aud !== expected.clientId) throw unavailable('its ID token is for another client ID');
  if (!isTime(exp) || !isTime(iat)) throw unavailable('its ID token has no time');
  if (exp + skew <= now) throw unavailable('its ID token has expired');
  if (iat - skew > now) throw unavailable('its ID token is of the future');
  // Whoever brings a code that Duo gave out in another sign-in, or to somebody else, presents what is not theirs.
  if (claims.nonce !== expected.nonce) throw wrong('the answer is that of another sign-in');
  if (claims.preferred_username !== expected.username) throw wrong('the answer is about somebody else');
  const { result, status } = part(claims, 'auth_result');
  if (result === undefined || status === undefined) throw unavailable('its ID token has no result');
  if (result !== 'allow' || status !== 'allow')
    throw new Refusal('factor-denied', { factor: 'duo', cause: 'Duo did not allow it' });
  if (expected.notBefore !== undefined) requireFresh(claims, expected.notBefore / 1_000);
}

/** Duo was asked by `prompt` for more than what a browser remembers (OpenID Connect Core §3.1.2.1, §3.1.3.7 no. 13). */
function requireFresh(claims: Claims, notBefore: number): void {
  const { auth_time: at } = claims;
  const { factor, reason } = part(claims, 'auth_context');
  const isRemembered = [factor, reason].includes('remembered_device');
  if (isRemembered || !isTime(at) || at + skew < notBefore)
    throw unavailable('it went by what it remembers, and a new proof was asked for');
}

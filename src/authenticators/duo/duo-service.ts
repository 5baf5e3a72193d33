/** Duo's OIDC Auth API (https://duo.com/docs/oauthapi): whether it is there, where a person is led, and how it went there. */
import type { Clock, Random } from '../../clock.ts';
import { Refusal } from '../../refusal.ts';
import { type Post, type Posted, ServiceTrouble } from '../post.ts';
import { type Claims, signToken } from './json-web-token.ts';

export interface DuoAccount {
  /** `https://` and the API hostname. */
  readonly origin: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface DuoService {
  /** Of the token endpoint, which is who signs. */
  readonly issuer: string;
  /** @throws Refusal factor-unavailable */
  requireHealth(): Promise<void>;
  /** Where the browser goes. `state` has 22 to 1,024 characters, `nonce` 16 to 1,024. */
  authorizeUrl(asked: {
    readonly username: string;
    readonly state: string;
    readonly nonce: string;
    readonly redirectUri: string;
    /** What Duo shows as the destination; empty for none. */
    readonly destination: string;
    /** Whether what the browser remembers must not do. */
    readonly anew: boolean;
  }): string;
  /** The ID token for a code, unread. @throws Refusal code-wrong, factor-unavailable */
  redeem(code: string, redirectUri: string): Promise<string>;
}

/** Seconds: the longest that Duo takes. */
const lifetime = 300;
const longestHealthCheck = 3_000;
const longestDestination = 64;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** RFC 6749 §5.2; nothing else of an error goes into the log. */
const errors: ReadonlySet<unknown> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
]);

const unavailable = (cause: string): Refusal => new Refusal('factor-unavailable', { factor: 'duo', cause });

function read(body: Buffer): Claims | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** @param parts.timeout milliseconds for one answer */
export function createDuoService(
  { origin, clientId, clientSecret }: DuoAccount,
  parts: { readonly post: Post['post']; readonly clock: Clock; readonly random: Random; readonly timeout: number },
): DuoService {
  const { post, clock, random, timeout } = parts;
  const health = `${origin}/oauth/v1/health_check`;
  const token = `${origin}/oauth/v1/token`;
  const seconds = (): number => Math.floor(clock.now() / 1_000);

  function assertion(audience: string): string {
    const iat = seconds();
    const jti = random(18).toString('hex');
    return signToken({ iss: clientId, sub: clientId, aud: audience, jti, iat, exp: iat + lifetime }, clientSecret);
  }

  async function ask(url: string, fields: Readonly<Record<string, string>>, within: number): Promise<Posted> {
    try {
      const form = new URLSearchParams({ client_id: clientId, client_assertion: assertion(url), ...fields });
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      return await post(new URL(url), headers, Buffer.from(form.toString()), within);
    } catch (error) {
      throw error instanceof ServiceTrouble ? unavailable(error.message) : error;
    }
  }

  /** Why an answer is no success, in words that hold nothing of it but a known error. */
  function trouble({ status }: Posted, answer: Claims | undefined): Refusal {
    const code = errors.has(answer?.error) ? String(answer?.error) : errors.has(answer?.message) ? String(answer?.message) : '';
    const said = code === '' ? '' : ` and the error ${code}`;
    return unavailable(`it answers with the status ${String(status)}${said}`);
  }

  return {
    issuer: token,
    async requireHealth() {
      const answered = await ask(health, {}, Math.min(timeout, longestHealthCheck));
      const answer = read(answered.body);
      if (answered.status !== 200) throw trouble(answered, answer);
      if (answer?.stat !== 'OK') throw unavailable('it says that it is not well');
    },
    authorizeUrl({ username, state, nonce, redirectUri, destination, anew }) {
      const iat = seconds();
      const common = { response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: 'openid' };
      const request = signToken(
        {
          ...common,
          iss: clientId,
          aud: origin,
          iat,
          exp: iat + lifetime,
          state,
          nonce,
          duo_uname: username,
          use_duo_code_attribute: true,
          ...(destination !== '' && { dest_app_name: [...destination].slice(0, longestDestination).join('') }),
          ...(anew && { prompt: 'login' }),
        },
        clientSecret,
      );
      return `${origin}/oauth/v1/authorize?${new URLSearchParams({ ...common, request }).toString()}`;
    },
    async redeem(code, redirectUri) {
      const fields = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        client_assertion_type: assertionType,
      };
      const answered = await ask(token, fields, timeout);
      const answer = read(answered.body);
      if (answered.status === 400 && answer?.error === 'invalid_grant')
        throw new Refusal('code-wrong', { factor: 'duo', cause: 'Duo knows no such code, or not any more' });
      if (answered.status !== 200) throw trouble(answered, answer);
      if (answer?.token_type !== 'Bearer' || typeof answer.id_token !== 'string')
        throw unavailable('it answers without an ID token');
      return answer.id_token;
    },
  };
}

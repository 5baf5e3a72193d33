/** Duo Universal Prompt: the person is led to Duo, which asks for what they enrolled there, and comes back with a code for its answer. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../clock.ts';
import type { DuoConfig } from '../config/duo-schema.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Factor } from './authenticator.ts';
import type { DuoService } from './duo/duo-service.ts';
import { judgeIdToken } from './duo/judge-id-token.ts';

/** What is kept until the person is back. */
interface Led {
  readonly nonce: string;
  /** When they were led away, in milliseconds since the epoch. */
  readonly at: number;
}

/** How long the browser may be sent there, in milliseconds: Duo takes a request for five minutes, by its own clock. */
const goodFor = 240_000;
const visible = /^[\x21-\x7e]{1,1024}$/;

function equal(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

function ledOf(state: unknown): Led {
  const { nonce, at } = typeof state === 'object' && state !== null ? (state as Partial<Led>) : {};
  if (typeof nonce === 'string' && typeof at === 'number') return { nonce, at };
  throw new Refusal('challenge-lapsed', { factor: 'duo', cause: 'nobody was led to Duo' });
}

/** The code that Duo gave to the browser. @throws Refusal factor-denied, factor-unavailable, code-wrong */
function codeOf({ error, duo_code: duoCode, code = duoCode }: Readonly<Record<string, string>>): string {
  // RFC 6749 §4.1.2.1.
  if (error === 'access_denied') throw new Refusal('factor-denied', { factor: 'duo', cause: 'Duo says access_denied' });
  if (error !== undefined) {
    const said = /^[a-z_]{1,40}$/.test(error) ? error : 'an error';
    throw new Refusal('factor-unavailable', { factor: 'duo', cause: `it sends people back with ${said}` });
  }
  if (code === undefined || !visible.test(code) || code !== (duoCode ?? code))
    throw new Refusal('code-wrong', { factor: 'duo', cause: 'no code came back' });
  return code;
}

export function createDuo(
  { clientId, username: attribute }: Pick<DuoConfig, 'clientId' | 'username'>,
  parts: {
    readonly service: DuoService;
    readonly clientSecret: string;
    readonly clock: Clock;
    readonly random: Random;
  },
): Factor {
  const { service, clientSecret, clock, random } = parts;
  const usernameOf = (person: Person | undefined): string | undefined => {
    const username = person?.[attribute];
    return username === '' ? undefined : username;
  };
  const nobody = (): Refusal => new Refusal('factor-not-enrolled', { factor: 'duo', cause: `no ${attribute}` });

  return {
    name: 'duo',
    // Duo enrols people within its prompt: a username is all that it takes.
    enrolled: (person) => Promise.resolve(usernameOf(person) !== undefined),
    async challenge(person, { returnUrl, handle, serviceProvider, forceAuthn }) {
      // First, so that it costs the same for nobody.
      await service.requireHealth();
      const username = usernameOf(person);
      if (username === undefined) throw nobody();
      const led: Led = { nonce: random(24).toString('base64url'), at: clock.now() };
      const url = service.authorizeUrl({
        username,
        state: handle,
        nonce: led.nonce,
        redirectUri: returnUrl,
        destination: serviceProvider,
        anew: forceAuthn,
      });
      return { kind: 'redirect', url, state: led, endsAt: led.at + goodFor };
    },
    async verify(person, presented, { state, handle, returnUrl, forceAuthn }) {
      const username = usernameOf(person);
      if (username === undefined) throw nobody();
      const led = ledOf(state);
      // Before anything else is believed: others can lead a browser here, too.
      if (!equal(presented.state ?? '', handle))
        throw new Refusal('challenge-lapsed', { factor: 'duo', cause: 'it is the return of another sign-in' });
      const token = await service.redeem(codeOf(presented), returnUrl);
      judgeIdToken(token, {
        secret: clientSecret,
        issuer: service.issuer,
        clientId,
        username,
        nonce: led.nonce,
        now: clock.now(),
        notBefore: forceAuthn ? led.at : undefined,
      });
      return { verdict: 'accepted' };
    },
  };
}

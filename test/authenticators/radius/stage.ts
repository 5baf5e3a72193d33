/** The factor of RADIUS, as the tests open and ask it. */
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach } from 'node:test';
import { createRadiusFactor } from '../../../src/authenticators/radius.ts';
import type { Asking, Challenge, Verdict } from '../../../src/authenticators/authenticator.ts';
import { radius, type RadiusConfig } from '../../../src/config/radius-schema.ts';
import type { Person } from '../../../src/directory/directory.ts';
import { Refusal, type RefusalDetail } from '../../../src/refusal.ts';
import { somebody } from '../../signin/somebody.ts';
import { answer, scriptedServer, type Received, type ScriptedServer } from './scripted-server.ts';

export const codes = { accept: 2, reject: 3, challenge: 11 } as const;

export const secret = 'a secret of some length';
export const alice = somebody('alice', { userPrincipalName: 'alice@example.com', sAMAccountName: 'alice' });

export const asking: Asking = {
  forceAuthn: false,
  returnUrl: 'https://sso.example.com/signin/radius',
  handle: 'handle',
  locale: 'en',
  remoteAddress: '192.0.2.7',
  serviceProvider: 'Google',
  name: '',
};

type Server = RadiusConfig['servers'][number];

export interface Opened {
  readonly factor: ReturnType<typeof createRadiusFactor>;
  /** What was told outside any request: level, message, server and why. */
  readonly notes: string[];
  /** Milliseconds since the epoch; a test may move it. */
  clock: { time: number };
}

export function open(servers: readonly Server[], more: Partial<RadiusConfig> & { shared?: string } = {}): Opened {
  const { shared = secret, ...settings } = more;
  const config = { ...radius.unwrap().parse({ servers, secret: shared }), timeout: 2_000, ...settings };
  const notes: string[] = [];
  const clock = { time: Date.parse('2026-07-01T10:00:00Z') };
  const factor = createRadiusFactor({
    config,
    secret: shared,
    publicUrl: 'https://sso.example.com',
    clock: { now: () => clock.time },
    random: randomBytes,
    note: (level, message, { server, cause } = {}) =>
      notes.push([level, message, server, cause].flatMap((part) => (typeof part === 'string' ? [part] : [])).join(' | ')),
  });
  return { factor, notes, clock };
}

/** The reason, and the detail that went with it. */
export async function refusalOf(promise: Promise<unknown>): Promise<{ reason: string; detail: RefusalDetail }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Refusal) return { reason: error.reason, detail: error.detail };
    throw error;
  }
  return { reason: 'none', detail: {} };
}

export const at = ({ host, port }: ScriptedServer): Server => ({ host, port });
export const ok = (request: Received): readonly Buffer[] => [answer(request, secret, codes.accept)];
export const no = (request: Received): readonly Buffer[] => [answer(request, secret, codes.reject)];

/** Begins and answers. */
export async function present(
  { factor }: Opened,
  code: string,
  who: Person | 'nobody' = alice,
  whence = asking,
): Promise<Verdict> {
  const person = who === 'nobody' ? undefined : who;
  const { state } = await factor.challenge(person, whence);
  return factor.verify(person, { code }, { ...whence, state });
}

/** Answers what was asked. */
export const again = (opened: Opened, { state }: Challenge, code: string, who: Person | 'nobody' = alice): Promise<Verdict> =>
  opened.factor.verify(who === 'nobody' ? undefined : who, { code }, { ...asking, state });

/** What a verdict asks further. */
export function challengeOf(verdict: Verdict): Challenge {
  if (verdict.verdict !== 'again') throw new Error(`it is ${verdict.verdict}`);
  return verdict.challenge;
}

/** Two servers of a test file, made anew before each test: they accept. */
export function twoServers(): { first: ScriptedServer; second: ScriptedServer } {
  const both = {} as { first: ScriptedServer; second: ScriptedServer };
  before(async () => {
    [both.first, both.second] = await Promise.all([scriptedServer(), scriptedServer()]);
  });
  beforeEach(() => {
    for (const one of [both.first, both.second]) {
      one.script = ok;
      one.received.length = 0;
    }
  });
  after(() => {
    for (const one of [both.first, both.second]) one.close();
  });
  return both;
}

/** What is kept of a question to a key: the challenge, and whom it was put to. */
import type { Random } from '../../clock.ts';
import { Refusal } from '../../refusal.ts';

export interface ChallengeState {
  /** In base64url. */
  readonly challenge: string;
  /** objectGUID; empty where nobody is known yet. */
  readonly person: string;
}

/** W3C WebAuthn §13.4.3 asks for 16 at least. */
const challengeBytes = 32;

/** How long a browser may wait for the person, in milliseconds: five minutes, the least of §15.1 where they are verified. */
export const timeout = 300_000;

export const newState = (random: Random, person = ''): ChallengeState => ({
  challenge: random(challengeBytes).toString('base64url'),
  person,
});

/** The library takes bytes, which TypeScript tells from a Buffer's. */
export const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(base64url, 'base64url'));

/** The challenge of a question that was put to that person. @throws Refusal challenge-lapsed */
export function challengeOf(state: unknown, person = ''): string {
  const { challenge, person: asked } = (state ?? {}) as Partial<ChallengeState>;
  if (typeof challenge !== 'string' || challenge === '' || asked !== person) throw new Refusal('challenge-lapsed');
  return challenge;
}

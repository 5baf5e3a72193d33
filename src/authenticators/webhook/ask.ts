/** Asks the web hook one question: signed, with a number of its own that the answer's signature must be bound to. */
import type { Clock, Random } from '../../clock.ts';
import { ServiceTrouble } from '../post.ts';
import type { Exchange } from './exchange.ts';
import { readAnswer, type Answer } from './read-answer.ts';
import { isSignedAnswer, signRequest, type Secrets } from './signature.ts';

export interface Question {
  readonly action: 'enrolled' | 'begin' | 'poll' | 'verify' | 'cancel';
  /** Of the challenge: unguessable, the same from `begin` to its end. */
  readonly id: string;
  /** Null for nobody. */
  readonly person: Readonly<Record<string, string>> | null;
  readonly serviceProvider: string | null;
  readonly remoteAddress: string | null;
  readonly locale: string | null;
  /** What the page shows. */
  readonly number: string | null;
  /** What was typed. */
  readonly code: string | null;
}

/** @throws ServiceTrouble */
export type Ask = (question: Question) => Promise<Answer>;

const version = 1;
const numberBytes = 16;

export function createAsk(parts: { exchange: Exchange; secrets: Secrets; clock: Clock; random: Random }): Ask {
  const { exchange, secrets, clock, random } = parts;
  return async (question) => {
    const now = clock.now();
    const request = random(numberBytes).toString('base64url');
    const body = Buffer.from(JSON.stringify({ version, request, ...question, time: new Date(now).toISOString() }));
    const reply = await exchange.post(body, signRequest(secrets, Math.floor(now / 1_000), body));
    if (!isSignedAnswer(secrets, reply.signature, request, reply.body))
      throw new ServiceTrouble('its answer is not signed for this request');
    return readAnswer(reply.body, question.id);
  };
}

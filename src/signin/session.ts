/** Sessions: evidence remembered, under a token that the store never learns. */
import { hash } from 'node:crypto';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import type { Remembered } from './next-step.ts';

export interface Session extends Remembered {
  /** Names the session to service providers, hashed with each one's entity ID. */
  readonly id: string;
  /** What was last read about the person, and when (milliseconds since the epoch; 0: to be read before use). */
  readonly person: Person;
  readonly personReadAt: number;
}

interface StoredSession extends Session {
  readonly lastSeenAt: number;
}

export interface Sessions {
  /** Begins a session under a new token, ending the one of `previous`. @throws Refusal attributes-too-large */
  start(person: Person, evidence: Evidence, previous: string | undefined): Promise<string>;
  /** The live session of a token; being asked for keeps it from idling out. */
  read(token: string | undefined): Promise<Session | undefined>;
  /** Remembers what was just read about the session's person. @throws Refusal attributes-too-large */
  refresh(token: string, person: Person, readAt: number): Promise<void>;
  /** Answers the session that there was. */
  end(token: string | undefined): Promise<Session | undefined>;
  /** Ends the session that is stored under that key (`sessionKey`). */
  endKey(key: string): Promise<Session | undefined>;
}

/** Characters of JSON: four times what a full memberOf of Active Directory takes, and half of what the store takes. */
const largestPerson = 256 * 1024;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** Under what the session of a token is stored; from it nobody learns the token. */
export const sessionKey = (token: string): string => hash('sha256', token, 'base64url');

/** @throws Refusal attributes-too-large */
function verifySize(person: Person): void {
  const size = JSON.stringify(person).length;
  if (size > largestPerson) throw new Refusal('attributes-too-large', { size, limit: largestPerson });
}

// The store holds only what this file wrote.
const stored = (value: unknown): StoredSession => value as StoredSession;

/**
 * @param parts `followed` is told of each session whose person signed in again: its id stays, its key and end are new (milliseconds
 *   since the epoch)
 */
export function createSessions(parts: {
  store: Store;
  clock: Clock;
  random: Random;
  limits: Config['session'];
  followed: (id: string, key: string, endsAt: number) => Promise<void>;
}): Sessions {
  const { store, clock, random, limits, followed } = parts;
  /** Not each request writes: a session is touched when this much of its idle life went by. */
  const touchAfter = Math.min(60_000, limits.idle / 10);

  const recordOf = (session: StoredSession): StoredRecord => ({
    value: session,
    expiresAt: Math.min(session.endsAt, session.lastSeenAt + limits.idle),
  });

  async function change(token: string, alter: (session: StoredSession) => StoredSession): Promise<void> {
    await store.update('session', sessionKey(token), (record) =>
      record === undefined ? undefined : recordOf(alter(stored(record.value))),
    );
  }

  async function endKey(key: string): Promise<Session | undefined> {
    const value = await store.get('session', key);
    return (await store.delete('session', key)) ? stored(value) : undefined;
  }

  async function end(token: string | undefined): Promise<Session | undefined> {
    return token === undefined || !tokenPattern.test(token) ? undefined : endKey(sessionKey(token));
  }

  return {
    async start(person, evidence, previous) {
      verifySize(person);
      const ended = await end(previous);
      // To service providers it is the same session still, which they may end by the name that they know.
      const continued = ended?.objectGUID === person.objectGUID ? ended.id : undefined;
      const token = random(32).toString('base64url');
      const now = clock.now();
      const record = recordOf({
        id: continued ?? random(16).toString('hex'),
        objectGUID: person.objectGUID,
        evidence: [evidence],
        endsAt: now + limits.absolute,
        lastSeenAt: now,
        person,
        personReadAt: 0,
      });
      if (!(await store.create('session', sessionKey(token), record.value, record.expiresAt))) {
        throw new Error('a session token occurred twice');
      }
      if (continued !== undefined) await followed(continued, sessionKey(token), now + limits.absolute);
      return token;
    },
    async read(token) {
      if (token === undefined || !tokenPattern.test(token)) return undefined;
      const value = await store.get('session', sessionKey(token));
      if (value === undefined) return undefined;
      const session = stored(value);
      const now = clock.now();
      if (now - session.lastSeenAt >= touchAfter) await change(token, (before) => ({ ...before, lastSeenAt: now }));
      return session;
    },
    async refresh(token, person, readAt) {
      verifySize(person);
      await change(token, (before) => ({ ...before, person, personReadAt: readAt }));
    },
    end,
    endKey,
  };
}

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
  /** Answers whether there was one. */
  end(token: string | undefined): Promise<Session | undefined>;
}

/** Characters of JSON: four times what a full memberOf of Active Directory takes, and half of what the store takes. */
const largestPerson = 256 * 1024;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;
const keyOf = (token: string): string => hash('sha256', token, 'base64url');

/** @throws Refusal attributes-too-large */
function verifySize(person: Person): void {
  const size = JSON.stringify(person).length;
  if (size > largestPerson) throw new Refusal('attributes-too-large', { size, limit: largestPerson });
}

// The store holds only what this file wrote.
const stored = (value: unknown): StoredSession => value as StoredSession;

export function createSessions(parts: { store: Store; clock: Clock; random: Random; limits: Config['session'] }): Sessions {
  const { store, clock, random, limits } = parts;
  /** Not each request writes: a session is touched when this much of its idle life went by. */
  const touchAfter = Math.min(60_000, limits.idle / 10);

  const recordOf = (session: StoredSession): StoredRecord => ({
    value: session,
    expiresAt: Math.min(session.endsAt, session.lastSeenAt + limits.idle),
  });

  async function change(token: string, alter: (session: StoredSession) => StoredSession): Promise<void> {
    await store.update('session', keyOf(token), (record) =>
      record === undefined ? undefined : recordOf(alter(stored(record.value))),
    );
  }

  async function end(token: string | undefined): Promise<Session | undefined> {
    if (token === undefined || !tokenPattern.test(token)) return undefined;
    const value = await store.get('session', keyOf(token));
    return (await store.delete('session', keyOf(token))) ? stored(value) : undefined;
  }

  return {
    async start(person, evidence, previous) {
      verifySize(person);
      await end(previous);
      const token = random(32).toString('base64url');
      const now = clock.now();
      const record = recordOf({
        id: random(16).toString('hex'),
        objectGUID: person.objectGUID,
        evidence: [evidence],
        endsAt: now + limits.absolute,
        lastSeenAt: now,
        person,
        personReadAt: 0,
      });
      if (!(await store.create('session', keyOf(token), record.value, record.expiresAt))) {
        throw new Error('a session token occurred twice');
      }
      return token;
    },
    async read(token) {
      if (token === undefined || !tokenPattern.test(token)) return undefined;
      const value = await store.get('session', keyOf(token));
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
  };
}

/** Sessions: evidence remembered, under a token that the store never learns. */
import type { Audit } from '../audit/audit.ts';
import { type Metrics, noMetrics } from '../audit/metrics.ts';
import { newReference } from '../audit/reference.ts';
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { CutOff } from './cut-off.ts';
import { networkOf } from '../audit/network.ts';
import { passwordSeen, seenAgain } from './password-seen.ts';
import type { SessionIndex } from './session-index.ts';
import * as record from './session-record.ts';
import { sessionKey, stored, type Session, type StoredSession, type Wishes } from './session-record.ts';

export { sessionKey, type Session, type Wishes };

/** Evidence whose end the session sets. */
export type Proved = Omit<Evidence, 'endsAt'>;

/** Where and how something was proven. */
export interface Begun {
  readonly remoteAddress: string;
  /** As the browser calls itself; cut where it is long. */
  readonly userAgent?: string | undefined;
  readonly wishes?: Wishes | undefined;
  /** Where the password was changed by what was proven: since when it had been. */
  readonly changed?: { readonly before: number | undefined } | undefined;
}

export interface Sessions {
  /**
   * Remembers evidence under a new token, since with each piece more may be done, and ends the session of `previous`; of the same
   * person its other evidence is carried over, to its own end. @throws Refusal attributes-too-large
   */
  start(person: Person, proved: Proved, previous: string | undefined, begun: Begun): Promise<string>;
  /** The live session of a token; being asked for keeps it from idling out. */
  read(token: string | undefined): Promise<Session | undefined>;
  /** The live session that is stored under that key (`sessionKey`), which it does not keep from idling out. */
  look(key: string): Promise<StoredSession | undefined>;
  /** Remembers what was just read about the session's person. @throws Refusal attributes-too-large */
  refresh(token: string, person: Person, readAt: number): Promise<void>;
  /** What of it counts where the policy lets people stay signed in for that long (milliseconds), or not at all. Pure but for the time. */
  counting(session: Session, life: number | undefined): Session;
  /** The person stays signed in for that long (milliseconds) from each piece of evidence on. */
  keep(token: string, session: Session, life: number): Promise<Session>;
  /** The session of a token goes on although its person changed the password, in the session of another token. */
  spare(token: string | undefined, changedBy: string): Promise<void>;
  /** Answers the session that there was. */
  end(token: string | undefined): Promise<Session | undefined>;
  /** Ends that session of a person, under whichever token; what was proven in it is carried nowhere. Answers it as `end` does. */
  endId(objectGUID: string, id: string): Promise<Session | undefined>;
  /** Ends it of our own accord, which the audit tells with the reason. */
  dismiss(token: string, why: string): Promise<void>;
}

/** Characters of JSON: four times what a full memberOf of Active Directory takes, and half of what the store takes. */
const largestPerson = 256 * 1024;
const longestUserAgent = 512;
const tokenPattern = /^[A-Za-z0-9_-]{43}$/;

/** @throws Refusal attributes-too-large */
function verifySize(person: Person): void {
  const size = JSON.stringify(person).length;
  if (size > largestPerson) throw new Refusal('attributes-too-large', { size, limit: largestPerson });
}

/**
 * @param parts `followed` is told of each session whose person signed in again or stays signed in: its id stays, its key and end may
 *   be new (milliseconds since the epoch)
 */
export function createSessions(parts: {
  store: Store;
  clock: Pick<Clock, 'now'>;
  random: Random;
  limits: record.Lives;
  index: SessionIndex;
  cutOff: CutOff;
  audit: Pick<Audit, 'record'>;
  steps?: Pick<Steps, 'tell'>;
  metrics?: Pick<Metrics, 'sessionBegun'>;
  followed: (id: string, key: string, endsAt: number) => Promise<void>;
}): Sessions {
  const { store, clock, random, limits, index, cutOff, audit, steps = noSteps, metrics = noMetrics, followed } = parts;
  /** Not each request writes: a session is touched when this much of its idle life went by. */
  const touchAfter = Math.min(60_000, limits.idle / 10);

  async function change(token: string, alter: (session: StoredSession) => StoredSession): Promise<void> {
    await store.update('session', sessionKey(token), (before) =>
      before === undefined ? undefined : record.recordOf(alter(stored(before.value)), limits),
    );
  }

  /** Takes it out of the store, but not out of the index. */
  async function take(key: string): Promise<StoredSession | undefined> {
    const value = await store.get('session', key);
    return value !== undefined && (await store.delete('session', key)) ? stored(value) : undefined;
  }

  async function endKey(key: string): Promise<Session | undefined> {
    const session = await take(key);
    if (session !== undefined) await index.remove({ ...session, key });
    return session;
  }

  const keyOf = (token: string | undefined): string | undefined =>
    token === undefined || !tokenPattern.test(token) ? undefined : sessionKey(token);

  async function dismissKey(key: string, why: string): Promise<void> {
    const session = await endKey(key);
    if (session === undefined) return;
    steps.tell('session', { ended: why, person: session.objectGUID });
    audit.record({ event: 'session.ended', reference: newReference(random), person: session.objectGUID, detail: { why } });
  }

  const whyOver = async (session: StoredSession): Promise<string | undefined> =>
    record.whyOver(session, await cutOff.before(), clock.now(), limits);

  async function look(key: string): Promise<StoredSession | undefined> {
    const value = await store.get('session', key);
    if (value === undefined) return undefined;
    const session = stored(value);
    const why = await whyOver(session);
    if (why === undefined) return session;
    await dismissKey(key, why);
    return undefined;
  }

  function make(person: Person, proved: Proved, begun: Begun, continued: StoredSession | undefined): StoredSession {
    const now = clock.now();
    const carried = continued?.evidence.filter(
      ({ authenticator, endsAt }) => authenticator !== proved.authenticator && now < Math.min(endsAt, continued.endsAt),
    );
    const endsAt = now + Math.max(limits.absolute, continued?.kept?.life ?? 0);
    const evidence = [...(carried ?? []), { ...proved, endsAt }];
    const isJudged = proved.authenticator === 'password' || continued?.password === undefined;
    const before = continued?.wishes?.signIn === proved.signIn ? continued.wishes : undefined;
    return {
      id: continued?.id ?? random(16).toString('hex'),
      objectGUID: person.objectGUID,
      evidence,
      endsAt: Math.max(...evidence.map((piece) => piece.endsAt)),
      createdAt: continued?.createdAt ?? now,
      lastSeenAt: now,
      place: networkOf(begun.remoteAddress),
      userAgent: (begun.userAgent ?? continued?.userAgent ?? '').slice(0, longestUserAgent).toWellFormed(),
      person,
      personReadAt: 0,
      password: isJudged ? passwordSeen(person, now, begun.changed) : continued.password,
      ...(continued?.kept !== undefined && { kept: record.keptOn(continued.kept, evidence, proved.at, now, limits) }),
      wishes: {
        signIn: proved.signIn,
        keep: begun.wishes?.keep ?? before?.keep,
        remember: begun.wishes?.remember ?? before?.remember,
      },
    };
  }

  /** Of the session that there was, if what it holds still counts for that person. */
  async function continuable(
    before: StoredSession | undefined,
    person: Person,
    begun: Begun,
  ): Promise<StoredSession | undefined> {
    if (before?.objectGUID !== person.objectGUID || (await whyOver(before)) !== undefined) return undefined;
    const isChanged =
      begun.changed === undefined && before.password !== undefined && seenAgain(before.password, person.account) === 'changed';
    return isChanged ? undefined : before;
  }

  async function read(token: string | undefined): Promise<Session | undefined> {
    const key = keyOf(token);
    const session = key === undefined ? undefined : await look(key);
    if (session === undefined || token === undefined) return undefined;
    const now = clock.now();
    if (now - session.lastSeenAt >= touchAfter) await change(token, (before) => record.touched(before, now, limits));
    return session;
  }

  return {
    async start(person, proved, previous, begun) {
      verifySize(person);
      const previousKey = keyOf(previous);
      const ended = previousKey === undefined ? undefined : await take(previousKey);
      // To service providers it is the same session still, which they may end by the name that they know.
      const continued = await continuable(ended, person, begun);
      const token = random(32).toString('base64url');
      const key = sessionKey(token);
      const session = make(person, proved, begun, continued);
      const { value, expiresAt } = record.recordOf(session, limits);
      if (!(await store.create('session', key, value, expiresAt))) throw new Error('a session token occurred twice');
      if (continued !== undefined && previousKey !== undefined && (await index.follow({ ...session, key }, previousKey))) {
        await followed(session.id, key, session.endsAt);
        return token;
      }
      // Ended by somebody meanwhile, it does not go on: what is new counts alone.
      const fresh = continued === undefined ? session : make(person, proved, begun, undefined);
      if (fresh !== session) await change(token, () => fresh);
      if (ended !== undefined && previousKey !== undefined && continued === undefined) {
        await index.remove({ ...ended, key: previousKey });
      }
      await index.add({ ...fresh, key });
      metrics.sessionBegun();
      return token;
    },
    read,
    look,
    async refresh(token, person, readAt) {
      verifySize(person);
      await change(token, (before) => {
        const seen = before.password && seenAgain(before.password, person.account);
        return { ...before, person, personReadAt: readAt, password: seen === 'changed' ? before.password : seen };
      });
    },
    counting: (session, life) => record.counted(session, life, clock.now(), limits),
    async keep(token, session, life) {
      const now = clock.now();
      await change(token, (before) => record.keptFor(before, life, now, limits));
      const kept = record.keptFor(session, life, now, limits);
      const key = sessionKey(token);
      if (await index.follow({ ...kept, key }, key)) await followed(kept.id, key, kept.endsAt);
      return kept;
    },
    async spare(token, changedBy) {
      const [session, by] = [await read(token), await read(changedBy)];
      if (token === undefined || session === undefined || session.objectGUID !== by?.objectGUID) return;
      await change(token, (before) => ({ ...before, password: by.password }));
    },
    async end(token) {
      const key = keyOf(token);
      return key === undefined ? undefined : endKey(key);
    },
    async endId(objectGUID, id) {
      // The index first: a session that is about to go on under another key finds that it must not.
      const key = await index.take(objectGUID, id);
      return key === undefined ? undefined : take(key);
    },
    dismiss: (token, why) => dismissKey(sessionKey(token), why),
  };
}

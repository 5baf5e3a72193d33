/** The door of the factors: who is asked, throttle, challenge, verify, add evidence. */
import { hash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Metrics } from '../audit/metrics.ts';
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Asking, Challenge, Factor, FactorName } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { verifyAccount } from '../directory/account-state.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { type Reason, Refusal, type RefusalDetail } from '../refusal.ts';
import type { Store, StoredRecord } from '../store/store.ts';
import { nameKey } from './attempt-keys.ts';
import type { CountAsked } from './count-asked.ts';
import { meansNobody } from './identify.ts';
import { sessionKey, type Session, type Sessions, type Wishes } from './session.ts';
import type { Attempt, Throttle } from './throttle.ts';
import type { WaitingRoom } from './waiting-room.ts';

/** In which sign-in, and whose browser. */
export interface Confirming {
  readonly signIn: string;
  /** As typed, where nobody is known by the session. */
  readonly name: string;
  /** Token of the session that the browser has now. */
  readonly session: string | undefined;
  readonly remoteAddress: string;
  readonly reference: string;
  readonly serviceProvider: { readonly entityID: string; readonly name: string };
  readonly forceAuthn: boolean;
  readonly locale: string;
  readonly returnUrl: string;
  /** As the browser calls itself. */
  readonly userAgent?: string | undefined;
  /** What was asked for beside it. */
  readonly wishes?: Wishes | undefined;
}

export type Confirmed =
  | {
      readonly step: 'accepted';
      /** Token of the session that holds the evidence. */
      readonly session: string;
      /** For the audit. */
      readonly detail?: RefusalDetail | undefined;
    }
  | { readonly step: 'ask'; readonly challenge: Challenge };

export interface Confirm {
  /** What is to be answered now; the same as before where that was not answered yet. @throws Refusal */
  ask(factor: Factor, confirming: Confirming): Promise<Challenge>;
  /** @throws Refusal */
  answer(factor: Factor, confirming: Confirming, fields: Readonly<Record<string, string>>): Promise<Confirmed>;
  /** The sign-in whose browser comes back with that handle. @throws Refusal challenge-lapsed */
  returned(handle: string): Promise<string>;
}

/** Whom a factor is asked of. */
interface Subject {
  /** Undefined: nobody of that name. */
  readonly person: Person | undefined;
  /** Why there is nobody. */
  readonly absent: Refusal | undefined;
  /** Undefined where the session tells who it is. */
  readonly name: string | undefined;
  /** Under what the challenge is kept: of one sign-in, factor and session; of all names that are typed in a sign-in, the last. */
  readonly key: string;
}

interface Pending {
  readonly objectGUID: string | undefined;
  /** The name's key, where the session does not tell who it is. */
  readonly name: string | undefined;
  readonly challenge: Challenge;
  readonly handle: string;
  /** How often more was asked since. */
  readonly rounds: number;
}

/** A record's own key, index and the rest of its value, in bytes. */
const recordBytes = 256;
const handlePattern = /^[A-Za-z0-9_-]{43}$/;

/** Whether something was judged and not right, or might have been a guess. */
const isFailure = ({ reason, row }: Refusal): boolean =>
  row.words === 'not-accepted' || row.words === 'code-not-accepted' || reason === 'factor-denied';
/** What the throttle says of a person, whatever name was typed. */
const exhausted: ReadonlySet<Reason> = new Set<Reason>(['attempts-exhausted', 'person-attempts-exhausted']);

const hashed = (...parts: readonly string[]): string => hash('sha256', parts.join('\0'), 'base64url');

export function createConfirm(parts: {
  directory: Pick<Directory, 'find' | 'passwordPolicy' | 'server'>;
  store: Store;
  sessions: Sessions;
  /** That of each factor, which counts its own failures. */
  throttleOf: (factor: FactorName) => Throttle;
  countAsked: CountAsked;
  waitingRoom: WaitingRoom;
  metrics: Metrics;
  audit: Audit;
  limits: Config['throttle'];
  /** How long a challenge waits for its answer, in milliseconds. */
  patience: number;
  steps?: Pick<Steps, 'take'>;
  clock: Clock;
  random: Random;
}): Confirm {
  const { directory, store, sessions, throttleOf, countAsked, waitingRoom, metrics, audit, limits, patience } = parts;
  const { steps = noSteps, clock, random } = parts;

  const isLive = (session: Session | undefined): session is Session =>
    session?.evidence.some(({ endsAt }) => clock.now() < endsAt) === true;

  async function subjectOf(factor: Factor, { signIn, session: token, name }: Confirming): Promise<Subject> {
    const session = await sessions.read(token);
    const keyFor = (who: string): string => hashed('challenge', signIn, factor.name, who);
    if (isLive(session) && token !== undefined) {
      return { person: session.person, absent: undefined, name: undefined, key: keyFor(sessionKey(token)) };
    }
    const key = keyFor('');
    try {
      return { person: await directory.find(name), absent: undefined, name, key };
    } catch (error) {
      if (!(error instanceof Refusal) || !meansNobody.has(error.reason)) throw error;
      return { person: undefined, absent: error, name, key };
    }
  }

  const asking = (confirming: Confirming, handle: string): Asking => ({
    forceAuthn: confirming.forceAuthn,
    returnUrl: confirming.returnUrl,
    handle,
    locale: confirming.locale,
    remoteAddress: confirming.remoteAddress,
    serviceProvider: confirming.serviceProvider.name,
    name: confirming.name,
  });

  // The store holds only what this file wrote.
  const pendingOf = async (key: string): Promise<Pending | undefined> =>
    (await store.get('challenge', key)) as Pending | undefined;
  const recordOf = (pending: Pending): StoredRecord => ({ value: pending, expiresAt: clock.now() + patience });

  const isOf = (pending: Pending, { person, name }: Subject): boolean =>
    pending.objectGUID === person?.objectGUID && pending.name === (name === undefined ? undefined : nameKey(name));

  async function settle(attempt: Attempt | undefined, error: unknown): Promise<void> {
    if (attempt === undefined) return;
    if (error instanceof Refusal && isFailure(error)) {
      metrics.attempt('refused', attempt.familiar);
      await attempt.failed();
    } else {
      metrics.attempt('unjudged', attempt.familiar);
      await attempt.withdrawn();
    }
  }

  /** Lets an attempt begin; of whoever was tried too often by other names, as of nobody. @throws Refusal */
  async function admit(
    factor: Factor,
    { person, name }: Subject,
    remoteAddress: string,
  ): Promise<{ readonly attempt: Attempt; readonly spent?: Refusal }> {
    const attempt = await throttleOf(factor.name).admit(name, remoteAddress);
    try {
      await (person === undefined ? attempt.nobody() : attempt.person(person));
    } catch (error) {
      if (name !== undefined && error instanceof Refusal && error.reason === 'person-attempts-exhausted')
        return { attempt, spent: error };
      await attempt.withdrawn();
      if (name !== undefined || !(error instanceof Refusal) || !exhausted.has(error.reason)) throw error;
      throw new Refusal('factor-attempts-exhausted', { ...error.detail, factor: factor.name });
    }
    return { attempt };
  }

  /** No password was judged that would have told what stands against the account. @throws Refusal */
  async function verifyNamed(person: Person, name: string | undefined): Promise<void> {
    if (name !== undefined) await verifyAccount(person, clock.now(), () => directory.passwordPolicy(person));
  }

  /** The factor's own work, as a step that tells what came of it. */
  const taken = <Result extends { readonly verdict: string } | { readonly kind: string }>(
    factor: Factor,
    person: Person | undefined,
    what: 'question' | 'answer',
    work: () => Promise<Result>,
  ): Promise<Result> =>
    steps.take('authenticator', { authenticator: factor.name, what, person: person?.objectGUID }, async (tell) => {
      const result = await work();
      tell({ result: 'verdict' in result ? result.verdict : result.kind });
      return result;
    });

  async function judge(
    factor: Factor,
    subject: Subject,
    confirming: Confirming,
    fields: Readonly<Record<string, string>>,
  ): Promise<Confirmed> {
    const { key } = subject;
    const pending = await pendingOf(key);
    if (pending === undefined || !isOf(pending, subject)) throw new Refusal('challenge-lapsed');
    // To ask whether somebody approved is no attempt: nothing can be guessed by it. Nor is to present nothing.
    const isEmpty = Object.keys(fields).length === 0;
    if (isEmpty && pending.challenge.kind !== 'wait') return { step: 'ask', challenge: pending.challenge };
    const { attempt, spent } = isEmpty ? {} : await admit(factor, subject, confirming.remoteAddress);
    const person = spent === undefined ? subject.person : undefined;
    try {
      const told = { ...asking(confirming, pending.handle), state: pending.challenge.state };
      const verify = () => factor.verify(person, fields, told);
      const judged = await taken(factor, person, 'answer', verify).catch(async (error: unknown) => {
        await store.delete('challenge', key);
        const why = spent?.reason ?? subject.absent?.reason;
        if (!(error instanceof Refusal) || why === undefined) throw error;
        // What was asked of the person is not asked of nobody: that is no answer of its own.
        throw new Refusal(error.reason === 'challenge-lapsed' ? 'factor-not-enrolled' : error.reason, { ...error.detail, why });
      });
      if (judged.verdict !== 'accepted') {
        // Unless it was answered meanwhile: then it stays so.
        const isMore = judged.verdict === 'again';
        const { challenge } = judged;
        const after = { ...pending, challenge, rounds: pending.rounds + (isMore ? 1 : 0) };
        await store.update('challenge', key, (record) => record && recordOf(after));
        // Some ask again after whatever was wrong. Who is right in the end is forgiven.
        await (isMore && pending.rounds > 0 ? attempt?.failed() : attempt?.withdrawn());
        return { step: 'ask', challenge: judged.challenge };
      }
      if (person === undefined) throw new Error('a factor accepted nobody');
      // Whoever takes it away was the one to answer it.
      if (!(await store.delete('challenge', key))) throw new Refusal('challenge-lapsed');
      await verifyNamed(person, subject.name);
      await attempt?.succeeded(person);
      metrics.attempt('accepted', attempt?.familiar ?? false);
      const proved = { authenticator: factor.name, objectGUID: person.objectGUID, at: clock.now(), signIn: confirming.signIn };
      return {
        step: 'accepted',
        session: await sessions.start(person, proved, confirming.session, confirming),
        detail: judged.detail,
      };
    } catch (error) {
      await settle(attempt, error);
      throw error;
    }
  }

  /** @throws Refusal */
  async function begin(factor: Factor, subject: Subject, confirming: Confirming): Promise<Challenge> {
    const { person, name, key } = subject;
    const before = await pendingOf(key);
    const stands = before !== undefined && clock.now() < (before.challenge.endsAt ?? Infinity);
    if (stands && isOf(before, subject)) return before.challenge;
    // What strangers leave behind.
    if (name !== undefined) await waitingRoom.enter(recordBytes, confirming.remoteAddress);
    await countAsked(factor.name, subject, confirming.remoteAddress);
    const handle = random(32).toString('base64url');
    const challenge = await taken(factor, person, 'question', () => factor.challenge(person, asking(confirming, handle)));
    // Whoever knew the sign-in alone could ask what became of it, from another browser.
    if (name !== undefined && (challenge.kind === 'wait' || challenge.kind === 'redirect'))
      throw new Refusal('factor-unavailable', { factor: factor.name, cause: `it cannot come first: it says ${challenge.kind}` });
    const named = name === undefined ? undefined : nameKey(name);
    const pending = recordOf({ objectGUID: person?.objectGUID, name: named, challenge, handle, rounds: 0 });
    await store.update('challenge', key, () => pending);
    if (challenge.kind === 'redirect') {
      await store.create('challenge', hashed('handle', handle), confirming.signIn, pending.expiresAt);
    }
    return challenge;
  }

  /** Of whoever it was. */
  const about =
    ({ person }: Subject) =>
    (error: unknown): never => {
      throw error instanceof Refusal && person !== undefined ? error.about(person.objectGUID) : error;
    };

  return {
    async ask(factor, confirming) {
      const started = clock.now();
      const subject = await subjectOf(factor, confirming);
      try {
        return await begin(factor, subject, confirming).catch(about(subject));
      } finally {
        // To be asked by a name takes the same time, whoever bears it.
        if (subject.name !== undefined) await clock.until(started + limits.floor);
      }
    },

    async answer(factor, confirming, fields) {
      const started = clock.now();
      try {
        const subject = await subjectOf(factor, confirming);
        const confirmed = await judge(factor, subject, confirming, fields).catch(about(subject));
        if (confirmed.step === 'accepted') {
          audit.record({
            event: `${factor.name}.accepted`,
            reference: confirming.reference,
            serviceProvider: confirming.serviceProvider.entityID,
            person: subject.person?.objectGUID,
            name: subject.name?.slice(0, 256),
            remoteAddress: confirming.remoteAddress,
            server: directory.server,
            detail: confirmed.detail,
            milliseconds: clock.now() - started,
          });
        }
        return confirmed;
      } catch (error) {
        // What anybody may provoke takes the same time, whatever was found out meanwhile.
        if (error instanceof Refusal) await clock.until(started + limits.floor);
        throw error;
      }
    },

    async returned(handle) {
      const signIn = handlePattern.test(handle) ? await store.get('challenge', hashed('handle', handle)) : undefined;
      if (typeof signIn !== 'string') throw new Refusal('challenge-lapsed');
      return signIn;
    },
  };
}

/** The one door of every authenticator: throttle, verify, add evidence. */
import type { Audit } from '../audit/audit.ts';
import type { Authenticator, Recogniser } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import type { Sessions } from './session.ts';
import type { Attempt, Throttle } from './throttle.ts';

export interface Presented {
  /** The sign-in that asked. */
  readonly signIn: string;
  /** As typed; what a Recogniser is presented needs none. */
  readonly name: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  /** Token of the session that the browser has now. */
  readonly session: string | undefined;
  readonly reference: string;
  /** Entity ID, for the audit. */
  readonly serviceProvider: string;
  /** Of the request. */
  readonly forceAuthn: boolean;
}

/** Verifies what was presented and gives back the token of a new session. @throws Refusal */
export type Identify = (authenticator: Authenticator | Recogniser, presented: Presented) => Promise<string>;

export function createIdentify(parts: {
  directory: Directory;
  sessions: Sessions;
  throttle: Throttle;
  audit: Audit;
  clock: Clock;
  limits: Config['throttle'];
}): Identify {
  const { directory, sessions, throttle, audit, clock, limits } = parts;

  /** Finds and verifies; a name that is nobody’s, or whose person was tried too often, costs the same effort and ends the same way. */
  async function verify(authenticator: Authenticator, presented: Presented, attempt: Attempt): Promise<Person> {
    let person: Person | undefined;
    let absent: Refusal | undefined;
    try {
      person = await directory.find(presented.name);
    } catch (error) {
      if (!(error instanceof Refusal) || (error.reason !== 'person-unknown' && error.reason !== 'person-ambiguous')) throw error;
      absent = error;
    }
    if (person !== undefined) {
      try {
        await attempt.person(person.objectGUID);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        absent = error;
        person = undefined;
      }
    }
    try {
      await authenticator.verify(person, presented.fields, { forceAuthn: presented.forceAuthn });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (absent !== undefined && error.reason === 'password-wrong') throw absent;
      throw person === undefined ? error : error.about(person.objectGUID);
    }
    if (person === undefined) throw absent ?? new Error('an authenticator accepted nobody');
    if (person.barred !== undefined) throw new Refusal(person.barred).about(person.objectGUID);
    return person;
  }

  async function recognise(recogniser: Recogniser, { fields, forceAuthn }: Presented): Promise<Person> {
    const person = await recogniser.recognise(fields, { forceAuthn });
    if (person.barred !== undefined) throw new Refusal(person.barred).about(person.objectGUID);
    return person;
  }

  async function settle(attempt: Attempt, error: unknown): Promise<void> {
    if (error instanceof Refusal && error.row.words === 'not-accepted') await attempt.failed();
    else await attempt.withdrawn();
  }

  return async (authenticator, presented) => {
    const started = clock.now();
    try {
      const recognises = 'recognise' in authenticator;
      const attempt = await throttle.admit(recognises ? undefined : presented.name, presented.remoteAddress);
      let person: Person;
      try {
        person = await (recognises ? recognise(authenticator, presented) : verify(authenticator, presented, attempt));
      } catch (error) {
        await settle(attempt, error);
        throw error;
      }
      await attempt.succeeded();
      const now = clock.now();
      const evidence = { authenticator: authenticator.name, objectGUID: person.objectGUID, at: now, signIn: presented.signIn };
      const token = await sessions.start(person, evidence, presented.session);
      audit.record({
        event: `${authenticator.name}.accepted`,
        reference: presented.reference,
        serviceProvider: presented.serviceProvider,
        person: person.objectGUID,
        name: presented.name.slice(0, 256),
        remoteAddress: presented.remoteAddress,
        server: directory.server,
        milliseconds: now - started,
      });
      return token;
    } catch (error) {
      // What anybody may provoke takes the same time, whatever was found out meanwhile.
      if (error instanceof Refusal) await clock.until(started + limits.floor);
      throw error;
    }
  };
}

/** The one door of every authenticator: throttle, verify, add evidence. */
import type { Audit } from '../audit/audit.ts';
import type { Metrics } from '../audit/metrics.ts';
import { noSteps, type Steps } from '../audit/steps.ts';
import type { Authenticator, Recogniser } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/schema.ts';
import { verifyAccount } from '../directory/account-state.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { type Reason, Refusal } from '../refusal.ts';
import { nameKey } from './attempt-keys.ts';
import type { Sessions, Wishes } from './session.ts';
import type { SprayedPasswords } from './sprayed-passwords.ts';
import type { Suspicions } from './suspicions.ts';
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
  /** Entity ID, for the audit; undefined where none asked. */
  readonly serviceProvider: string | undefined;
  /** Of the request. */
  readonly forceAuthn: boolean;
  /** As the browser calls itself. */
  readonly userAgent?: string | undefined;
  /** What was asked for beside it. */
  readonly wishes?: Wishes | undefined;
}

/** Verifies what was presented and gives back the token of a new session. @throws Refusal */
export type Identify = (authenticator: Authenticator | Recogniser, presented: Presented) => Promise<string>;

/** What finding says where it finds no one person: a password is tried all the same, so that it costs what it costs for somebody. */
export const meansNobody: ReadonlySet<Reason> = new Set<Reason>(['person-unknown', 'person-ambiguous', 'person-not-replicated']);

/** Failed passwords just before the right one, from which on it may have been found by guessing. */
const suspicious = 2;

/** Whether something was judged and not right, or might have been a guess. */
const isFailure = ({ reason, row }: Refusal): boolean =>
  row.words === 'not-accepted' || reason === 'person-locked' || (reason.startsWith('certificate-') && row.http === 403);

export function createIdentify(parts: {
  directory: Directory;
  sessions: Sessions;
  throttle: Throttle;
  sprayed: SprayedPasswords;
  suspicions: Pick<Suspicions, 'remember'>;
  metrics: Metrics;
  audit: Audit;
  clock: Clock;
  limits: Config['throttle'];
  steps?: Pick<Steps, 'take'>;
}): Identify {
  const { directory, sessions, throttle, sprayed, suspicions, metrics, audit, clock, limits, steps = noSteps } = parts;

  /** Finds and verifies; a name that is nobody’s, or whose person was tried too often, costs the same effort and ends the same way. */
  async function verify(authenticator: Authenticator, presented: Presented, attempt: Attempt): Promise<Person> {
    let person: Person | undefined;
    let absent: Refusal | undefined;
    try {
      person = await directory.find(presented.name);
    } catch (error) {
      if (!(error instanceof Refusal) || !meansNobody.has(error.reason)) throw error;
      absent = error;
    }
    try {
      if (person === undefined) await attempt.nobody();
      else {
        await attempt.person(person);
        // Whoever chose it has it known; at a familiar place it may be their own.
        if (!attempt.familiar && (await sprayed.has(presented.fields.password ?? ''))) {
          throw new Refusal('password-sprayed').about(person.objectGUID);
        }
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      absent = error;
      person = undefined;
    }
    try {
      const { fields, forceAuthn } = presented;
      const about = {
        authenticator: authenticator.name,
        person: person?.objectGUID,
        distinguishedName: person?.distinguishedName,
        ...(person === undefined && { nobody: true }),
      };
      await steps.take('authenticator', about, () => authenticator.verify(person, fields, { forceAuthn }));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (absent !== undefined && error.reason === 'password-wrong') throw absent;
      if (person === undefined) throw error;
      // Whether an account is locked is told before the password is judged: not to strangers.
      const isTold = error.reason !== 'person-locked' || attempt.familiar;
      throw (isTold ? error : new Refusal('person-locked-unfamiliar', error.detail)).about(person.objectGUID);
    }
    if (person === undefined) throw absent ?? new Error('an authenticator accepted nobody');
    if (person.barred !== undefined) throw new Refusal(person.barred).about(person.objectGUID);
    return person;
  }

  async function recognise(recogniser: Recogniser, { fields, forceAuthn }: Presented): Promise<Person> {
    const person = await steps.take('authenticator', { authenticator: recogniser.name }, async (tell) => {
      const found = await recogniser.recognise(fields, { forceAuthn });
      tell({ person: found.objectGUID, distinguishedName: found.distinguishedName });
      return found;
    });
    try {
      await verifyAccount(person, clock.now(), () => directory.passwordPolicy(person));
    } catch (error) {
      throw error instanceof Refusal ? error.about(person.objectGUID) : error;
    }
    return person;
  }

  const tellSpray = (kind: 'address' | 'password', { reference }: Presented, detail: Record<string, string | number>): void => {
    metrics.sprayDetected(kind);
    audit.record({ event: 'spray.detected', reference, detail: { by: kind, ...detail } });
  };

  async function settle(attempt: Attempt, error: unknown, presented: Presented): Promise<void> {
    if (!(error instanceof Refusal) || !isFailure(error)) {
      metrics.attempt(
        error instanceof Refusal && error.row.words === 'too-many-attempts' ? 'exhausted' : 'unjudged',
        attempt.familiar,
      );
      await attempt.withdrawn();
      return;
    }
    metrics.attempt('refused', attempt.familiar);
    const spray = await attempt.failed();
    if (spray !== undefined) tellSpray('address', presented, { ...spray, minutes: limits.window / 60_000 });
    const { password } = presented.fields;
    const many = password === undefined ? undefined : await sprayed.refused(password, nameKey(presented.name), attempt.network);
    if (many !== undefined) tellSpray('password', presented, { ...many, minutes: limits.window / 60_000 });
  }

  /** What the policy may want to know of whoever is right in the end. */
  async function risksOf(
    { objectGUID }: Person,
    failedBefore: number,
    { fields }: Presented,
  ): Promise<('recent-failures' | 'spray')[]> {
    if (failedBefore >= suspicious) await suspicions.remember(objectGUID);
    const isSprayed = fields.password !== undefined && (await sprayed.has(fields.password));
    return [...(failedBefore >= suspicious ? (['recent-failures'] as const) : []), ...(isSprayed ? (['spray'] as const) : [])];
  }

  async function admit(name: string | undefined, remoteAddress: string): Promise<Attempt> {
    try {
      return await throttle.admit(name, remoteAddress);
    } catch (error) {
      if (error instanceof Refusal) metrics.attempt('exhausted', false);
      throw error;
    }
  }

  return async (authenticator, presented) => {
    const started = clock.now();
    try {
      const recognises = 'recognise' in authenticator;
      if (!recognises) authenticator.verifyForm?.(presented.fields);
      const attempt = await admit(recognises ? undefined : presented.name, presented.remoteAddress);
      let person: Person;
      try {
        person = await (recognises ? recognise(authenticator, presented) : verify(authenticator, presented, attempt));
      } catch (error) {
        await settle(attempt, error, presented);
        throw error;
      }
      metrics.attempt('accepted', attempt.familiar);
      const [risks] = await Promise.all([risksOf(person, attempt.failedBefore, presented), attempt.succeeded(person)]);
      const now = clock.now();
      const changes = recognises ? undefined : authenticator.changes;
      const proved = {
        authenticator: authenticator.name,
        objectGUID: person.objectGUID,
        at: now,
        signIn: presented.signIn,
        ...(risks.length > 0 && { risks }),
      };
      // Whatever becomes of the session: what was changed is changed.
      audit.record({
        event: changes?.event ?? `${authenticator.name}.accepted`,
        reference: presented.reference,
        serviceProvider: presented.serviceProvider,
        person: person.objectGUID,
        name: presented.name.slice(0, 256),
        remoteAddress: presented.remoteAddress,
        server: directory.server,
        milliseconds: now - started,
      });
      const { remoteAddress, userAgent, wishes } = presented;
      const begun = { remoteAddress, userAgent, wishes, changed: changes && { before: person.account?.passwordLastSet } };
      return await sessions.start(changes?.renewed(person) ?? person, proved, presented.session, begun);
    } catch (error) {
      // What anybody may provoke takes the same time, whatever was found out meanwhile.
      if (error instanceof Refusal) await clock.until(started + limits.floor);
      throw error;
    }
  };
}

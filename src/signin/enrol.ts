/** Sets up what a person lacks: a pass where one is needed, what is shown to them, and the proof that it works. */
import { hash } from 'node:crypto';
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Enroller, Setup } from '../authenticators/authenticator.ts';
import type { EnrolmentPasses } from '../authenticators/enrolment-pass.ts';
import type { EnrolmentRecords, Enrolments } from '../authenticators/enrolments.ts';
import type { RecoveryCodeIssuer } from '../authenticators/recovery-code.ts';
import type { Clock } from '../clock.ts';
import { type Reason, Refusal } from '../refusal.ts';
import type { Store } from '../store/store.ts';
import type { EnrolmentGate } from './enrolment-gate.ts';
import { sessionKey, type Session, type Sessions } from './session.ts';
import type { Attempt, Throttle } from './throttle.ts';

/** Whose browser it is, and what it is in the middle of. */
export interface Enrolling {
  /** The sign-in; at the person's own page, a word for that. */
  readonly within: string;
  /** Live, and its token. */
  readonly session: Session;
  readonly token: string;
  readonly remoteAddress: string;
  /** As the browser calls itself. */
  readonly userAgent: string | undefined;
  readonly reference: string;
  /** Entity ID. */
  readonly serviceProvider: string | undefined;
}

export interface Enrolled {
  /** Token of the session that holds the evidence, and for how long the browser keeps it (milliseconds) where the person stays signed in. */
  readonly session: string;
  readonly life: number | undefined;
  /** In clear for the only time, where the person had none. */
  readonly recoveryCodes: readonly string[] | undefined;
}

export interface Enrol {
  /** Whether something can be set up from there now: whoever has nothing yet may need a pass for it. */
  admits(enrolling: Enrolling): Promise<'now' | 'with a pass' | 'never'>;
  /** @throws Refusal enrolment-pass-wrong, factor-attempts-exhausted, address-attempts-exhausted */
  redeem(enrolling: Enrolling, typed: string): Promise<void>;
  /** What the person is shown; the same as before where that was not answered and can be shown again. @throws Refusal enrolment-full */
  begin(way: Enroller['name'], enrolling: Enrolling): Promise<Setup>;
  /** @throws Refusal code-wrong, challenge-lapsed, enrolment-full, key-not-allowed */
  complete(way: Enroller['name'], enrolling: Enrolling, fields: Readonly<Record<string, string>>): Promise<Enrolled>;
  /** Ten in place of those before, in clear for the only time; undefined where there are none to be had. */
  newRecoveryCodes(enrolling: Omit<Enrolling, 'within' | 'token'>): Promise<readonly string[] | undefined>;
}

interface Pending {
  readonly objectGUID: string;
  readonly state: unknown;
  /** What the person had when it was begun: where that changed meanwhile, it is begun anew. */
  readonly had: string;
  readonly until: number;
}

/** What the throttle says of a person whose name nobody typed. */
const exhausted: ReadonlySet<Reason> = new Set<Reason>(['attempts-exhausted', 'person-attempts-exhausted']);

const keyOf = (...parts: readonly string[]): string => hash('sha256', parts.join('\0'), 'base64url');
const idsOf = ({ totp, webauthn }: Enrolments): string => keyOf(...[...totp, ...webauthn].map(({ id }) => id).sort());

/** @param parts `patience` is how long what was shown waits for its answer, in milliseconds */
export function createEnrol(parts: {
  enrollers: readonly Enroller[];
  enrolments: Pick<EnrolmentRecords, 'of'>;
  recoveryCodes: RecoveryCodeIssuer | undefined;
  passes: Pick<EnrolmentPasses, 'redeem'>;
  /** That of passes, which counts the wrong ones. */
  throttle: Throttle;
  gate: Pick<EnrolmentGate, 'opens' | 'present' | 'freshFor'>;
  sessions: Pick<Sessions, 'start' | 'read'>;
  store: Store;
  audit: Audit;
  steps: Pick<Steps, 'take'>;
  patience: number;
  clock: Clock;
  floor: number;
}): Enrol {
  const { enrollers, enrolments, recoveryCodes, passes, throttle, gate, sessions, store, audit, steps } = parts;
  const { patience, clock, floor } = parts;

  const setupKey = (way: string, { within, token }: Enrolling): string => keyOf('enrol', within, way, sessionKey(token));
  // The session's id outlives its tokens: whoever is asked for the password once more need not ask for another pass.
  const passKey = ({ within, session }: Enrolling): string => keyOf('pass', within, session.id, session.objectGUID);
  // The store holds only what this file wrote.
  const pendingOf = async (key: string): Promise<Pending | undefined> =>
    (await store.get('challenge', key)) as Pending | undefined;

  function enrollerOf(way: Enroller['name']): Enroller {
    const enroller = enrollers.find(({ name }) => name === way);
    if (enroller === undefined) throw new Refusal('page-unknown');
    return enroller;
  }

  /** @throws Refusal challenge-lapsed */
  async function take(key: string, { session }: Enrolling): Promise<Pending> {
    const pending = await pendingOf(key);
    // Whoever takes it away is the one to answer it.
    if (pending === undefined || !(await store.delete('challenge', key))) throw new Refusal('challenge-lapsed');
    const isTheirs = pending.objectGUID === session.objectGUID && pending.had === idsOf(await enrolments.of(session.objectGUID));
    if (!isTheirs) throw new Refusal('challenge-lapsed', { cause: 'what the person had changed meanwhile' });
    return pending;
  }

  function tell(enrolling: Omit<Enrolling, 'within' | 'token'>, detail: Readonly<Record<string, unknown>>): void {
    const { session, reference, serviceProvider, remoteAddress } = enrolling;
    audit.record({ event: 'factor.enrolled', reference, serviceProvider, person: session.objectGUID, remoteAddress, detail });
  }

  async function newRecoveryCodes(enrolling: Omit<Enrolling, 'within' | 'token'>): Promise<readonly string[] | undefined> {
    const codes = await recoveryCodes?.generate(enrolling.session.objectGUID);
    if (codes !== undefined) tell(enrolling, { factor: 'recovery-code', number: codes.length });
    return codes;
  }

  async function judgePass(enrolling: Enrolling, typed: string, attempt: Attempt): Promise<void> {
    const { session } = enrolling;
    if (!(await passes.redeem(session.objectGUID, typed))) {
      await attempt.failed();
      throw new Refusal('enrolment-pass-wrong');
    }
    await attempt.succeeded(session.person);
    const until = clock.now() + gate.freshFor;
    await store.update('challenge', passKey(enrolling), () => ({ value: true, expiresAt: until }));
  }

  return {
    async admits(enrolling) {
      const opens = gate.opens(enrolling.remoteAddress);
      if (opens === 'freely') return 'now';
      if ((await store.get('challenge', passKey(enrolling))) !== undefined) return 'now';
      // Whoever has something was asked for it.
      return (await gate.present(enrolling.session.person)).length > 0 ? 'now' : opens;
    },
    async redeem(enrolling, typed) {
      const started = clock.now();
      try {
        const attempt = await throttle.admit(undefined, enrolling.remoteAddress);
        try {
          await attempt.person(enrolling.session.person);
        } catch (error) {
          await attempt.withdrawn();
          if (!(error instanceof Refusal) || !exhausted.has(error.reason)) throw error;
          throw new Refusal('factor-attempts-exhausted', { ...error.detail, factor: 'enrolment-pass' });
        }
        await judgePass(enrolling, typed, attempt);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // What was typed takes the same time, whatever was found out meanwhile.
        await clock.until(started + floor);
        throw error.about(enrolling.session.objectGUID);
      }
    },
    async begin(way, enrolling) {
      const enroller = enrollerOf(way);
      const { objectGUID, person } = enrolling.session;
      const key = setupKey(way, enrolling);
      const [pending, had] = await Promise.all([pendingOf(key), enrolments.of(objectGUID).then(idsOf)]);
      if (enroller.resume !== undefined && pending?.objectGUID === objectGUID && pending.had === had) {
        return enroller.resume(person, pending.state);
      }
      const setup = await enroller.begin(person);
      const until = clock.now() + patience;
      const value: Pending = { objectGUID, state: setup.state, had, until };
      await store.update('challenge', key, () => ({ value, expiresAt: until }));
      return setup;
    },
    async complete(way, enrolling, fields) {
      const enroller = enrollerOf(way);
      const { session, token } = enrolling;
      const { objectGUID, person } = session;
      const key = setupKey(way, enrolling);
      const { label = '', ...presented } = fields;
      try {
        const pending = await take(key, enrolling);
        try {
          await steps.take('authenticator', { authenticator: way, what: 'set up', person: objectGUID }, () =>
            enroller.complete(person, presented, { state: pending.state, label }),
          );
        } catch (error) {
          // What was mistyped is typed again: the app has the key already.
          const isMistyped = enroller.resume !== undefined && error instanceof Refusal && error.reason === 'code-wrong';
          if (isMistyped) await store.create('challenge', key, pending, pending.until);
          throw error;
        }
      } catch (error) {
        throw error instanceof Refusal ? error.about(objectGUID) : error;
      }
      const added = (await enrolments.of(objectGUID))[way].at(-1);
      tell(enrolling, { factor: way, label: added?.label, id: added?.id });
      const hasCodes = ((await recoveryCodes?.left(objectGUID)) ?? 0) > 0;
      const codes = hasCodes ? undefined : await newRecoveryCodes(enrolling);
      await store.delete('challenge', passKey(enrolling));
      const proved = { authenticator: way, objectGUID, at: clock.now(), signIn: enrolling.within };
      const after = await sessions.start(person, proved, token, enrolling);
      const started = await sessions.read(after);
      const life = started?.kept && started.endsAt - clock.now();
      return { session: after, life, recoveryCodes: codes };
    },
    newRecoveryCodes,
  };
}

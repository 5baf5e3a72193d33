/** Takes a verified request as far as it goes without the person: to an answer, or to what must be asked. */
import { noSteps, type Steps } from '../audit/steps.ts';
import type { AuthenticatorName, Evidence, Factor } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import { needsOf } from './authn-context.ts';
import type { EnrolmentGate } from './enrolment-gate.ts';
import type { Grants, Keeps } from './grants.ts';
import type { History } from './history.ts';
import type { Answer, Issuer, Issuing } from './issue.ts';
import { networkOf } from '../audit/network.ts';
import { nextStep, whyNot, type SignIn } from './next-step.ts';
import type { ExpiresSoon } from './password-expiry.ts';
import type { Caller, Decision, Policy } from './policy.ts';
import type { ReadPerson } from './read-person.ts';
import { both, type AnyOf } from './requirement.ts';
import type { Risks } from './risks.ts';
import type { Session, Sessions } from './session.ts';
import type { Request, Requested, VerifyRequested } from './verify-requested.ts';

export interface Visit extends Caller {
  readonly reference: string;
  /** Ends the sign-in, if this visit is to one. @throws Refusal signin-unknown where it was answered meanwhile */
  claim(): Promise<void>;
  /** What the assertion is to say beside (Issuing). */
  readonly advice?: Issuing['advice'];
  /** Whether a person is there who can be told of a password that expires, and was not told yet. */
  readonly mayWarn?: boolean;
  /** Whether the session ends with the answer (Issuing). */
  readonly passing?: Issuing['passing'];
  /** As the browser calls itself. */
  readonly userAgent?: string | undefined;
}

interface Decided {
  readonly requested: Requested;
  readonly decision: Decision;
  readonly session: Session | undefined;
}

/** What is to be done next, which nothing was done for yet. */
export type Next = Decided &
  (
    | { readonly step: 'ask'; readonly ways: AnyOf }
    | { readonly step: 'enrol'; readonly ways: AnyOf }
    | { readonly step: 'issue'; readonly evidence: readonly [Evidence, ...Evidence[]] }
  );

export type Outcome =
  | { readonly step: 'answer'; readonly answer: Answer; readonly keeps: Keeps }
  /** The request was our own, for a page of ours. */
  | { readonly step: 'arrive'; readonly keeps: Keeps }
  | Extract<Next, { readonly step: 'ask' | 'enrol' }>
  /** Nothing is missing, but the person should know; milliseconds since the epoch. */
  | { readonly step: 'warn'; readonly passwordExpiresAt: number };

export interface Proceed {
  /** What a request needs of that caller now. `signIn` names the remembered sign-in, undefined at first contact. @throws Refusal */
  next(request: Request, signIn: string | undefined, caller: Caller): Promise<Next>;
  /** The same, and does it where nobody needs to be asked. @throws Refusal */
  go(request: Request, signIn: string | undefined, visit: Visit, known?: Next): Promise<Outcome>;
}

export function createProceed(parts: {
  verifyRequested: VerifyRequested;
  issuer: Issuer;
  sessions: Sessions;
  policy: Policy;
  /** What people may prove themselves by. */
  enabled: readonly AuthenticatorName[];
  factors: readonly Factor[];
  /** Of those, what a person may set up within a sign-in. */
  enrollable: readonly AuthenticatorName[];
  gate: Pick<EnrolmentGate, 'before'>;
  history: Pick<History, 'record'>;
  /** Whether a request is for a page of our own. */
  isOurs: (request: Request) => boolean;
  readPerson: ReadPerson;
  grants: Grants;
  expiresSoon: ExpiresSoon;
  /** Told of each assertion; undefined where nothing follows from it. */
  passed: Risks['passed'] | undefined;
  steps?: Pick<Steps, 'tell'>;
  clock: Clock;
}): Proceed {
  const { verifyRequested, issuer, sessions, policy, enabled, factors, enrollable, gate, history, isOurs } = parts;
  const { readPerson, grants, expiresSoon, passed, steps = noSteps, clock } = parts;

  /** What the person of a session lacks of what is asked: others may have to be asked for that, so nothing else is looked at. */
  async function lacksOf(person: Person, ways: AnyOf): Promise<ReadonlyMap<AuthenticatorName, 'enrol' | 'nothing'>> {
    const named = factors.filter(({ name }) => ways.includes(name) || (name === 'webauthn' && ways.includes('passkey')));
    const lacks = new Map<AuthenticatorName, 'enrol' | 'nothing'>();
    await Promise.all(
      named.map(async (factor) => {
        if (await factor.enrolled(person)) return;
        lacks.set(factor.name, enrollable.includes(factor.name) ? 'enrol' : 'nothing');
        // Of those keys, some are passkeys.
        if (factor.name === 'webauthn') lacks.set('passkey', 'nothing');
      }),
    );
    return lacks;
  }

  function tellSession(read: Session | undefined, counting: Session | undefined, token: string | undefined, asked: SignIn): void {
    if (read === undefined) {
      steps.tell('session', { held: token === undefined ? 'none' : 'none any more' });
      return;
    }
    const now = clock.now();
    const { id, objectGUID, endsAt, place } = read;
    const evidence = read.evidence.map((piece) => {
      const kept = counting?.evidence.includes(piece) === true;
      const why = kept ? whyNot(piece, asked, read, now) : 'the person does not stay signed in that long';
      return { by: piece.authenticator, at: piece.at, endsAt: piece.endsAt, ...(why === undefined ? { counts: true } : { why }) };
    });
    steps.tell('session', { id, person: objectGUID, endsAt, place, evidence });
  }

  async function next(request: Request, signIn: string | undefined, caller: Caller): Promise<Next> {
    const requested = verifyRequested(request);
    const read = await sessions.read(caller.session);
    const decision = await policy.decide(request, read, caller).catch((error: unknown) => {
      throw error instanceof Refusal && read !== undefined ? error.about(read.objectGUID) : error;
    });
    const session = read && sessions.counting(read, decision.keepSignedIn);
    const requirement = both(decision.requirement, needsOf(requested.authnContexts, enabled));
    const { forceAuthn, isPassive } = request;
    const asked = { id: signIn, forceAuthn, isPassive, requirement, maxAge: decision.maxAge };
    const decided = { requested, decision, session };
    tellSession(read, session, caller.session, asked);
    if (decision.preliminary === true && session !== undefined) throw new Error('somebody is known, and nothing is decided');
    let step = nextStep(asked, session, clock.now());
    if (step.step === 'ask' && session !== undefined) {
      const lacking = { ...asked, lacks: await lacksOf(session.person, step.ways) };
      step = nextStep(lacking, session, clock.now());
      step = await gate.before(step, lacking, session, { remoteAddress: caller.remoteAddress, now: clock.now() });
    }
    steps.tell('next-step', {
      ...(step.step === 'issue' ? { step: 'issue', by: step.evidence.map(({ authenticator }) => authenticator) } : step),
      rule: decision.rule,
      requirement: requirement.map((set) => set.join(' or ')),
      maxAge: decision.maxAge,
    });
    if (step.step === 'refuse') throw new Refusal(step.reason, { rule: decision.rule, person: session?.objectGUID });
    // No assertion will read the person afresh, or only once something was set up for whoever knew a password that was changed since.
    const isUnread = step.step === 'enrol' || (step.step === 'issue' && isOurs(request));
    if (isUnread && session !== undefined && caller.session !== undefined) {
      const isEnded = (await readPerson(caller.session, session, false)) === undefined;
      if (isEnded) return next(request, signIn, { ...caller, session: undefined });
    }
    return { ...decided, ...step };
  }

  async function go(request: Request, signIn: string | undefined, visit: Visit, known?: Next): Promise<Outcome> {
    const step = known ?? (await next(request, signIn, visit));
    if (step.step !== 'issue') return step;
    const { requested, decision } = step;
    const token = visit.session;
    if (step.session === undefined || token === undefined) throw new Error('evidence without a session');
    const passwordExpiresAt =
      visit.mayWarn === true && !request.isPassive ? expiresSoon(step.session, step.evidence, signIn, clock.now()) : undefined;
    if (passwordExpiresAt !== undefined) return { step: 'warn', passwordExpiresAt };
    const { session, evidence } = await grants.keep(token, { session: step.session, evidence: step.evidence, decision, signIn });
    const keeps = (): Promise<Keeps> =>
      grants.keeps(token, { session, evidence, decision, signIn, person: session.person, caller: visit });
    const { entityID, name } = request.serviceProvider;
    const by = evidence.map(({ authenticator }) => authenticator);
    const proven = evidence.some((piece) => piece.signIn === signIn);
    const claim = async (): Promise<void> => {
      await visit.claim();
      // Single sign-on where something was proven before is no news, and costs no write.
      if (!proven && networkOf(visit.remoteAddress) === session.place) return;
      history.record(session.objectGUID, { entityID, name, place: visit.remoteAddress, by, proven });
    };
    if (isOurs(request)) {
      await claim();
      return { step: 'arrive', keeps: await keeps() };
    }
    try {
      const issuing = { ...visit, claim, token, session, evidence };
      const answer = await issuer.issue(request, requested, issuing);
      if (answer === undefined) return await go(request, signIn, { ...visit, session: undefined });
      await passed?.(session.person, visit, evidence, signIn);
      return { step: 'answer', answer, keeps: await keeps() };
    } catch (error) {
      throw error instanceof Refusal ? error.about(session.objectGUID) : error;
    }
  }

  return { next, go };
}

/** Takes a verified request as far as it goes without the person: to an answer, or to what must be asked. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Answer, Issuer, Issuing } from './issue.ts';
import { nextStep, type Requirement } from './next-step.ts';
import type { ExpiresSoon } from './password-expiry.ts';
import type { Sessions } from './session.ts';
import type { Request, Requested, VerifyRequested } from './verify-requested.ts';

export interface Visit {
  /** Token of the session that the browser has. */
  readonly session: string | undefined;
  readonly reference: string;
  readonly remoteAddress: string;
  /** Ends the sign-in, if this visit is to one. @throws Refusal signin-unknown where it was answered meanwhile */
  claim(): Promise<void>;
  /** What the assertion is to say beside (Issuing). */
  readonly advice?: Issuing['advice'];
  /** Whether a person is there who can be told of a password that expires, and was not told yet. */
  readonly mayWarn?: boolean;
  /** Whether the session ends with the answer (Issuing). */
  readonly passing?: Issuing['passing'];
}

export type Outcome =
  | { readonly step: 'answer'; readonly answer: Answer }
  | { readonly step: 'ask'; readonly authenticator: AuthenticatorName }
  /** Nothing is missing, but the person should know; milliseconds since the epoch. */
  | { readonly step: 'warn'; readonly passwordExpiresAt: number };

/** `signIn` names the remembered sign-in, undefined at first contact. @throws Refusal */
export type Proceed = (request: Request, signIn: string | undefined, visit: Visit) => Promise<Outcome>;

export function createProceed(parts: {
  verifyRequested: VerifyRequested;
  issuer: Issuer;
  sessions: Sessions;
  /** What a request asks for is met by. */
  requirementOf: (requested: Requested) => Requirement;
  expiresSoon: ExpiresSoon;
  clock: Clock;
}): Proceed {
  const { verifyRequested, issuer, sessions, requirementOf, expiresSoon, clock } = parts;
  return async (request, signIn, visit) => {
    const requested = verifyRequested(request);
    const session = await sessions.read(visit.session);
    const { forceAuthn, isPassive } = request;
    const next = nextStep({ id: signIn, forceAuthn, isPassive, requirement: requirementOf(requested) }, session, clock.now());
    switch (next.step) {
      case 'refuse':
        throw new Refusal(next.reason);
      case 'ask':
        return next;
      case 'issue': {
        if (session === undefined || visit.session === undefined) throw new Error('evidence without a session');
        const passwordExpiresAt =
          visit.mayWarn === true && !isPassive ? expiresSoon(session, next.evidence, signIn, clock.now()) : undefined;
        if (passwordExpiresAt !== undefined) return { step: 'warn', passwordExpiresAt };
        const issuing = { ...visit, token: visit.session, session, evidence: next.evidence };
        try {
          return { step: 'answer', answer: await issuer.issue(request, requested, issuing) };
        } catch (error) {
          throw error instanceof Refusal ? error.about(session.objectGUID) : error;
        }
      }
    }
  };
}

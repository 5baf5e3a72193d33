/** What is stored of a session, and how long it lives by that. */
import { hash } from 'node:crypto';
import type { Evidence } from '../authenticators/authenticator.ts';
import type { Person } from '../directory/directory.ts';
import type { StoredRecord } from '../store/store.ts';
import type { Remembered } from './next-step.ts';
import type { PasswordSeen } from './password-seen.ts';

/** What the person asked for on the pages of a sign-in beside being signed in; whether it is granted, the policy says. */
export interface Wishes {
  readonly keep?: boolean | undefined;
  readonly remember?: boolean | undefined;
}

/** How long a session lives without leave, and with the policy's. Milliseconds; instants since the epoch. */
export interface Kept {
  readonly life: number;
  /** Where the policy gives no leave it is over from then on, as if it had never been kept. */
  readonly ordinaryEndsAt: number;
  /** What was proven before is over there in any case. */
  readonly ordinaryFrom: number;
}

export interface Session extends Remembered {
  /** Names the session to service providers, hashed with each one's entity ID. */
  readonly id: string;
  /** What was last read about the person, and when (milliseconds since the epoch; 0: to be read before use). */
  readonly person: Person;
  readonly personReadAt: number;
  /** The password as it was when the session began. */
  readonly password?: PasswordSeen | undefined;
  /** Set where the person stays signed in, as a policy lets them. */
  readonly kept?: Kept | undefined;
  /** Of one sign-in. */
  readonly wishes?: (Wishes & { readonly signIn: string }) | undefined;
  /** Network from which something was last proven. */
  readonly place?: string | undefined;
}

export interface StoredSession extends Session {
  /** Stays where the person signs in again. */
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly place: string;
  /** What the browser called itself then. */
  readonly userAgent: string;
}

/** Milliseconds. */
export interface Lives {
  readonly idle: number;
  readonly absolute: number;
  /** The longest for which any rule of the policy lets people stay signed in; 0: none does. */
  readonly kept: number;
}

/** Under what the session of a token is stored; from it nobody learns the token. */
export const sessionKey = (token: string): string => hash('sha256', token, 'base64url');

/** The store holds only what is written here, by this version or an earlier one. */
export const stored = (value: unknown): StoredSession => value as StoredSession;

export const recordOf = (session: StoredSession, { idle }: Lives): StoredRecord => ({
  value: session,
  expiresAt: Math.min(session.endsAt, session.lastSeenAt + Math.max(idle, session.kept?.life ?? 0)),
});

const ordinaryEnd = (evidence: readonly Evidence[], { absolute }: Lives): number =>
  Math.max(...evidence.map(({ at }) => at + absolute));

/** As it is once it was asked for at `now`. */
export function touched(session: StoredSession, now: number, lives: Lives): StoredSession {
  const { kept } = session;
  if (kept === undefined || now >= kept.ordinaryEndsAt) return { ...session, lastSeenAt: now };
  const ordinaryEndsAt = Math.min(now + lives.idle, ordinaryEnd(session.evidence, lives));
  return { ...session, lastSeenAt: now, kept: { ...kept, ordinaryEndsAt } };
}

/** As it is once its person stays signed in for that long. */
export function keptFor<Kind extends Session>(session: Kind, life: number, now: number, lives: Lives): Kind {
  const evidence = session.evidence.map((piece) => ({ ...piece, endsAt: Math.max(piece.endsAt, piece.at + life) }));
  const ordinaryEndsAt = Math.min(now + lives.idle, ordinaryEnd(evidence, lives));
  return {
    ...session,
    evidence,
    endsAt: Math.max(...evidence.map(({ endsAt }) => endsAt)),
    kept: { life, ordinaryEndsAt, ordinaryFrom: session.kept?.ordinaryFrom ?? 0 },
  };
}

/** Goes on being kept where something was proven `at`: what the ordinary life had ended stays ended where no leave is given. */
export function keptOn(kept: Kept, evidence: readonly Evidence[], at: number, now: number, lives: Lives): Kept {
  const ordinaryFrom = now < kept.ordinaryEndsAt ? kept.ordinaryFrom : at;
  return { life: kept.life, ordinaryFrom, ordinaryEndsAt: Math.min(now + lives.idle, ordinaryEnd(evidence, lives)) };
}

/** What of a session counts where the policy lets people stay signed in for `life`, or not at all. */
export function counted(session: Session, life: number | undefined, now: number, lives: Pick<Lives, 'absolute'>): Session {
  const { kept } = session;
  if (kept === undefined) return session;
  const isOver = life === undefined && now >= kept.ordinaryEndsAt;
  const evidence = session.evidence.filter(
    ({ at }) => !isOver && now < at + Math.max(life ?? 0, lives.absolute) && (life !== undefined || at >= kept.ordinaryFrom),
  );
  return { ...session, evidence };
}

/** Why it is over although it is still stored; undefined where it is not. */
export function whyOver(session: StoredSession, cutOff: number, now: number, lives: Lives): string | undefined {
  // Of an earlier version, which noted less of it.
  if (typeof session.createdAt !== 'number') return 'begun by an earlier version';
  if (session.createdAt < cutOff) return 'cut off';
  if (session.kept === undefined || now < session.kept.ordinaryEndsAt) return undefined;
  const last = Math.max(...session.evidence.map(({ at }) => at));
  return now < last + lives.kept ? undefined : 'no longer kept';
}

/** What a person sees of their sessions and remembered devices at their own page, and may end there. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';

/** Times in milliseconds since the epoch. */
export interface OwnSession {
  /** Unguessable, and no token: it opens nothing. */
  readonly id: string;
  /** Whether it is the one in which the list is read. */
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  /** The network address from which it was last begun or added to. */
  readonly place: string;
  /** What the browser called itself then, cut to 512 characters. */
  readonly userAgent: string;
  /** By what the person proved who they are, in the order of time. */
  readonly evidence: readonly AuthenticatorName[];
}

/** A browser that the person had remembered, so that less is asked there. Times in milliseconds since the epoch. */
export interface OwnDevice {
  readonly id: string;
  /** Whether it is the one in which the list is read. */
  readonly current: boolean;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** From then on it is not remembered any more. */
  readonly endsAt: number;
  readonly place: string;
  readonly userAgent: string;
}

/** Each takes the person, so that nobody ends what is another's: an id that is not theirs is as one that is nobody's. */
export interface AccountParts {
  /** The newest first. `token`: of the session in which it is asked. */
  listSessions(objectGUID: string, token: string | undefined): Promise<readonly OwnSession[]>;
  /** Answers whether there was one. */
  endSession(objectGUID: string, id: string): Promise<boolean>;
  /** Ends all of the person's, but that one where an id is given; answers how many. */
  endAll(objectGUID: string, but?: string): Promise<number>;
  /** The newest first. `token`: by which the browser is remembered, if it brings one. */
  listDevices(objectGUID: string, token: string | undefined): Promise<readonly OwnDevice[]>;
  /** Answers whether there was one. */
  forgetDevice(objectGUID: string, id: string): Promise<boolean>;
}

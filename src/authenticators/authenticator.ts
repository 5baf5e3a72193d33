/** What an authenticator is (the word of NIST SP 800-63B): it checks what a person presents and yields evidence. */
import type { Person } from '../directory/directory.ts';
import type { RefusalDetail } from '../refusal.ts';

/** Those of a Factor. */
export type FactorName = 'totp' | 'webauthn' | 'recovery-code' | 'radius' | 'webhook' | 'duo' | 'own';
/** What evidence is of. A passkey is a WebAuthn credential that knew its person: two factors in one. */
export type AuthenticatorName = 'password' | 'kerberos' | 'certificate' | 'passkey' | FactorName;

/** Who, by what, when; remembered by a session and judged by nextStep. Times in milliseconds since the epoch. */
export interface Evidence {
  readonly authenticator: AuthenticatorName;
  readonly objectGUID: string;
  readonly at: number;
  /** From then on it no longer counts. */
  readonly endsAt: number;
  /** The sign-in in which it was presented: what ForceAuthn asks for. */
  readonly signIn: string;
  /** What spoke against whoever gave it, though it was right. */
  readonly risks?: readonly ('recent-failures' | 'spray')[] | undefined;
}

/** What the request says of the way in which a person is to prove who they are. */
export interface Asked {
  /**
   * Nothing that was proven before may stand in for it (saml-core §3.4.1): an authenticator that could go by what a browser or
   * device remembers must not.
   */
  readonly forceAuthn: boolean;
}

/** Checks something that the person whose name was typed knows or has. */
export interface Authenticator {
  /** What its evidence is of. */
  readonly name: AuthenticatorName;
  /** The path of its form, where another one has that of the name. */
  readonly form?: 'new-password';
  /** The fields of its form that `verify` wants. */
  readonly fields: readonly string[];
  /** Looks at what was typed before anybody is looked for: what is wrong with it, whoever typed it. @throws Refusal */
  readonly verifyForm?: (presented: Readonly<Record<string, string>>) => void;
  /**
   * Checks what was presented. `person` is undefined where nobody of that name exists, and then the effort must be the same.
   * @throws Refusal
   */
  verify(person: Person | undefined, presented: Readonly<Record<string, string>>, asked: Asked): Promise<void>;
  /** Where to verify is to change something: what the audit says then, and the person as they are thereafter. */
  readonly changes?: { readonly event: 'password.changed'; renewed(person: Person): Person };
}

/** Checks something that says by itself whose it is: a ticket, a certificate. */
export interface Recogniser {
  readonly name: AuthenticatorName;
  /**
   * Whose it is.
   * @throws Refusal
   */
  recognise(presented: Readonly<Record<string, string>>, asked: Asked): Promise<Person>;
}

/** What a factor asks, and what is kept of it on the server until it is answered. */
export type Challenge = {
  /** A JSON value of 8 kB at most: what `verify` gets back; nobody else sees it. */
  readonly state?: unknown;
  /** From then on it is not asked again as it is, but anew: milliseconds since the epoch. */
  readonly endsAt?: number;
} & (
  | {
      /** Something to type, posted as the field `code`. */
      readonly kind: 'code';
      /** What the other side says to the person. */
      readonly message?: string;
      /** Whether it is a secret that lasts, so that it is not shown as it is typed. */
      readonly hidden?: boolean;
    }
  /** W3C WebAuthn §5.10: what `parseRequestOptionsFromJSON` takes; the answer is posted as JSON in the field `response`. */
  | { readonly kind: 'webauthn'; readonly options: object }
  | {
      /** Somebody approves elsewhere; until then `verify` is called again with nothing presented. */
      readonly kind: 'wait';
      /** What must be chosen there. */
      readonly number?: string;
      readonly message?: string;
      /** Milliseconds. */
      readonly pollAfter: number;
    }
  /** The browser goes there, and comes back to `returnUrl` of Asking with what is then presented: the query's parameters. */
  | { readonly kind: 'redirect'; readonly url: string }
);

/** What a factor is told of the sign-in in which it asks. */
export interface Asking extends Asked {
  /** Where a browser that is sent elsewhere comes back to; for `redirect`. */
  readonly returnUrl: string;
  /** Unguessable, the same from the challenge until its answer: what a redirect may carry as its `state`. */
  readonly handle: string;
  /** For what answers in words of its own. */
  readonly locale: string;
  readonly remoteAddress: string;
  /** The name that people see of the service provider; empty where none asked. */
  readonly serviceProvider: string;
  /** As typed, where the factor comes first: what is asked of nobody must be the same for a name each time. */
  readonly name?: string;
}

export type Verdict =
  /** `detail`: what the audit event of it says besides, such as how many recovery codes are left. Never a secret. */
  | { readonly verdict: 'accepted'; readonly detail?: RefusalDetail }
  /** It was right as far as it went, and more is asked. */
  | { readonly verdict: 'again'; readonly challenge: Challenge }
  /** Nothing was judged yet. */
  | { readonly verdict: 'pending'; readonly challenge: Challenge };

/** Checks something that a person has who is known already, or whom a typed name claims to be there. */
export interface Factor {
  readonly name: FactorName;
  /** The words above its page, where the factor has its own. */
  readonly title?: (locale: string) => string;
  /**
   * Whether that person can be asked for it at all. True also where others alone know and do not answer: they are then asked in
   * vain, which says so, while false would let whoever keeps the answer away enrol something else.
   * @throws Refusal
   */
  enrolled(person: Person): Promise<boolean>;
  /** Begins. `person` is undefined where nobody of that name exists, and then the effort must be the same. @throws Refusal */
  challenge(person: Person | undefined, asking: Asking): Promise<Challenge>;
  /**
   * Judges what was presented to the last challenge, whose state comes back. For nobody it makes the same effort and refuses.
   * @throws Refusal; one whose row reads 'not-accepted' or 'code-not-accepted' counts as a failed attempt
   */
  verify(
    person: Person | undefined,
    presented: Readonly<Record<string, string>>,
    asking: Asking & { readonly state: unknown },
  ): Promise<Verdict>;
}

/** What is shown to a person who sets a factor up, and what is kept on the server until they prove that it works. */
export type Setup = { readonly state: unknown } & (
  | {
      readonly kind: 'totp';
      /** otpauth://, for the picture. */
      readonly uri: string;
      /** The same key to type, in base32. */
      readonly key: string;
    }
  /** What `parseCreationOptionsFromJSON` takes; the answer is posted as JSON in the field `response`. */
  | { readonly kind: 'webauthn'; readonly options: object }
);

/** Sets up what a person can set up by themselves. */
export interface Enroller {
  readonly name: Extract<FactorName, 'totp' | 'webauthn'>;
  begin(person: Person): Promise<Setup>;
  /** Shows once more what was begun, to whoever mistyped; left out where each try is begun anew. @throws Refusal challenge-lapsed */
  readonly resume?: (person: Person, state: unknown) => Setup;
  /** `label` as the person named it. @throws Refusal code-wrong, challenge-lapsed */
  complete(
    person: Person,
    presented: Readonly<Record<string, string>>,
    made: { readonly state: unknown; readonly label: string },
  ): Promise<void>;
}

/** The last part of the path of its form. */
export const formOf = ({ form, name }: Authenticator): string => form ?? name;

/** What an authenticator is (the word of NIST SP 800-63B): it checks what a person presents and yields evidence. */
import type { Person } from '../directory/directory.ts';

/** What evidence is of. */
export type AuthenticatorName = 'password' | 'kerberos' | 'certificate';

/** Who, by what, when; remembered by a session and judged by nextStep. */
export interface Evidence {
  readonly authenticator: AuthenticatorName;
  readonly objectGUID: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The sign-in in which it was presented: what ForceAuthn asks for. */
  readonly signIn: string;
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

/** The last part of the path of its form. */
export const formOf = ({ form, name }: Authenticator): string => form ?? name;

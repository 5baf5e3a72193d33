/** An authenticator as a Passport strategy, so that every one of them, ours or another's, comes through one door. */
import type { Request as HttpRequest } from 'express';
import { Strategy } from 'passport';
import { formOf, type Authenticator } from '../authenticators/authenticator.ts';
import type { Identify, Presented } from '../signin/identify.ts';

/** What it yields to Passport: the token of the session that the evidence was added to. */
export interface Identified {
  readonly session: string;
}

/** `present` reads from the request what the person presented. */
export function createAuthenticatorStrategy(
  authenticator: Authenticator,
  identify: Identify,
  present: (req: HttpRequest) => Presented,
): Strategy {
  class AuthenticatorStrategy extends Strategy {
    override readonly name = formOf(authenticator);

    override authenticate(req: HttpRequest): void {
      identify(authenticator, present(req)).then(
        (session) => {
          this.success({ session });
        },
        (error: unknown) => {
          this.error(error);
        },
      );
    }
  }
  return new AuthenticatorStrategy();
}

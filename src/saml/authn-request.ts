/** An AuthnRequest (saml-core §3.4.1) as far as Passerelle reads it. */
import type { AssertionConsumerService, ServiceProvider } from './service-provider.ts';

declare const verified: unique symbol;
/** A value that only a verifier makes: parsed once, verified, and read from nothing but the verified bytes. */
export type Verified<T> = T & { readonly [verified]: true };

export interface NameIDPolicy {
  readonly format: string | undefined;
  readonly spNameQualifier: string | undefined;
  readonly allowCreate: boolean;
}

export interface RequestedAuthnContext {
  readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better';
  readonly authnContextClassRefs: readonly string[];
  readonly authnContextDeclRefs: readonly string[];
}

export interface SubjectNameID {
  readonly value: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

export interface AuthnRequest<SP extends ServiceProvider = ServiceProvider> {
  /** Absent where we begin (IdP-initiated, saml-profiles §4.1.5). */
  readonly id: string | undefined;
  readonly serviceProvider: SP;
  /** Where the Response goes: registered, HTTP-POST. */
  readonly assertionConsumerService: AssertionConsumerService;
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  readonly nameIDPolicy: NameIDPolicy | undefined;
  readonly requestedAuthnContext: RequestedAuthnContext | undefined;
  /** The Subject asked for; `unreadable` where it is given in a form we do not read (BaseID, EncryptedID, no identifier). */
  readonly subject: SubjectNameID | 'unreadable' | undefined;
  /** Opaque, to be echoed byte for byte; absent where none came. */
  readonly relayState: string | undefined;
}

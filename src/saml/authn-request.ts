/** An AuthnRequest (saml-core §3.4.1) as far as Passerelle reads it. */
import type { RequestedConditions } from './conditions.ts';
import type { NameID } from './name-id.ts';
import type { AssertionConsumerService, ServiceProvider } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

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

/** Whom the request is about: by name, by a name encrypted to us, or in a way that nobody here answers to. */
export type RequestedSubject = { readonly nameID: NameID } | { readonly encryptedID: XmlElement } | 'nobody';

/** saml-core §3.4.1.2; its ProxyCount and RequesterID concern those who proxy, which we do not. */
export interface Scoping {
  /** The entity IDs of an IDPList; undefined where there is none. */
  readonly idpList: readonly string[] | undefined;
}

/** Where an answer goes, and what it answers. */
export interface ReturnAddress<SP extends ServiceProvider = ServiceProvider> {
  /** Absent where we begin (IdP-initiated, saml-profiles §4.1.5), and where it cannot be repeated in an answer (saml-core §3.2.2). */
  readonly id: string | undefined;
  readonly serviceProvider: SP;
  /** Registered. */
  readonly assertionConsumerService: AssertionConsumerService;
  /** Opaque, to be echoed byte for byte; absent where none came. */
  readonly relayState: string | undefined;
  /** Whether the person must notice nothing of it; false as long as that is not read. */
  readonly isPassive: boolean;
}

export interface AuthnRequest<SP extends ServiceProvider = ServiceProvider> extends ReturnAddress<SP> {
  /** Whether a key of its metadata signed it. */
  readonly signed: boolean;
  /** Milliseconds since the epoch. */
  readonly issueInstant: number;
  readonly forceAuthn: boolean;
  /** Which of its AttributeConsumingServices the service provider means (saml-core §3.4.1); perhaps none that it registered. */
  readonly attributeConsumingServiceIndex: number | undefined;
  readonly nameIDPolicy: NameIDPolicy | undefined;
  readonly conditions: RequestedConditions | undefined;
  readonly requestedAuthnContext: RequestedAuthnContext | undefined;
  readonly scoping: Scoping | undefined;
  readonly subject: RequestedSubject | undefined;
}

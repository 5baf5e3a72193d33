/** What a request asks of its answer, granted or refused before anybody is asked for a password. */
import type { AuthenticatorName } from '../authenticators/authenticator.ts';
import { Refusal } from '../refusal.ts';
import type { AuthnRequest, ReturnAddress as AddressOf, Verified } from '../saml/authn-request.ts';
import { grantConditions, type GrantedConditions } from '../saml/conditions.ts';
import type { Decrypter } from '../saml/decrypt.ts';
import type { NameID } from '../saml/name-id.ts';
import { namespaces } from '../saml/names.ts';
import { is } from '../saml/read-element.ts';
import { readNameID } from '../saml/read-requested.ts';
import { requestedAttributes } from '../service-providers/requested-attributes.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import { chooseAuthnContexts, type AuthnContexts } from './authn-context.ts';
import { agreesInFormat, chooseNameID, type NameIDChoice } from './choose-name-id.ts';

export type Request = Verified<AuthnRequest<RegisteredServiceProvider>>;
export type ReturnAddress = Verified<AddressOf<RegisteredServiceProvider>>;

export interface Requested {
  /** What may be stated of how the person was proven. */
  readonly authnContexts: AuthnContexts;
  readonly nameID: NameIDChoice;
  /** Whom the assertion must be about; undefined: whoever signs in. */
  readonly subject: NameID | undefined;
}

/**
 * @throws Refusal identity-provider-not-listed, name-id-policy-unsupported, subject-mismatch, decryption-failed, conditions-unmet,
 *   authn-context-unmet, attribute-consuming-service-unknown
 */
export type VerifyRequested = (request: Request) => Requested;

// google-sign-in: a window of at most five minutes, NotBefore a minute back.
const notBefore = 60_000;
const notOnOrAfter = 240_000;

/** What the assertion's Conditions say if it is made now (milliseconds since the epoch). @throws Refusal conditions-unmet */
export function conditionsAt({ conditions, serviceProvider }: Request, now: number): GrantedConditions {
  const unasked = { notBefore: now - notBefore, notOnOrAfter: now + notOnOrAfter, audience: serviceProvider.entityID };
  return grantConditions(conditions, unasked, now);
}

/** @param parts `entityID` is ours; `authenticators` are what people may prove themselves by; `decrypter` opens what is encrypted to us, or throws decryption-failed */
export function createVerifyRequested(parts: {
  entityID: string;
  authenticators: readonly AuthenticatorName[];
  clock: { now(): number };
  decrypter: Decrypter;
}): VerifyRequested {
  const { entityID, authenticators, clock, decrypter } = parts;

  /** Undefined where nobody is named. */
  function subjectOf({ subject, signed, serviceProvider }: Request): NameID | undefined {
    if (subject === undefined) return undefined;
    if (subject === 'nobody') throw new Refusal('subject-mismatch', { because: 'nobody here bears such a name' });
    if ('nameID' in subject) return subject.nameID;
    const opened = decrypter.decrypt(subject.encryptedID, { entityID: serviceProvider.entityID, signed });
    const nameID = is(opened, namespaces.assertion, 'NameID') ? readNameID(opened) : undefined;
    if (nameID === undefined) throw new Refusal('subject-mismatch', { because: 'nobody here bears such a name' });
    return nameID;
  }

  return (request) => {
    const { scoping, requestedAuthnContext } = request;
    // saml-core §3.4.1.2, §3.2.2.2: of others we ask nothing, so that ProxyCount and RequesterID change nothing.
    if (scoping?.idpList !== undefined && !scoping.idpList.includes(entityID)) {
      throw new Refusal('identity-provider-not-listed', { listed: scoping.idpList.join(' ').slice(0, 1_024) });
    }
    const nameID = chooseNameID(request);
    const subject = subjectOf(request);
    // Of two formats asked for at once neither can be given.
    if (subject !== undefined && !agreesInFormat(nameID, subject.format)) {
      throw new Refusal('name-id-policy-unsupported', { format: request.nameIDPolicy?.format, subject: subject.format });
    }
    conditionsAt(request, clock.now());
    requestedAttributes(request.serviceProvider, request.attributeConsumingServiceIndex);
    return { authnContexts: chooseAuthnContexts(requestedAuthnContext, authenticators), nameID, subject };
  };
}

/** Sign-ins of enhanced clients (saml-ecp-v2.0): one exchange by SOAP, the person's name and password with it, no session after it. */
import { hash } from 'node:crypto';
import { newReference } from '../audit/reference.ts';
import type { Steps } from '../audit/steps.ts';
import type { Authenticator } from '../authenticators/authenticator.ts';
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import type { ReturnAddress, Verified } from '../saml/authn-request.ts';
import { writeEcpAdvice, writeEcpEnvelope } from '../saml/ecp-envelope.ts';
import { verifyEcpRequest } from '../saml/ecp-request.ts';
import { generateKey } from '../saml/samlec-key.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Store } from '../store/store.ts';
import { createCountRequest } from './count-request.ts';
import { createFindServiceProvider } from './find-service-provider.ts';
import type { Identify } from './identify.ts';
import type { Issuer } from './issue.ts';
import type { Next, Outcome, Proceed } from './proceed.ts';
import type { Sessions } from './session.ts';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface EcpVisit {
  /** What the client presented by HTTP Basic; undefined where it presented nothing. */
  readonly credentials: Credentials | undefined;
  /** That of the request, once it is known whose that is: a client comes twice with it. */
  reference: string;
  readonly remoteAddress: string;
}

/** Where answers go, and whether the service provider proved that it asks. */
export interface EcpAddress {
  readonly to: Verified<ReturnAddress<RegisteredServiceProvider>>;
  readonly signed: boolean;
}

export interface Ecp {
  /**
   * Answers the AuthnRequest in a SOAP envelope with another envelope; undefined where the person must be asked first. `addressed` is
   * told where an answer may go, as soon as that is certain. @throws Refusal
   */
  answer(envelope: Buffer, visit: EcpVisit, addressed: (address: EcpAddress) => void): Promise<string | undefined>;
  /** The envelope that tells the service provider of a refusal. */
  refuse(address: EcpAddress, refusal: Refusal, reference: string): Promise<string>;
}

/** The same for the same request, so that both exchanges of a client are told of under one reference. */
const referenceOf = ({ id, serviceProvider }: EcpAddress['to']): string =>
  newReference((bytes) => hash('sha256', `ecp ${serviceProvider.entityID} ${id ?? ''}`, 'buffer').subarray(0, bytes));

/** More than a password is nothing that HTTP Basic can present. @throws Refusal authn-context-unmet */
function verifyAsksPassword(outcome: Outcome | Next): void {
  if (outcome.step === 'ask' && !outcome.ways.includes('password'))
    throw new Refusal('authn-context-unmet', { missing: outcome.ways.join(' ') });
}

export function createEcp(parts: {
  /** URL of our SingleSignOnService over SOAP. */
  destination: string;
  clockSkew: number;
  requestLifetime: number;
  /** Which algorithms may sign what comes. */
  algorithms: AlgorithmPolicy;
  /** What judges name and password. */
  authenticator: Authenticator;
  identify: Identify;
  proceed: Proceed;
  issuer: Issuer;
  sessions: Sessions;
  registry: Registry;
  store: Store;
  steps: Steps;
  clock: Clock;
  random: Random;
}): Ecp {
  const { destination, clockSkew, requestLifetime, authenticator, identify, proceed, issuer, sessions } = parts;
  const { algorithms, registry, steps, clock, random } = parts;
  const countRequest = createCountRequest(parts);

  return {
    async answer(envelope, asked, addressed) {
      const { credentials, remoteAddress } = asked;
      let signed = false;
      const { request, channelBindings } = await verifyEcpRequest<RegisteredServiceProvider>(
        envelope,
        {
          serviceProviders: createFindServiceProvider({ registry, steps }),
          ...{ destination, now: clock.now(), clockSkew, maxAge: requestLifetime, algorithms, steps },
        },
        (to, by) => {
          signed = by;
          if (to.id !== undefined) asked.reference = referenceOf(to);
          addressed({ to, signed });
        },
      );

      let generatedKey: string | undefined;
      const { reference } = asked;
      const visit = {
        session: undefined,
        reference,
        remoteAddress,
        // It counts once it is answered: a client that is asked for a password comes back with the same request.
        claim: () => countRequest(request),
        passing: true,
        advice(encrypted: boolean): string {
          // draft-ietf-kitten-sasl-saml-ec §5.3.1: only within an assertion that nobody but the service provider can read.
          if (encrypted) generatedKey = generateKey(random);
          return writeEcpAdvice({ channelBindings, generatedKey });
        },
      };
      if (credentials === undefined) {
        verifyAsksPassword(await proceed.go(request, undefined, visit));
        return undefined;
      }
      // A password that nobody asks for is not judged: something else may have to come first.
      verifyAsksPassword(await proceed.next({ ...request, isPassive: false }, undefined, visit));
      const signIn = random(16).toString('base64url');
      const session = await identify(authenticator, {
        signIn,
        name: credentials.name,
        fields: { password: credentials.password },
        remoteAddress,
        session: undefined,
        reference,
        serviceProvider: request.serviceProvider.entityID,
        forceAuthn: request.forceAuthn,
      });
      try {
        const outcome = await proceed.go(request, signIn, { ...visit, session });
        // More than a password is asked for, which HTTP Basic cannot present.
        if (outcome.step === 'ask' || outcome.step === 'enrol')
          throw new Refusal('authn-context-unmet', { missing: outcome.ways.join(' ') });
        if (outcome.step !== 'answer') throw new Error('nobody is there who could be told');
        const { response, location } = outcome.answer;
        return writeEcpEnvelope({
          response,
          assertionConsumerServiceURL: location,
          requestAuthenticated: signed,
          channelBindings,
          generatedKey,
        });
      } finally {
        await sessions.end(session);
      }
    },

    async refuse({ to, signed }, refusal, reference) {
      const { response, location } = await issuer.refuse(to, refusal, reference);
      return writeEcpEnvelope({
        response,
        assertionConsumerServiceURL: location,
        requestAuthenticated: signed,
        channelBindings: [],
        generatedKey: undefined,
      });
    },
  };
}

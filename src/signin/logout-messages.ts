/** Our LogoutRequests and LogoutResponses, each signed for its receiver and carried by the binding of its endpoint. */
import type { Clock, Random } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { Encryptions } from '../saml/encrypt.ts';
import { chooseEndpoint, type Outgoing, sendThroughBrowser } from '../saml/front-channel.ts';
import { buildLogoutRequest } from '../saml/logout-request.ts';
import { buildLogoutResponse } from '../saml/logout-response.ts';
import type { Binding } from '../saml/message.ts';
import { bindings } from '../saml/names.ts';
import type { Endpoint } from '../saml/service-provider.ts';
import type { Signers } from '../saml/signer.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Participant } from './participants.ts';

/** The service provider that asked for a sign-out and waits for its outcome. */
export interface Asker {
  /** Entity ID. */
  readonly serviceProvider: string;
  readonly name: string;
  /** ID of its LogoutRequest. */
  readonly request: string;
  readonly relayState: string | undefined;
  /** By which its request came. */
  readonly binding: Binding;
}

export interface LogoutMessages {
  /** `id` is the NCName of the request; `relayState` is echoed beside the answer. Undefined where nothing we can sign by is taken. */
  request(
    serviceProvider: RegisteredServiceProvider,
    endpoint: Endpoint,
    principal: Pick<Participant, 'nameID'> & { readonly sessionIndexes: readonly string[] },
    id: string,
    relayState: string,
  ): Promise<Outgoing | undefined>;
  /** By the binding that the request came by, where there is such an endpoint; undefined where it cannot be told at all. */
  respond(asker: Asker, status: readonly [string, string?], message?: string): Promise<Outgoing | undefined>;
}

/** Milliseconds in which our requests are to be received. */
const requestLife = 300_000;

const urnOf: Readonly<Record<Binding, string>> = { 'HTTP-Redirect': bindings.httpRedirect, 'HTTP-POST': bindings.httpPost };

/** @param parts `entityID` is ours */
export function createLogoutMessages(parts: {
  entityID: string;
  registry: Pick<Registry, 'byEntityID'>;
  signers: Signers;
  encryptions: Encryptions;
  clock: Clock;
  random: Random;
}): LogoutMessages {
  const { entityID, registry, signers, encryptions, clock, random } = parts;

  /** What cannot be signed or encrypted as its receiver takes it is not sent. */
  function where<Value>(shared: () => Value): { readonly value: Value } | undefined {
    try {
      return { value: shared() };
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  /** One whose metadata cannot be used by now is one that cannot be told. */
  async function find(serviceProvider: string): Promise<RegisteredServiceProvider | undefined> {
    try {
      return (await registry.byEntityID(serviceProvider))[0];
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  }

  return {
    async request(serviceProvider, endpoint, { nameID, sessionIndexes }, id, relayState) {
      const signer = where(() => signers.for(serviceProvider));
      const encryption = where(() => encryptions.for(serviceProvider));
      if (signer === undefined || encryption === undefined) return undefined;
      const now = clock.now();
      const built = buildLogoutRequest({
        id,
        issuer: entityID,
        issueInstant: now,
        notOnOrAfter: now + requestLife,
        destination: endpoint.location,
        nameID,
        sessionIndexes,
        encryption: encryption.value,
      });
      return sendThroughBrowser(endpoint, 'SAMLRequest', built, relayState, signer.value);
    },
    async respond(asker, status, message) {
      const serviceProvider = await find(asker.serviceProvider);
      const endpoint = serviceProvider && chooseEndpoint(serviceProvider.singleLogoutServices, urnOf[asker.binding]);
      const signer = serviceProvider && where(() => signers.for(serviceProvider));
      if (endpoint === undefined || signer === undefined) return undefined;
      // saml-metadata §2.2.2
      const destination = endpoint.responseLocation ?? endpoint.location;
      const built = buildLogoutResponse({
        id: `_${random(20).toString('hex')}`,
        issuer: entityID,
        issueInstant: clock.now(),
        destination,
        inResponseTo: asker.request,
        status,
        message,
      });
      const to = { binding: endpoint.binding, location: destination };
      return sendThroughBrowser(to, 'SAMLResponse', built, asker.relayState, signer.value);
    },
  };
}

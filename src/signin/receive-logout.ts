/** Receives messages about signing out: decodes and verifies them, and lets each request be answered once. */
import { hash } from 'node:crypto';
import type { Steps } from '../audit/steps.ts';
import type { Clock } from '../clock.ts';
import { Refusal } from '../refusal.ts';
import type { AlgorithmPolicy } from '../saml/algorithm-policy.ts';
import type { Verified } from '../saml/authn-request.ts';
import type { Decrypter } from '../saml/decrypt.ts';
import type { Binding } from '../saml/message.ts';
import { parseParameters } from '../saml/parameters.ts';
import { type LogoutRequest, type LogoutSender, verifyLogoutRequest } from '../saml/verify-logout-request.ts';
import { type LogoutResponse, verifyLogoutResponse } from '../saml/verify-logout-response.ts';
import type { Registry } from '../service-providers/registry.ts';
import type { RegisteredServiceProvider } from '../service-providers/service-provider.ts';
import type { Store } from '../store/store.ts';
import { createFindServiceProvider } from './find-service-provider.ts';

export interface LogoutMessage {
  readonly binding: Binding;
  /** The raw query or form body. */
  readonly text: string;
}

export type Sender = LogoutSender<RegisteredServiceProvider>;

export interface ReceiveLogout {
  /** The request, or why it is refused, which its sender may be told. @throws Refusal where nobody may be told */
  request(message: LogoutMessage): Promise<{ readonly sender: Sender; readonly asked: Verified<LogoutRequest> | Refusal }>;
  /** @throws Refusal */
  response(message: LogoutMessage): Promise<Verified<LogoutResponse>>;
}

export function createReceiveLogout(parts: {
  store: Store;
  registry: Registry;
  /** URL of our SingleLogoutService. */
  destination: string;
  clockSkew: number;
  requestLifetime: number;
  /** Which algorithms may sign what comes. */
  algorithms: AlgorithmPolicy;
  decrypter: Decrypter;
  steps: Steps;
  clock: Clock;
}): ReceiveLogout {
  const { store, destination, clockSkew, requestLifetime, algorithms, decrypter, steps, clock } = parts;
  const find = createFindServiceProvider(parts);
  const context = () => ({
    serviceProviders: find,
    destination,
    now: clock.now(),
    clockSkew,
    maxAge: requestLifetime,
    algorithms,
    steps,
  });

  async function requireNew({ id, serviceProvider }: Sender, issueInstant: number): Promise<void> {
    const key = hash('sha256', `${serviceProvider.entityID} ${id}`, 'base64url');
    // As long as the request could pass for fresh, its ID is remembered.
    const expiresAt = issueInstant + requestLifetime + clockSkew + 1;
    if (!(await store.create('request', key, 1, expiresAt))) throw new Refusal('request-replayed', { request: id });
  }

  return {
    async request({ binding, text }) {
      const carried = { binding, parameters: parseParameters(text) };
      const verified = await verifyLogoutRequest<RegisteredServiceProvider>(carried, context(), decrypter);
      const { sender } = verified;
      let asked: Verified<LogoutRequest>;
      try {
        asked = verified.read();
      } catch (error) {
        if (error instanceof Refusal) return { sender, asked: error };
        throw error;
      }
      await requireNew(sender, asked.issueInstant);
      return { sender, asked };
    },
    response({ binding, text }) {
      return verifyLogoutResponse<RegisteredServiceProvider>({ binding, parameters: parseParameters(text) }, context());
    },
  };
}

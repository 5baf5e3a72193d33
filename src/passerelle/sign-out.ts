/** Single logout: who takes part, what came, and what is told to whom. */
import type { Audit } from '../audit/audit.ts';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import { publishedUrls } from '../config/published-urls.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Registry } from '../service-providers/registry.ts';
import { createLogoutMessages } from '../signin/logout-messages.ts';
import { createLogout, type Logout } from '../signin/logout.ts';
import type { Participants } from '../signin/participants.ts';
import { createReceiveLogout } from '../signin/receive-logout.ts';
import { createRunningLogouts } from '../signin/running-logouts.ts';
import type { Sessions } from '../signin/session.ts';
import type { Store } from '../store/store.ts';
import type { Protocol } from './protocol.ts';

export function createSignOut(parts: {
  config: Configuration;
  protocol: Protocol;
  store: Store;
  registry: Registry;
  sessions: Sessions;
  participants: Participants;
  audit: Audit;
  steps: Steps;
  clock: Clock;
  random: Random;
}): Logout {
  const { config, protocol, store, registry, sessions, participants, audit, steps, clock, random } = parts;
  const { algorithms, signers, encryptions, decrypter } = protocol;
  const { entityID, singleLogout: destination } = publishedUrls(config);
  const { clockSkew, requestLifetime } = config;
  return createLogout({
    running: createRunningLogouts({ store }),
    receive: createReceiveLogout({
      ...{ store, registry, destination, clockSkew, requestLifetime, algorithms, decrypter, steps, clock },
    }),
    messages: createLogoutMessages({ entityID, registry, signers, encryptions, clock, random }),
    ...{ sessions, participants, registry, audit, steps, clock, random },
  });
}

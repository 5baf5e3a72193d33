/** Sessions and remembered browsers: how long they live, who may list and end them, and what people may ask for. */
import type { Audit } from '../audit/audit.ts';
import type { Metrics } from '../audit/metrics.ts';
import type { Steps } from '../audit/steps.ts';
import type { Clock, Random } from '../clock.ts';
import type { Configuration } from '../config/read-configuration.ts';
import type { Seal } from '../keys/seal.ts';
import type { AccountParts } from '../signin/account-parts.ts';
import { createCutOff } from '../signin/cut-off.ts';
import { forgetDevice, listDevices } from '../signin/device-records.ts';
import { createDevices, type Devices } from '../signin/devices.ts';
import { createGrants, type Grants } from '../signin/grants.ts';
import { createSessionIndex } from '../signin/session-index.ts';
import { createSessions, type Sessions } from '../signin/session.ts';
import { createSessionsOf } from '../signin/sessions-of.ts';
import type { Store } from '../store/store.ts';

interface SessionParts {
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly grants: Grants;
  /** What people see and end of it by themselves. */
  readonly kept: AccountParts;
}

export function createSessionParts(parts: {
  config: Pick<Configuration, 'session' | 'policy'>;
  store: Store;
  seal: Seal;
  audit: Audit;
  steps: Steps;
  metrics: Pick<Metrics, 'sessionBegun'>;
  clock: Clock;
  random: Random;
  /** Told of each session that goes on under another key (`createSessions`). */
  followed: (id: string, key: string, endsAt: number) => Promise<void>;
}): SessionParts {
  const { config, store, seal, audit, steps, metrics, clock, random, followed } = parts;
  const longest = (of: 'keepSignedIn' | 'rememberDevice'): number => Math.max(0, ...config.policy.map((rule) => rule[of] ?? 0));
  const index = createSessionIndex({ store });
  const limits = { ...config.session, kept: longest('keepSignedIn') };
  const cutOff = createCutOff({ store });
  const sessions = createSessions({ store, clock, random, limits, index, cutOff, audit, steps, metrics, followed });
  const devices = createDevices({ store, seal, clock, random, audit, longest: longest('rememberDevice') });
  const own = createSessionsOf({ sessions, index });
  return {
    sessions,
    devices,
    grants: createGrants({ sessions, devices, clock, audit }),
    kept: {
      async listSessions(objectGUID, token) {
        const found = await own.list(objectGUID);
        return found.map((session) => {
          const { id, createdAt, lastSeenAt, place, userAgent, evidence } = session;
          const proven = evidence.toSorted((one, other) => one.at - other.at).map(({ authenticator }) => authenticator);
          return { id, current: own.isOf(session, token), createdAt, lastSeenAt, place, userAgent, evidence: proven };
        });
      },
      endSession: (objectGUID, id) => own.end(objectGUID, id),
      endAll: (objectGUID, but) => own.endAll(objectGUID, { id: but }),
      async listDevices(objectGUID, cookie) {
        const current = devices.idOf(objectGUID, cookie);
        const found = await listDevices(store, objectGUID);
        return found.map(({ id, createdAt, lastUsedAt, endsAt, place, userAgent }) => {
          return { id, current: id === current, createdAt, lastUsedAt, endsAt, place, userAgent };
        });
      },
      forgetDevice: (objectGUID, id) => forgetDevice(store, objectGUID, id),
    },
  };
}

/** The settings that a running Passerelle does not take over: each says why, and everything else is live. */
import type { Config } from './schema.ts';

type Why = string;
/** What happens to a section at a reload; a reason is why it waits for a restart, be it all of it or some of its settings. */
type Taking = 'live' | { readonly all: Why } | { readonly some: Readonly<Record<string, Why>> };

/** Section by section, so that a new one does not compile until it is decided on. */
const sections: Readonly<Record<keyof Config, Taking>> = {
  publicUrl: 'live',
  entityId: 'live',
  listen: 'live',
  workers: { all: 'processes are counted at the start' },
  drain: 'live',
  tls: 'live',
  trustProxy: 'live',
  directory: 'live',
  kerberos: 'live',
  certificate: 'live',
  factors: 'live',
  mapping: 'live',
  serviceProviders: 'live',
  metadata: 'live',
  release: 'live',
  ecp: 'live',
  password: 'live',
  policy: 'live',
  account: 'live',
  session: 'live',
  throttle: 'live',
  metrics: { all: 'counts would begin anew, and their port is opened at the start' },
  algorithms: 'live',
  keys: { some: { folder: 'keys that seal what is in the store lie there, and the socket that this is asked by' } },
  store: { all: 'sessions and sign-ins that are under way lie there' },
  clockSkew: 'live',
  requestLifetime: 'live',
  branding: 'live',
  log: 'live',
  audit: { all: 'events that are under way have their outlets already' },
  reload: 'live',
};

/** Each with why it waits; what lies below it waits, too. */
export const waitsForRestart: ReadonlyMap<string, Why> = new Map(
  Object.entries(sections).flatMap(([name, taking]): readonly (readonly [string, Why])[] => {
    if (taking === 'live') return [];
    if ('all' in taking) return [[name, taking.all]];
    return Object.entries(taking.some).map(([setting, why]) => [`${name}.${setting}`, why]);
  }),
);

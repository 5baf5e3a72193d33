/** The only wiring: parts in, a running house out. */
import type { Audit } from './audit/audit.ts';
import { createPasswordAuthenticator } from './authenticators/password.ts';
import type { Clock, Random } from './clock.ts';
import { publishedUrls } from './config/published-urls.ts';
import type { Configuration } from './config/read-configuration.ts';
import type { Directory } from './directory/directory.ts';
import { createApp } from './http/app.ts';
import type { Logo } from './http/logo.ts';
import type { Pages } from './http/pages.ts';
import { createSessionCookie } from './http/session-cookie.ts';
import { createKeySigner } from './keys/key-signer.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { prepareMapping } from './mapping/prepare-mapping.ts';
import { buildMetadata } from './saml/metadata.ts';
import { bindings, nameIDFormats } from './saml/names.ts';
import type { Registry } from './service-providers/registry.ts';
import { createIdentify } from './signin/identify.ts';
import { createIssuer } from './signin/issue.ts';
import { createProceed } from './signin/proceed.ts';
import { createReceive } from './signin/receive.ts';
import { createSessions } from './signin/session.ts';
import { createThrottle } from './signin/throttle.ts';
import { createWaitingRoom } from './signin/waiting-room.ts';
import type { Store } from './store/store.ts';

export interface Parts {
  readonly config: Configuration;
  readonly directory: Directory;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly pages: Pages;
  readonly logo: Logo;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: Random;
}

const day = 24 * 3_600_000;
const metadataLife = 30 * day;

export function createPasserelle(parts: Parts): ReturnType<typeof createApp> {
  const { config, directory, store, keys, registry, pages, logo, audit, clock, random } = parts;
  const urls = publishedUrls(config);
  const signer = createKeySigner(keys.active);
  const sessions = createSessions({ store, clock, random, limits: config.session });
  const throttle = createThrottle({ store, clock, limits: config.throttle });
  const issuer = createIssuer({
    entityID: urls.entityID,
    mapping: prepareMapping(config.mapping),
    recheck: config.directory.recheck,
    directory,
    sessions,
    signers: { default: signer, for: () => signer },
    audit,
    clock,
    random,
  });
  const receive = createReceive({
    store,
    registry,
    destination: urls.singleSignOn,
    clockSkew: config.clockSkew,
    requestLifetime: config.requestLifetime,
    waitingRoom: createWaitingRoom({
      store,
      clock,
      limit: config.throttle.megabytesPerAddress * 1_000_000,
      window: config.requestLifetime,
    }),
    clock,
    random,
  });
  const provider = {
    entityID: urls.entityID,
    singleSignOnServices: [bindings.httpRedirect, bindings.httpPost].map((binding) => ({ binding, location: urls.singleSignOn })),
    singleLogoutServices: [],
    artifactResolutionServices: [],
    nameIDFormats: [nameIDFormats.emailAddress],
    certificates: keys.published.map((key) => key.certificate.raw.toString('base64')),
  };
  return createApp({
    authenticators: [createPasswordAuthenticator(directory)],
    receive,
    proceed: createProceed({ issuer, sessions, requirement: [['password']], clock }),
    identify: createIdentify({ directory, sessions, throttle, audit, clock, limits: config.throttle }),
    issuer,
    sessions,
    cookie: createSessionCookie(),
    audit,
    directory,
    origin: urls.origin,
    https: urls.origin.startsWith('https:'),
    urls,
    keys,
    registry,
    makeMetadata: async () => {
      const now = clock.now();
      const xml = await buildMetadata(provider, `_${random(20).toString('hex')}`, now + metadataLife, signer);
      return { xml, renewAt: now + day };
    },
    changePasswordUrl: config.branding.changePasswordUrl,
    readiness: [
      ['directory', () => directory.check()],
      ['store', () => store.check()],
      ['keys', () => signer.sign('ready')],
    ],
    trustProxy: config.trustProxy,
    logo,
    pages,
    clock,
    random,
  });
}

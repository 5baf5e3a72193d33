/** The only wiring: parts in, a running house out. */
import type { Audit } from './audit/audit.ts';
import type { Metrics } from './audit/metrics.ts';
import { createNewPasswordAuthenticator } from './authenticators/new-password.ts';
import type { AuthenticatorName } from './authenticators/authenticator.ts';
import type { Certificates } from './authenticators/certificate/open-certificates.ts';
import type { Kerberos } from './authenticators/kerberos.ts';
import { createPasswordAuthenticator } from './authenticators/password.ts';
import type { Clock, Random } from './clock.ts';
import { algorithmUri } from './config/algorithm-names.ts';
import { changesPasswords } from './config/changes-passwords.ts';
import { publishedUrls } from './config/published-urls.ts';
import type { Configuration } from './config/read-configuration.ts';
import type { Directory } from './directory/directory.ts';
import { createApp } from './http/app.ts';
import { createCertificateListener } from './http/certificate-listener.ts';
import { openCertificateDoor } from './http/open-certificate-door.ts';
import { openKerberosDoor } from './http/open-kerberos-door.ts';
import { createAskNewPassword } from './http/ask-new-password.ts';
import type { Logo } from './http/logo.ts';
import type { Pages } from './http/pages.ts';
import { createRecordTrouble } from './http/record-trouble.ts';
import { createSessionCookie } from './http/session-cookie.ts';
import { createShowAnswer } from './http/show-answer.ts';
import { createKeySigner } from './keys/key-signer.ts';
import { requireKeys } from './keys/require-keys.ts';
import type { HeldKey, KeyRing } from './keys/key-ring.ts';
import { prepareMapping } from './mapping/prepare-mapping.ts';
import { Refusal } from './refusal.ts';
import { createAlgorithmPolicy, type AlgorithmPolicy } from './saml/algorithm-policy.ts';
import { capabilitiesOf } from './saml/capabilities.ts';
import { createSigners, type SigningKey } from './saml/choose-signer.ts';
import { createDecrypter } from './saml/decrypt.ts';
import { createEncryptions, type Encryptions } from './saml/encrypt.ts';
import { buildMetadata } from './saml/metadata.ts';
import { bindings, nameIDFormats } from './saml/names.ts';
import type { Signers } from './saml/signer.ts';
import type { Registry } from './service-providers/registry.ts';
import { createVerifyAccess } from './service-providers/access.ts';
import { createRelease } from './service-providers/release.ts';
import { artifactEndpointIndex, createArtifacts } from './signin/artifacts.ts';
import type { AuthnContexts } from './signin/authn-context.ts';
import { createEcp } from './signin/ecp.ts';
import { createFamiliarPlaces } from './signin/familiar-places.ts';
import { createHandOver } from './signin/hand-over.ts';
import { createIdentify } from './signin/identify.ts';
import { createIssuer } from './signin/issue.ts';
import { createLogout } from './signin/logout.ts';
import { createLogoutMessages } from './signin/logout-messages.ts';
import { createNameIdentifier } from './signin/name-identifier.ts';
import type { AnyOf } from './signin/next-step.ts';
import { createPairwise } from './signin/pairwise.ts';
import { createParticipants } from './signin/participants.ts';
import { createExpiresSoon } from './signin/password-expiry.ts';
import { createProceed } from './signin/proceed.ts';
import { createReadPerson } from './signin/read-person.ts';
import { createReceive } from './signin/receive.ts';
import { createReceiveLogout } from './signin/receive-logout.ts';
import { createRunningLogouts } from './signin/running-logouts.ts';
import { createSessions } from './signin/session.ts';
import { createSprayedPasswords } from './signin/sprayed-passwords.ts';
import { createThrottle } from './signin/throttle.ts';
import { createVerifyRequested, type Request } from './signin/verify-requested.ts';
import { createWaitingRoom } from './signin/waiting-room.ts';
import type { Store } from './store/store.ts';

export interface Parts {
  readonly config: Configuration;
  readonly directory: Directory;
  /** Undefined where it is not configured. */
  readonly kerberos: Kerberos | undefined;
  /** Undefined where it is not configured. */
  readonly certificates: Certificates | undefined;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly pages: Pages;
  readonly logo: Logo;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly random: Random;
}

const day = 24 * 3_600_000;
const metadataLife = 30 * day;
/** Google has no single logout; here its own session ends. */
const googleSignOutUrl = 'https://accounts.google.com/Logout';

const certificateOf = ({ certificate }: HeldKey): string => certificate.raw.toString('base64');

/** Which algorithms the configuration lets us use; the weak ones are told of, now and at each use. */
function readPolicy({ algorithms }: Configuration, audit: Audit): AlgorithmPolicy {
  const uris = (names: readonly string[]): readonly string[] => names.map((name) => algorithmUri(name) ?? name);
  for (const algorithm of algorithms.allowed) audit.note('warn', 'a weak algorithm is allowed', { algorithm });
  return createAlgorithmPolicy(
    { forbidden: uris(algorithms.forbidden), allowed: uris(algorithms.allowed) },
    (algorithm, entityID) => {
      audit.note('warn', 'a weak algorithm was used', { algorithm, serviceProvider: entityID });
    },
  );
}

const signingKeyOf = (key: HeldKey): SigningKey => ({
  name: key.name,
  publicKey: key.certificate.publicKey,
  signer: (algorithm, digest) => createKeySigner(key, algorithm, digest),
});

/** Tells at start of those who could not be answered, rather than when the first person comes from there. */
function tellUnanswerable(registry: Registry, signers: Signers, encryptions: Encryptions, audit: Audit): void {
  for (const serviceProvider of registry.list) {
    try {
      signers.for(serviceProvider);
      encryptions.for(serviceProvider);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      audit.note('warn', 'a service provider shares no algorithms with us', error.detail);
    }
  }
}

/** Any one of what the request lets prove a person. */
function anyOf(contexts: AuthnContexts): AnyOf {
  const [first, ...others] = contexts.keys();
  if (first === undefined) throw new Error('authn-context-unmet was to be refused');
  return [first, ...others];
}

export interface Passerelle {
  readonly app: ReturnType<typeof createApp>;
  /** What is served where browsers are asked for a certificate; undefined where they are not. */
  readonly certificateListener: ReturnType<typeof createCertificateListener> | undefined;
}

export function createPasserelle(parts: Parts): Passerelle {
  const { config, directory, kerberos, certificates, store, keys, registry, pages, logo, audit, metrics, clock, random } = parts;
  const urls = publishedUrls(config);
  requireKeys(keys, config.serviceProviders);
  const algorithms = readPolicy(config, audit);
  const signers = createSigners(
    { everybody: keys.published.map(signingKeyOf), further: keys.forServiceProviders.map(signingKeyOf) },
    algorithms,
  );
  const encryptions = createEncryptions({ policy: algorithms, random });
  tellUnanswerable(registry, signers, encryptions, audit);
  const decrypter = createDecrypter({
    keys: keys.decryption.map(({ privateKey }) => privateKey),
    entityID: urls.entityID,
    policy: algorithms,
    random,
  });
  const participants = createParticipants({ store, issuer: urls.entityID });
  const sessions = createSessions({ store, clock, random, limits: config.session, followed: participants.follow });
  const password = createPasswordAuthenticator(directory);
  const newPassword = changesPasswords(config) ? createNewPasswordAuthenticator(directory, clock) : undefined;
  const places = createFamiliarPlaces({ store, clock, keep: config.throttle.familiarFor });
  const throttle = createThrottle({ store, clock, directory, places, limits: config.throttle });
  const sprayed = createSprayedPasswords({
    clock,
    random,
    accounts: config.throttle.accountsPerPassword,
    window: config.throttle.window,
  });
  const enabled: readonly AuthenticatorName[] = [
    password.name,
    ...(kerberos === undefined ? [] : (['kerberos'] as const)),
    ...(certificates === undefined ? [] : (['certificate'] as const)),
  ];
  const verifyRequested = createVerifyRequested({ entityID: urls.entityID, authenticators: enabled, clock, decrypter });
  const issuer = createIssuer({
    entityID: urls.entityID,
    readPerson: createReadPerson({
      mapping: prepareMapping(config.mapping),
      recheck: config.directory.recheck,
      directory,
      sessions,
      clock,
    }),
    nameIdentifier: createNameIdentifier({ entityID: urls.entityID, pairwise: createPairwise({ store, random }), random }),
    release: createRelease({ release: config.release, directory }),
    verifyAccess: createVerifyAccess(directory),
    signers,
    encryptions,
    sessions,
    participants,
    audit,
    clock,
    random,
  });
  const waitingRoom = createWaitingRoom({
    store,
    clock,
    limit: config.throttle.megabytesPerAddress * 1_000_000,
    window: config.requestLifetime,
  });
  const receive = createReceive({
    store,
    registry,
    destination: urls.singleSignOn,
    clockSkew: config.clockSkew,
    requestLifetime: config.requestLifetime,
    algorithms,
    waitingRoom,
    clock,
    random,
  });
  const artifacts = createArtifacts({
    entityID: urls.entityID,
    destination: urls.artifactResolution,
    clockSkew: config.clockSkew,
    requestLifetime: config.requestLifetime,
    algorithms,
    store,
    waitingRoom,
    registry,
    signers,
    audit,
    clock,
    random,
  });
  const logout = createLogout({
    running: createRunningLogouts({ store }),
    sessions,
    participants,
    receive: createReceiveLogout({
      store,
      registry,
      destination: urls.singleLogout,
      clockSkew: config.clockSkew,
      requestLifetime: config.requestLifetime,
      algorithms,
      decrypter,
      clock,
    }),
    messages: createLogoutMessages({ entityID: urls.entityID, registry, signers, encryptions, clock, random }),
    registry,
    audit,
    clock,
    random,
  });
  const identify = createIdentify({ directory, sessions, throttle, sprayed, metrics, audit, clock, limits: config.throttle });
  const proceed = createProceed({
    verifyRequested,
    issuer,
    sessions,
    requirementOf: ({ authnContexts }) => [anyOf(authnContexts)],
    expiresSoon: createExpiresSoon(config.password),
    clock,
  });
  const ecp = createEcp({
    destination: urls.enhancedClient,
    clockSkew: config.clockSkew,
    requestLifetime: config.requestLifetime,
    algorithms,
    authenticator: password,
    identify,
    proceed,
    issuer,
    sessions,
    registry,
    store,
    clock,
    random,
  });
  const handOver = createHandOver({ store, waitingRoom, patience: config.requestLifetime, clock, random });
  const contextsOf = (request: Request): AuthnContexts => verifyRequested(request).authnContexts;
  const record = createRecordTrouble({ audit, directory });
  const provider = {
    entityID: urls.entityID,
    singleSignOnServices: [
      { binding: bindings.httpRedirect, location: urls.singleSignOn },
      { binding: bindings.httpPost, location: urls.singleSignOn },
      ...(config.ecp.enabled ? [{ binding: bindings.soap, location: urls.enhancedClient, supportsChannelBindings: true }] : []),
    ],
    singleLogoutServices: [bindings.httpRedirect, bindings.httpPost].map((binding) => ({ binding, location: urls.singleLogout })),
    artifactResolutionServices: [{ binding: bindings.soap, location: urls.artifactResolution, index: artifactEndpointIndex }],
    nameIDFormats: [nameIDFormats.emailAddress, nameIDFormats.persistent, nameIDFormats.transient],
    certificates: [...keys.published, ...keys.forServiceProviders].map(certificateOf),
    // The newest alone, so that it is the only one in use by the time that an older one is retired.
    encryptionCertificates: keys.decryption.slice(0, 1).map(certificateOf),
    capabilities: capabilitiesOf(algorithms),
  };
  const app = createApp({
    authenticators: newPassword === undefined ? [password] : [password, newPassword],
    newPassword,
    askNewPassword: newPassword && createAskNewPassword({ directory, sessions, clock }),
    sessions,
    receive,
    proceed,
    identify,
    issuer,
    logout,
    googleSignOutUrl: registry.list.some(({ kind }) => kind.startsWith('google-')) ? googleSignOutUrl : undefined,
    cookie: createSessionCookie(),
    kerberos: openKerberosDoor(kerberos, config.kerberos, contextsOf),
    certificate: openCertificateDoor({ certificates, config, handOver, contextsOf }),
    audit,
    record,
    showAnswer: createShowAnswer({ artifacts }),
    ecp: config.ecp.enabled ? ecp : undefined,
    artifacts,
    origin: urls.origin,
    https: urls.origin.startsWith('https:'),
    urls,
    keys,
    registry,
    makeMetadata: async () => {
      const now = clock.now();
      const xml = await buildMetadata(provider, `_${random(20).toString('hex')}`, now + metadataLife, signers.default);
      return { xml, renewAt: now + day };
    },
    changePasswordUrl: config.branding.changePasswordUrl,
    readiness: [
      ['directory', () => directory.check()],
      ['store', () => store.check()],
      ['keys', () => signers.default.sign('ready')],
    ],
    trustProxy: config.trustProxy,
    logo,
    pages,
    clock,
    random,
  });
  const asks = certificates !== undefined && config.certificate?.listener !== undefined;
  return {
    app,
    certificateListener: asks ? createCertificateListener({ handOver, record, origin: urls.origin, random }) : undefined,
  };
}

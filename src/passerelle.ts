/** The only wiring: parts in, a running house out. */
import type { Audit } from './audit/audit.ts';
import type { Metrics } from './audit/metrics.ts';
import type { Steps } from './audit/steps.ts';
import type { Trail } from './audit/trail.ts';
import { createNewPasswordAuthenticator } from './authenticators/new-password.ts';
import type { Certificates } from './authenticators/certificate/open-certificates.ts';
import type { Kerberos } from './authenticators/kerberos.ts';
import type { OpenFactors } from './authenticators/open-factors.ts';
import { createPasswordAuthenticator } from './authenticators/password.ts';
import type { Clock, Random } from './clock.ts';
import { changesPasswords } from './config/changes-passwords.ts';
import { publishedUrls } from './config/published-urls.ts';
import type { Configuration } from './config/read-configuration.ts';
import type { Directory } from './directory/directory.ts';
import { createApp } from './http/app.ts';
import { createCertificateListener } from './http/certificate-listener.ts';
import { openCertificateDoor } from './http/open-certificate-door.ts';
import { openKerberosDoor } from './http/open-kerberos-door.ts';
import type { ReadinessCheck } from './http/published-routes.ts';
import { createAskFactor } from './http/ask-factor.ts';
import { createAskNewPassword } from './http/ask-new-password.ts';
import type { Logo } from './http/logo.ts';
import type { Pages } from './http/pages.ts';
import { createRecordTrouble } from './http/record-trouble.ts';
import { createDeviceCookie } from './http/device-cookie.ts';
import { createSessionCookie } from './http/session-cookie.ts';
import { createShowAnswer } from './http/show-answer.ts';
import type { Seal } from './keys/seal.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { prepareMapping } from './mapping/prepare-mapping.ts';
import { createAccountWing } from './passerelle/account.ts';
import { createProtocol } from './passerelle/protocol.ts';
import { createSessionParts } from './passerelle/sessions.ts';
import { createSignOut } from './passerelle/sign-out.ts';
import type { Registry } from './service-providers/registry.ts';
import { createVerifyAccess } from './service-providers/access.ts';
import { createRelease } from './service-providers/release.ts';
import { createArtifacts } from './signin/artifacts.ts';
import { createConfirm } from './signin/confirm.ts';
import { createCountAsked } from './signin/count-asked.ts';
import { createEcp } from './signin/ecp.ts';
import { createFactorPlaces, createFactorThrottles } from './signin/factor-throttles.ts';
import { createFamiliarPlaces } from './signin/familiar-places.ts';
import { createHandOver } from './signin/hand-over.ts';
import { createIdentify } from './signin/identify.ts';
import { createIssuer } from './signin/issue.ts';
import { keyParties } from './signin/key-parties.ts';
import { createMetadataFetches } from './signin/metadata-fetches.ts';
import { createNameIdentifier } from './signin/name-identifier.ts';
import { createOwnPage } from './signin/own-page.ts';
import { createPairwise } from './signin/pairwise.ts';
import { createParticipants } from './signin/participants.ts';
import { createExpiresSoon } from './signin/password-expiry.ts';
import { createPasskeyChallenges } from './signin/passkey-challenges.ts';
import { createPolicy } from './signin/policy.ts';
import { createProceed } from './signin/proceed.ts';
import { createReadPerson } from './signin/read-person.ts';
import { createReceive } from './signin/receive.ts';
import { createRisks } from './signin/risks.ts';
import { createSprayedPasswords } from './signin/sprayed-passwords.ts';
import { createSuspicions } from './signin/suspicions.ts';
import { createThrottle } from './signin/throttle.ts';
import { createVerifyRequested } from './signin/verify-requested.ts';
import { createWaitingRoom } from './signin/waiting-room.ts';
import { configuredWays } from './signin/ways.ts';
import { within } from './signin/within-store.ts';
import type { Store } from './store/store.ts';

export interface Parts {
  readonly config: Configuration;
  readonly directory: Directory;
  /** Undefined where it is not configured. */
  readonly kerberos: Kerberos | undefined;
  /** Undefined where it is not configured. */
  readonly certificates: Certificates | undefined;
  readonly factors: OpenFactors;
  /** Knows a password again that is not kept: the same for all nodes. */
  readonly markPassword: (password: string) => string;
  /** Seals what browsers keep for us. */
  readonly seal: Seal;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly registry: Registry;
  readonly pages: Pages;
  readonly logo: Logo;
  readonly audit: Audit;
  readonly metrics: Metrics;
  readonly steps: Steps;
  readonly keepTrail: (trail: Trail) => void;
  readonly clock: Clock;
  readonly random: Random;
}

/** Google has no single logout; here its own session ends. */
const googleSignOutUrl = 'https://accounts.google.com/Logout';

export interface Passerelle {
  readonly app: ReturnType<typeof createApp>;
  /** What must work before people are sent here. */
  readonly readiness: readonly ReadinessCheck[];
  /** What is served where browsers are asked for a certificate; undefined where they are not. */
  readonly certificateListener: ReturnType<typeof createCertificateListener> | undefined;
}

export function createPasserelle(parts: Parts): Passerelle {
  const { config, directory, kerberos, certificates, store, keys, registry, pages, logo, audit, metrics, clock, random } = parts;
  const { factors, passkey } = parts.factors;
  const urls = publishedUrls(config);
  const { steps, keepTrail } = parts;
  const protocol = createProtocol({ config, keys, registry, audit, clock, random });
  const { algorithms, signers, encryptions, decrypter, makeMetadata } = protocol;
  const participants = createParticipants({ store, issuer: urls.entityID });
  const { sessions, devices, grants, kept } = createSessionParts({
    ...{ config, store, seal: parts.seal, audit, steps, metrics, clock, random },
    followed: participants.follow,
  });
  const password = createPasswordAuthenticator(directory);
  const newPassword = changesPasswords(config) ? createNewPasswordAuthenticator(directory, clock) : undefined;
  const places = createFamiliarPlaces({ store, clock, keep: config.throttle.familiarFor });
  const passedAt = createFamiliarPlaces({ store: within(store, 'passed'), clock, keep: config.throttle.familiarFor });
  const suspicions = createSuspicions({ store, clock, window: config.throttle.window });
  const risks = createRisks({ store, places: passedAt, suspicions, clock });
  const throttle = createThrottle({ store, clock, directory, places, limits: config.throttle, steps });
  const sprayed = createSprayedPasswords({
    store,
    mark: parts.markPassword,
    clock,
    accounts: config.throttle.accountsPerPassword,
    window: config.throttle.window,
  });
  const patience = config.requestLifetime;
  const passkeys = passkey && createPasskeyChallenges({ passkey, store, patience, clock });
  const { first, enabled } = configuredWays(config);
  const verifyRequested = createVerifyRequested({ entityID: urls.entityID, authenticators: enabled, clock, decrypter });
  const readPerson = createReadPerson({
    mapping: prepareMapping(config.mapping),
    recheck: config.directory.recheck,
    directory,
    sessions,
    steps,
    clock,
  });
  const issuer = createIssuer({
    entityID: urls.entityID,
    readPerson,
    nameIdentifier: createNameIdentifier({ entityID: urls.entityID, pairwise: createPairwise({ store, random }), random }),
    release: createRelease({ release: config.release, directory, steps }),
    verifyAccess: createVerifyAccess(directory, steps),
    signers,
    encryptions,
    sessions,
    participants,
    ...{ audit, steps, clock, random },
  });
  const waitingRoom = createWaitingRoom({
    store,
    clock,
    limit: config.throttle.megabytesPerAddress * 1_000_000,
    window: config.requestLifetime,
  });
  const account = createOwnPage(urls.account);
  const factorPlaces = createFactorPlaces({ store, clock, keep: config.throttle.familiarFor });
  const throttleOf = createFactorThrottles({ store, clock, places: factorPlaces, limits: config.throttle, steps });
  const wing = createAccountWing({
    ...{ config, page: account, factors: parts.factors, store, sessions, kept, audit, steps, clock, random },
    throttle: throttleOf('enrolment-pass'),
  });
  const receive = createReceive({
    store,
    registry,
    account,
    destination: urls.singleSignOn,
    clockSkew: config.clockSkew,
    requestLifetime: config.requestLifetime,
    algorithms,
    waitingRoom,
    ...{ steps, clock, random },
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
    ...{ audit, steps, clock, random },
  });
  const logout = createSignOut({
    ...{ config, protocol, store, registry, sessions, participants, audit, steps, clock, random },
  });
  const identify = createIdentify({
    ...{ directory, sessions, throttle, sprayed, suspicions, metrics, audit, clock, steps },
    limits: config.throttle,
  });
  const proceed = createProceed({
    verifyRequested,
    issuer,
    sessions,
    policy: createPolicy({
      rules: config.policy,
      first,
      directory,
      isRemembered: devices.isRemembered.bind(devices),
      risksOf: risks.of.bind(risks),
      own: wing.own,
      steps,
      clock,
    }),
    enabled,
    factors,
    enrollable: parts.factors.enrollers.map(({ name }) => name),
    gate: wing.gate,
    history: wing.history,
    isOurs: account.isFor,
    readPerson,
    grants,
    expiresSoon: createExpiresSoon(config.password),
    passed: config.policy.some(({ when }) => when.risks !== undefined) ? risks.passed.bind(risks) : undefined,
    steps,
    clock,
  });
  const confirm = createConfirm({
    directory,
    store,
    sessions,
    throttleOf,
    countAsked: createCountAsked({ store, places: factorPlaces, clock, window: config.throttle.window }),
    waitingRoom,
    metrics,
    audit,
    limits: config.throttle,
    patience: Math.max(config.requestLifetime, config.factors.webhook?.approveWithin ?? 0),
    ...{ steps, clock, random },
  });
  const askFactor = createAskFactor({ factors, confirm, passkeys, sessions, origin: urls.origin, clock });
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
    ...{ steps, clock, random },
  });
  const handOver = createHandOver({ store, waitingRoom, patience: config.requestLifetime, clock, random });
  const record = createRecordTrouble({ audit, directory, steps });
  const readiness: readonly ReadinessCheck[] = [
    ['directory', () => directory.check()],
    ['store', () => store.check()],
    ['keys', () => signers.default.sign('ready')],
  ];
  const app = createApp({
    authenticators: newPassword === undefined ? [password] : [password, newPassword],
    newPassword,
    askNewPassword: newPassword && createAskNewPassword({ directory, sessions, clock }),
    sessions,
    receive,
    proceed,
    identify,
    factors,
    confirm,
    askFactor,
    passkeys,
    enrollers: parts.factors.enrollers,
    enrol: wing.enrol,
    accountPage: wing.open({ receive, proceed, origin: urls.origin }),
    issuer,
    logout,
    googleSignOutUrl: registry.list.some(({ kind }) => kind.startsWith('google-')) ? googleSignOutUrl : undefined,
    cookie: createSessionCookie(),
    deviceCookie: createDeviceCookie(),
    kerberos: openKerberosDoor(kerberos, config.kerberos),
    certificate: openCertificateDoor({ certificates, config, handOver }),
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
    makeMetadata,
    metadataFetches: createMetadataFetches({
      ...{ store, seal: parts.seal, audit, clock },
      holders: () => keyParties(config, registry.list).flatMap(({ kind, id }) => (kind === 'metadata' ? [id] : [])),
    }),
    changePasswordUrl: config.branding.changePasswordUrl,
    readiness,
    trustProxy: config.trustProxy,
    seal: parts.seal,
    logo,
    pages,
    steps,
    keepTrail,
    clock,
    random,
  });
  const asks = certificates !== undefined && config.certificate?.listener !== undefined;
  return {
    app,
    readiness,
    certificateListener: asks
      ? createCertificateListener({ ...{ handOver, receive, record, steps, keepTrail, clock, random }, origin: urls.origin })
      : undefined,
  };
}

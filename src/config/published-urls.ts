/** Every URL that Passerelle publishes. All derive from publicUrl, never from a request's headers. */
import type { Config } from './schema.ts';

export const paths = {
  singleSignOn: '/saml/sso',
  singleLogout: '/saml/slo',
  enhancedClient: '/saml/ecp',
  artifactResolution: '/saml/artifact',
  metadata: '/saml/metadata',
  certificate: '/saml/certificate.pem',
  signIn: '/signin',
  /** Where a person sets up, within a sign-in, what they lack. */
  enrol: '/signin/enrol',
  /** The person's own page. */
  account: '/account',
  passkey: '/signin/passkey',
  /** Where a browser brings its Kerberos ticket. */
  kerberos: '/signin/kerberos',
  signOut: '/signout',
  /** Where a sign-out goes on from one service provider to the next. */
  signOutProgress: '/signout/progress',
  changePassword: '/password',
  /** The form of a sign-in that changes the password. */
  newPassword: '/signin/new-password',
  /** To the host that asks for a certificate, where it is presented, and the way back. */
  withCertificate: '/signin/certificate',
  certificatePresent: '/signin/certificate/present',
  certificateReturn: '/signin/certificate/return',
  idpInitiated: '/saml/idp-initiated',
  /** Where `passerelle doctor` is told how its request arrived. */
  doctor: '/doctor',
} as const;

export interface PublishedUrls {
  readonly entityID: string;
  readonly origin: string;
  readonly singleSignOn: string;
  readonly singleLogout: string;
  readonly enhancedClient: string;
  readonly artifactResolution: string;
  readonly metadata: string;
  readonly certificate: string;
  readonly signOut: string;
  readonly changePassword: string;
  readonly account: string;
}

export function publishedUrls(config: Pick<Config, 'publicUrl' | 'entityId' | 'branding'>): PublishedUrls {
  const { origin } = new URL(config.publicUrl);
  return {
    entityID: config.entityId ?? origin + paths.metadata,
    origin,
    singleSignOn: origin + paths.singleSignOn,
    singleLogout: origin + paths.singleLogout,
    enhancedClient: origin + paths.enhancedClient,
    artifactResolution: origin + paths.artifactResolution,
    metadata: origin + paths.metadata,
    certificate: origin + paths.certificate,
    signOut: origin + paths.signOut,
    account: origin + paths.account,
    changePassword: config.branding.changePasswordUrl ?? origin + paths.changePassword,
  };
}

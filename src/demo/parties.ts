/** The two service providers that the demo is, in both of Google's shapes, and how Passerelle's configuration names them. */
import type { ConfigInput } from '../config/schema.ts';

export const shapes = ['profile', 'legacy'] as const;
export type Shape = (typeof shapes)[number];

export interface Party {
  readonly shape: Shape;
  readonly title: string;
  readonly entityID: string;
  readonly acsUrl: string;
  /** Path of the ACS on the demo's own origin. */
  readonly acsPath: string;
}

const profile = '03demo7x2y9';

/** `origin` is the demo's own, without a path; `domain` the domain of the legacy profile. */
export function demoParties(origin: string, domain: string): Readonly<Record<Shape, Party>> {
  const legacyPath = `/a/${domain}/acs`;
  const profilePath = `/samlrp/${profile}/acs`;
  return {
    profile: {
      shape: 'profile',
      title: 'SSO profile',
      entityID: `${origin}/samlrp/${profile}`,
      acsUrl: origin + profilePath,
      acsPath: profilePath,
    },
    legacy: {
      shape: 'legacy',
      title: 'legacy profile for the organisation',
      entityID: 'google.com',
      acsUrl: origin + legacyPath,
      acsPath: legacyPath,
    },
  };
}

/** The demo's entries under `serviceProviders`. */
export function demoServiceProviders(origin: string, domain: string): NonNullable<ConfigInput['serviceProviders']> {
  const { profile: newer, legacy } = demoParties(origin, domain);
  return [
    {
      kind: 'google-profile',
      name: 'Demo (SSO profile)',
      entityId: newer.entityID,
      acsUrl: newer.acsUrl,
      attributes: { displayName: 'displayName', department: 'department' },
    },
    { kind: 'google-legacy', name: 'Demo (legacy profile)', domain, acsUrl: legacy.acsUrl },
  ];
}

/** An SSO profile of Google Admin: both URLs as copied from there, of whichever generation. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { assertionConsumerServices, google, googleProtection } from './google.ts';
import { presets } from './presets/presets.ts';
import { releaseRules } from './release-rule.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type Profile = Extract<ServiceProviderConfig, { kind: 'google-profile' }>;

export function googleProfile(config: Profile): RegisteredServiceProvider {
  return {
    ...google,
    kind: config.kind,
    entityID: config.entityId,
    name: config.name ?? 'Google',
    assertionConsumerServices: assertionConsumerServices(config.acsUrl),
    rules: releaseRules({ ...presets.google.attributes, ...config.attributes }),
    attributeLimits: presets.google.limits ?? {},
    access: config.access,
    ...googleProtection(config),
  };
}

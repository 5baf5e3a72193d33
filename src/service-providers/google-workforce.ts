/** Workforce identity federation of Google Cloud: one provider of one pool. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { assertionConsumerServices, google, googleProtection } from './google.ts';
import { presets } from './presets/presets.ts';
import { releaseRules } from './release-rule.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type Workforce = Extract<ServiceProviderConfig, { kind: 'google-workforce' }>;

/** @throws Error where `groups` and `attributes` both give an attribute */
export function googleWorkforce(config: Workforce): RegisteredServiceProvider {
  const { attributes: groups } = presets['google-workforce'];
  const twice = config.groups ? Object.keys(groups).find((name) => Object.hasOwn(config.attributes, name)) : undefined;
  if (twice !== undefined) throw new Error(`${twice} is given twice, by groups and by attributes`);
  const path = `locations/global/workforcePools/${config.pool}/providers/${config.provider}`;
  return {
    ...google,
    kind: config.kind,
    entityID: `https://iam.googleapis.com/${path}`,
    name: config.name ?? 'Google Cloud',
    assertionConsumerServices: assertionConsumerServices(config.acsUrl ?? `https://auth.cloud.google/signin-callback/${path}`),
    rules: releaseRules({ ...config.attributes, ...(config.groups ? groups : {}) }),
    // The 2 kB are a limit of Workspace's sign-in; groups alone would exceed them.
    attributeLimits: {},
    access: config.access,
    ...googleProtection(config),
  };
}

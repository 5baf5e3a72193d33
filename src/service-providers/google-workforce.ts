/** Workforce identity federation of Google Cloud: one provider of one pool. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { assertionConsumerServices, google } from './google.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type Workforce = Extract<ServiceProviderConfig, { kind: 'google-workforce' }>;

/** The name that Google's own guides map `google.groups` from. */
export const groupsAttribute = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups';

export function googleWorkforce(config: Workforce): RegisteredServiceProvider {
  const path = `locations/global/workforcePools/${config.pool}/providers/${config.provider}`;
  return {
    ...google,
    kind: config.kind,
    entityID: `https://iam.googleapis.com/${path}`,
    name: config.name ?? 'Google Cloud',
    assertionConsumerServices: assertionConsumerServices(config.acsUrl ?? `https://auth.cloud.google/signin-callback/${path}`),
    attributes: config.attributes,
    // The 2 kB are a limit of Workspace's sign-in; groups alone would exceed them.
    attributeLimits: {},
    groupsAttribute: config.groups ? groupsAttribute : undefined,
  };
}

/** The legacy profile for the organisation: one domain, under each of the two Issuers that Google may use for it. */
import { domainToASCII } from 'node:url';
import type { ServiceProviderConfig } from '../config/schema.ts';
import { assertionConsumerServices, google, googleProtection } from './google.ts';
import { presets } from './presets/presets.ts';
import { releaseRules } from './release-rule.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type Legacy = Extract<ServiceProviderConfig, { kind: 'google-legacy' }>;

/**
 * `google.com` first, which also stands for the domain where we begin; then `google.com/a/DOMAIN`, the domain-specific issuer.
 * Several domains share the entity ID `google.com` and differ by their ACS.
 * @throws Error where the domain has no ASCII form
 */
export function googleLegacy(config: Legacy): readonly RegisteredServiceProvider[] {
  const domain = domainToASCII(config.domain);
  if (domain === '') throw new Error(`${config.domain} is not a domain name`);
  const locations =
    config.acsUrl === undefined
      ? [`https://www.google.com/a/${domain}/acs`, `https://accounts.google.com/a/${domain}/acs`]
      : [config.acsUrl];
  return ['google.com', `google.com/a/${domain}`].map((entityID) => ({
    ...google,
    kind: config.kind,
    entityID,
    name: config.name ?? 'Google',
    assertionConsumerServices: assertionConsumerServices(...locations),
    rules: releaseRules({ ...presets.google.attributes, ...config.attributes }),
    attributeLimits: { ...presets.google.limits, ascii: true },
    access: config.access,
    ...googleProtection(config),
  }));
}

/** Any other service provider, as its metadata describes it. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import type { ServiceProvider } from '../saml/service-provider.ts';
import { nameIDRules } from './name-id-rules.ts';
import { presets } from './presets/presets.ts';
import { releaseRules } from './release-rule.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

export type FromMetadata = Extract<ServiceProviderConfig, { kind: 'metadata' }>;

/** `config` are the settings of its entry, or those of everybody who has none. */
export function fromMetadata(config: FromMetadata, serviceProvider: ServiceProvider): RegisteredServiceProvider {
  const preset = config.preset === undefined ? undefined : presets[config.preset];
  return {
    ...serviceProvider,
    kind: config.kind,
    protection: { signature: config.signature, encrypt: config.encrypt, encryption: config.encryption },
    name: config.name ?? serviceProvider.entityID,
    sign: {
      response: config.sign !== 'assertion',
      // saml-metadata §2.4.4: WantAssertionsSigned is met by the assertion's own signature, whatever wraps it.
      assertion: config.sign !== 'response' || serviceProvider.wantAssertionsSigned,
    },
    nameID: nameIDRules({ ...preset?.nameId, ...config.nameId }, serviceProvider.nameIDFormats),
    rules: releaseRules({ ...preset?.attributes, ...config.attributes }),
    attributeLimits: preset?.limits ?? {},
    access: config.access,
  };
}

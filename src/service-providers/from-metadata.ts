/** Any other service provider, as its metadata describes it. */
import type { ServiceProviderConfig } from '../config/schema.ts';
import { readServiceProviderMetadata } from '../saml/read-metadata.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

type FromMetadata = Extract<ServiceProviderConfig, { kind: 'metadata' }>;

/**
 * `xml` is the md:EntityDescriptor, `now` in milliseconds since the epoch.
 * @throws MetadataMistake
 */
export function fromMetadata(config: FromMetadata, xml: string, now: number): RegisteredServiceProvider {
  const serviceProvider = readServiceProviderMetadata(xml, now);
  return {
    ...serviceProvider,
    kind: config.kind,
    name: config.name ?? serviceProvider.entityID,
    sign: {
      response: config.sign !== 'assertion',
      // saml-metadata §2.4.4: WantAssertionsSigned is met by the assertion's own signature, whatever wraps it.
      assertion: config.sign !== 'response' || serviceProvider.wantAssertionsSigned,
    },
    attributes: config.attributes,
    attributeLimits: {},
    groupsAttribute: undefined,
  };
}

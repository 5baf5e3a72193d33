/** Where a Response goes: an AssertionConsumerService that is registered, over HTTP-POST (saml-core §3.4.1, saml-metadata §2.2.3). */
import { Refusal } from '../refusal.ts';
import { bindings } from './names.ts';
import type { AuthnRequestContent } from './read-authn-request.ts';
import type { AssertionConsumerService, ServiceProvider } from './service-provider.ts';

type Asked = Pick<AuthnRequestContent, 'protocolBinding' | 'assertionConsumerServiceURL' | 'assertionConsumerServiceIndex'>;

export interface Chosen<SP extends ServiceProvider> {
  readonly serviceProvider: SP;
  readonly assertionConsumerService: AssertionConsumerService;
}

const overPost = ({ binding }: AssertionConsumerService): boolean => binding === bindings.httpPost;

/** The default among those that we can answer to, or undefined where there is none. */
export const defaultAssertionConsumerService = (serviceProvider: ServiceProvider): AssertionConsumerService | undefined => {
  const usable = serviceProvider.assertionConsumerServices.filter(overPost);
  return usable.find(({ isDefault }) => isDefault) ?? usable[0];
};

/**
 * Chooses among the service providers of one entity ID by what the request asks for. A URL is compared as an exact string.
 * @throws Refusal request-invalid (URL or ProtocolBinding beside an index), binding-unsupported or acs-not-registered
 */
export const chooseAssertionConsumerService = <SP extends ServiceProvider>(
  asked: Asked,
  candidates: readonly SP[],
): Chosen<SP> => {
  const { protocolBinding, assertionConsumerServiceURL: url, assertionConsumerServiceIndex: index } = asked;
  if (index !== undefined && (url !== undefined || protocolBinding !== undefined)) {
    throw new Refusal('request-invalid', { why: 'AssertionConsumerServiceIndex beside a URL or ProtocolBinding' });
  }
  if (protocolBinding !== undefined && protocolBinding !== bindings.httpPost) {
    throw new Refusal('binding-unsupported', { binding: protocolBinding.slice(0, 256) });
  }
  const detail = { entityID: candidates[0]?.entityID, url: url?.slice(0, 256), index };
  if (url === undefined && index === undefined) {
    // Where several share an entity ID, only the URL tells them apart.
    const [serviceProvider, ...others] = candidates;
    const chosen = serviceProvider && defaultAssertionConsumerService(serviceProvider);
    if (serviceProvider === undefined || chosen === undefined || others.length > 0)
      throw new Refusal('acs-not-registered', detail);
    return { serviceProvider, assertionConsumerService: chosen };
  }
  const registered = candidates.flatMap((serviceProvider) =>
    serviceProvider.assertionConsumerServices
      .filter((service) => (url === undefined ? service.index === index : service.location === url))
      .map((assertionConsumerService) => ({ serviceProvider, assertionConsumerService })),
  );
  if (registered.length === 0) throw new Refusal('acs-not-registered', detail);
  const usable = registered.filter(({ assertionConsumerService }) => overPost(assertionConsumerService));
  const [chosen] = usable;
  if (chosen === undefined) throw new Refusal('binding-unsupported', detail);
  if (url === undefined && usable.some(({ serviceProvider }) => serviceProvider !== chosen.serviceProvider)) {
    throw new Refusal('acs-not-registered', detail);
  }
  return chosen;
};

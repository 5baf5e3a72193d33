/** Where a Response goes: an AssertionConsumerService that is registered, by a binding that we can answer with (saml-core §3.4.1). */
import { Refusal } from '../refusal.ts';
import { bindings } from './names.ts';
import type { AnswerAsked } from './read-authn-request.ts';
import type { AssertionConsumerService, ServiceProvider } from './service-provider.ts';

type Asked = AnswerAsked;

export interface Chosen<SP extends ServiceProvider> {
  readonly serviceProvider: SP;
  readonly assertionConsumerService: AssertionConsumerService;
}

/** How a Response leaves, by what carried the request: a browser takes it along, or an enhanced client by reverse SOAP. */
export type Usable = 'browser' | 'enhanced client';
const usableBindings: Readonly<Record<Usable, readonly string[]>> = {
  browser: [bindings.httpPost, bindings.httpArtifact],
  // saml-ecp-v2.0 §2.3.9: the Response reaches the service provider by PAOS alone.
  'enhanced client': [bindings.paos],
};

/** saml-metadata §2.2.3: the default of those, which metadata was read into; where none is marked, the first. */
const defaultOf = (services: readonly AssertionConsumerService[]): AssertionConsumerService | undefined =>
  services.find(({ isDefault }) => isDefault) ?? services[0];

/** The default among those that we can answer to, or undefined where there is none. */
export const defaultAssertionConsumerService = (
  { assertionConsumerServices }: ServiceProvider,
  usable: Usable = 'browser',
): AssertionConsumerService | undefined =>
  defaultOf(assertionConsumerServices.filter(({ binding }) => usableBindings[usable].includes(binding)));

/**
 * Chooses among the service providers of one entity ID by what the request asks for. A URL is compared as an exact string.
 * @throws Refusal request-invalid (URL or ProtocolBinding beside an index), binding-unsupported or acs-not-registered
 */
export const chooseAssertionConsumerService = <SP extends ServiceProvider>(
  asked: Asked,
  candidates: readonly SP[],
  usable: Usable = 'browser',
): Chosen<SP> => {
  const { protocolBinding, assertionConsumerServiceURL: url, assertionConsumerServiceIndex: index } = asked;
  if (index !== undefined && (url !== undefined || protocolBinding !== undefined)) {
    throw new Refusal('request-invalid', { why: 'AssertionConsumerServiceIndex beside a URL or ProtocolBinding' });
  }
  if (protocolBinding !== undefined && !usableBindings[usable].includes(protocolBinding)) {
    throw new Refusal('binding-unsupported', { binding: protocolBinding.slice(0, 256) });
  }
  const detail = { entityID: candidates[0]?.entityID, url: url?.slice(0, 256), index, binding: protocolBinding };
  const wanted = protocolBinding === undefined ? usableBindings[usable] : [protocolBinding];
  const registered = candidates.flatMap((serviceProvider) => {
    const services = serviceProvider.assertionConsumerServices.filter(
      (service) => (url === undefined || service.location === url) && (index === undefined || service.index === index),
    );
    return services.length === 0 ? [] : [{ serviceProvider, services }];
  });
  // Where several share an entity ID, only the URL, or an index that no other has, tells them apart.
  if (url === undefined && registered.length > 1) throw new Refusal('acs-not-registered', detail);
  for (const { serviceProvider, services } of registered) {
    const assertionConsumerService = defaultOf(services.filter(({ binding }) => wanted.includes(binding)));
    if (assertionConsumerService !== undefined) return { serviceProvider, assertionConsumerService };
  }
  // What is registered there cannot be reached by the binding asked for, or by whatever carried the request.
  const named = url !== undefined || index !== undefined || protocolBinding !== undefined;
  if (named && registered.length > 0) throw new Refusal('binding-unsupported', detail);
  throw new Refusal('acs-not-registered', detail);
};

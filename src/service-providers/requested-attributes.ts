/** Which attributes a service provider asks for, by its metadata and the request (saml-metadata §2.4.4.1, saml-core §3.4.1). */
import { Refusal } from '../refusal.ts';
import { attributeNameFormats } from '../saml/names.ts';
import type { RequestedAttribute } from '../saml/service-provider.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

/**
 * Those of the AttributeConsumingService of that index, else of the default one. Where metadata list none, an index means nothing:
 * many send one nevertheless.
 * @throws Refusal attribute-consuming-service-unknown
 */
export function requestedAttributes(
  serviceProvider: RegisteredServiceProvider,
  index: number | undefined,
): readonly RequestedAttribute[] {
  const services = serviceProvider.attributeConsumingServices;
  if (index === undefined || services.length === 0) {
    return (services.find(({ isDefault }) => isDefault) ?? services[0])?.requestedAttributes ?? [];
  }
  const service = services.find((candidate) => candidate.index === index);
  if (service === undefined) {
    throw new Refusal('attribute-consuming-service-unknown', { serviceProvider: serviceProvider.entityID, index });
  }
  return service.requestedAttributes;
}

/** The request for that attribute; where several name it, one that requires it, and any values unless all name theirs. */
export function requestFor(
  { name, nameFormat }: { readonly name: string; readonly nameFormat: string },
  requested: readonly RequestedAttribute[],
): { readonly isRequired: boolean; readonly values: readonly string[] } | undefined {
  const asked = requested.filter(
    (one) => one.name === name && (one.nameFormat === nameFormat || one.nameFormat === attributeNameFormats.unspecified),
  );
  if (asked.length === 0) return undefined;
  const isRequired = asked.some((one) => one.isRequired);
  return { isRequired, values: asked.some(({ values }) => values.length === 0) ? [] : asked.flatMap(({ values }) => values) };
}

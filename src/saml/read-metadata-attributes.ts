/** Reads the attributes of which metadata speaks: those that a service provider requests, and those of the entity itself. */
import { mistaken } from './metadata-mistake.ts';
import { childrenNamed, defaultOf, extensionsNamed, readBoolean, requireIndex, requireUri } from './metadata-values.ts';
import { attributeNameFormats, namespaces } from './names.ts';
import type { AttributeConsumingService, EntityAttribute } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

/** A saml:AttributeType (saml-core §2.7.3.1). */
const readAttribute = (element: XmlElement): EntityAttribute => ({
  name: requireUri(element, 'Name'),
  nameFormat: element.attributes.get('NameFormat')?.trim() ?? attributeNameFormats.unspecified,
  values: childrenNamed(element, 'AttributeValue', namespaces.assertion).map(({ text }) => text.trim()),
});

/** saml-metadata §2.4.4.1. @throws MetadataMistake */
export const readAttributeConsumingServices = (role: XmlElement): readonly AttributeConsumingService[] => {
  const indexes = new Set<number>();
  const services = childrenNamed(role, 'AttributeConsumingService').map((element) => {
    const index = requireIndex(element);
    if (indexes.has(index)) mistaken(element, `repeats index="${index}"`);
    indexes.add(index);
    const requestedAttributes = childrenNamed(element, 'RequestedAttribute').map((requested) => ({
      ...readAttribute(requested),
      isRequired: readBoolean(requested, 'isRequired') ?? false,
    }));
    return { index, requestedAttributes, asked: readBoolean(element, 'isDefault') };
  });
  const byDefault = defaultOf(services);
  return services.map((service) => ({
    index: service.index,
    isDefault: service === byDefault,
    requestedAttributes: service.requestedAttributes,
  }));
};

/** mdattr:EntityAttributes of an entity or a group of entities; assertions about it are passed over. @throws MetadataMistake */
export const readEntityAttributes = (element: XmlElement): readonly EntityAttribute[] =>
  extensionsNamed(element, 'EntityAttributes', namespaces.mdattr)
    .flatMap((holder) => childrenNamed(holder, 'Attribute', namespaces.assertion))
    .map(readAttribute);

/** Writes the metadata of an imported service provider (saml-metadata §2.4.4). */
import { escapeAttribute } from '../../saml/escape.ts';
import { namespaces } from '../../saml/names.ts';
import type { AcsDraft, EndpointDraft, MetadataDraft } from './imported.ts';

function element(name: string, attributes: Readonly<Record<string, string | undefined>>): string {
  const written = Object.entries(attributes).map(([each, value]) =>
    value === undefined ? '' : ` ${each}="${escapeAttribute(value, each)}"`,
  );
  return `<md:${name}${written.join('')}/>`;
}

const endpoint = (name: string, { binding, location, responseLocation }: EndpointDraft): string =>
  element(name, { Binding: binding, Location: location, ResponseLocation: responseLocation });

/** Each its own index: those that are given where they are, the others the next that is free. */
function assertionConsumerServices(list: readonly AcsDraft[]): readonly string[] {
  const taken = new Set<number>();
  const indexes = list.map(({ index }) => {
    if (index === undefined || taken.has(index)) return undefined;
    taken.add(index);
    return index;
  });
  let next = 0;
  return list.map(({ binding, location, isDefault }, place) => {
    let index = indexes[place];
    while (index === undefined) {
      if (!taken.has(next)) {
        index = next;
        taken.add(next);
      }
      next += 1;
    }
    return element('AssertionConsumerService', {
      index: String(index),
      isDefault: isDefault === true ? 'true' : undefined,
      Binding: binding,
      Location: location,
    });
  });
}

const keyDescriptor = (use: 'signing' | 'encryption', certificate: string): string =>
  `<md:KeyDescriptor use="${use}"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;

/** @param metadata certificates in base64. @throws Refusal attribute-character-forbidden where a text cannot stand in XML */
export function renderMetadata(entityId: string, metadata: MetadataDraft): string {
  const { validUntil } = metadata;
  const until = validUntil === undefined ? '' : ` validUntil="${new Date(validUntil).toISOString()}"`;
  const lines = [
    ...metadata.signing.map((certificate) => keyDescriptor('signing', certificate)),
    ...metadata.encryption.map((certificate) => keyDescriptor('encryption', certificate)),
    ...metadata.singleLogoutServices.map((each) => endpoint('SingleLogoutService', each)),
    ...assertionConsumerServices(metadata.assertionConsumerServices),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="${namespaces.metadata}" xmlns:ds="${namespaces.ds}" entityID="${escapeAttribute(entityId, 'entityID')}"${until}>
  <md:SPSSODescriptor AuthnRequestsSigned="${String(metadata.authnRequestsSigned)}" protocolSupportEnumeration="${namespaces.protocol}">
${lines.map((line) => `    ${line}\n`).join('')}  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;
}

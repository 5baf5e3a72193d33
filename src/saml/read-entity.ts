/** Reads a service provider from its md:EntityDescriptor (saml-metadata §2.3.2 and §2.4.4). */
import { parseDateTime } from './date-time.ts';
import { mistaken } from './metadata-mistake.ts';
import { childrenNamed, readBoolean, requireAttribute, requireUri } from './metadata-values.ts';
import { namespaces } from './names.ts';
import { readAlgorithmSupport } from './read-algorithm-support.ts';
import { readKeyDescriptors } from './read-key-descriptor.ts';
import { readAttributeConsumingServices, readEntityAttributes } from './read-metadata-attributes.ts';
import { readAssertionConsumerServices, readSingleLogoutServices } from './read-metadata-endpoints.ts';
import type { EntityAttribute, ServiceProvider } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

/** Instants in milliseconds since the epoch, lengths in milliseconds. */
export interface Judging {
  readonly now: number;
  /** How far the clock of whoever wrote the metadata may be off. */
  readonly clockSkew: number;
}

/** What an entity has from the groups around it. */
export interface Inherited {
  readonly entityAttributes: readonly EntityAttribute[];
  readonly affiliations: readonly string[];
}

/** When an element stops being valid; undefined where it does not say. @throws MetadataMistake where that is no instant */
export const readValidUntil = (element: XmlElement): number | undefined => {
  const value = element.attributes.get('validUntil');
  if (value === undefined) return undefined;
  return parseDateTime(value.trim()) ?? mistaken(element, 'has a validUntil that is no instant in UTC');
};

/** @throws MetadataMistake */
export const requireValid = (element: XmlElement, { now, clockSkew }: Judging): void => {
  const until = readValidUntil(element);
  if (until !== undefined && until + clockSkew <= now) {
    mistaken(element, `was valid until ${new Date(until).toISOString()} only; get the current metadata`);
  }
};

/** The roles of a service provider for SAML 2.0. */
export const serviceProviderRoles = (entity: XmlElement): readonly XmlElement[] =>
  childrenNamed(entity, 'SPSSODescriptor').filter((role) =>
    requireAttribute(role, 'protocolSupportEnumeration')
      .split(/[ \t\r\n]+/)
      .includes(namespaces.protocol),
  );

const requireRole = (entity: XmlElement): XmlElement => {
  const [role, second] = serviceProviderRoles(entity);
  if (second !== undefined) mistaken(second, 'is the second of its kind for SAML 2.0; leave only one');
  return role ?? mistaken(entity, 'has no SPSSODescriptor for SAML 2.0, so this is no service provider’s metadata');
};

/** @throws MetadataMistake */
export const readEntity = (entity: XmlElement, judging: Judging, inherited: Inherited): ServiceProvider => {
  const entityID = requireUri(entity, 'entityID');
  requireValid(entity, judging);
  const role = requireRole(entity);
  requireValid(role, judging);
  const { signingKeys, encryptionKeys } = readKeyDescriptors(role);
  const authnRequestsSigned = readBoolean(role, 'AuthnRequestsSigned') ?? false;
  if (authnRequestsSigned && signingKeys.length === 0) {
    mistaken(role, 'says AuthnRequestsSigned="true", yet has no RSA or ECDSA key to verify requests with');
  }
  return {
    entityID,
    assertionConsumerServices: readAssertionConsumerServices(role),
    singleLogoutServices: readSingleLogoutServices(role),
    attributeConsumingServices: readAttributeConsumingServices(role),
    entityAttributes: [...readEntityAttributes(entity), ...inherited.entityAttributes],
    signingKeys,
    encryptionKeys,
    algorithmSupport: readAlgorithmSupport(entity, role),
    authnRequestsSigned,
    wantAssertionsSigned: readBoolean(role, 'WantAssertionsSigned') ?? false,
    nameIDFormats: childrenNamed(role, 'NameIDFormat').map(({ text }) => text.trim()),
    affiliations: inherited.affiliations,
  };
};

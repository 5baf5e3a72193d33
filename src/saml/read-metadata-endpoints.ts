/** Reads the endpoints of a service provider's role (saml-metadata §2.2.2, §2.2.3): where it is answered. */
import { isLoopback } from '../config/loopback.ts';
import { mistaken } from './metadata-mistake.ts';
import { childrenNamed, defaultOf, readBoolean, requireAttribute, requireIndex } from './metadata-values.ts';
import { bindings } from './names.ts';
import type { AssertionConsumerService, Endpoint } from './service-provider.ts';
import type { XmlElement } from './xml.ts';

const longestLocation = 1024;
/** Over plain http anybody on the way reads what people are sent there with; this machine has no way. */
const isSecure = (location: string): boolean => {
  const { protocol, hostname } = new URL(location);
  return protocol === 'https:' || isLoopback(hostname);
};

/** Bindings of a role that can be answered at all: the second and third by artifact resolution and ECP. */
const answerable: ReadonlySet<string> = new Set([bindings.httpPost, bindings.httpArtifact, bindings.paos]);

const readLocation = (element: XmlElement, name: 'Location' | 'ResponseLocation'): string => {
  const location = requireAttribute(element, name);
  const url = URL.canParse(location) ? new URL(location) : undefined;
  const plain = /^[\x21-\x7e]+$/.test(location) && !/["'<>\\]/.test(location) && url?.username === '' && url.password === '';
  if (!plain || location.length > longestLocation || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return mistaken(element, `has a ${name} that is no plain https URL`);
  }
  return location;
};

const readEndpoint = (element: XmlElement): Endpoint => ({
  binding: requireAttribute(element, 'Binding').trim(),
  location: readLocation(element, 'Location'),
  ...(element.attributes.has('ResponseLocation') && { responseLocation: readLocation(element, 'ResponseLocation') }),
});

/** Those over plain http are passed over. */
export const readSingleLogoutServices = (role: XmlElement): readonly Endpoint[] =>
  childrenNamed(role, 'SingleLogoutService')
    .map(readEndpoint)
    .filter(({ location, responseLocation }) => isSecure(location) && isSecure(responseLocation ?? location));

/** A browser chooses among two bindings: they have one default between them (saml-metadata §2.2.3). */
const answeredWith = (binding: string): string => (binding === bindings.httpArtifact ? bindings.httpPost : binding);

/**
 * All of them, whatever their binding, but those over plain http; of those that the same requests lead to, exactly one is the default.
 * @throws MetadataMistake
 */
export const readAssertionConsumerServices = (role: XmlElement): readonly AssertionConsumerService[] => {
  const indexes = new Set<number>();
  let insecure: XmlElement | undefined;
  const services = childrenNamed(role, 'AssertionConsumerService').flatMap((element) => {
    const index = requireIndex(element);
    if (indexes.has(index)) mistaken(element, `repeats index="${index}"`);
    indexes.add(index);
    const { binding, location } = readEndpoint(element);
    const asked = readBoolean(element, 'isDefault');
    if (isSecure(location)) return [{ index, binding, location, asked }];
    insecure ??= element;
    return [];
  });
  if (!services.some(({ binding }) => answerable.has(binding))) {
    if (insecure !== undefined) mistaken(insecure, 'has a Location on plain http, and there is none on https');
    mistaken(role, 'has no AssertionConsumerService over HTTP-POST, HTTP-Artifact or PAOS');
  }
  const defaults = [...Map.groupBy(services, ({ binding }) => answeredWith(binding)).values()].map(defaultOf);
  return services.map((service) => ({
    index: service.index,
    binding: service.binding,
    location: service.location,
    isDefault: defaults.includes(service),
  }));
};

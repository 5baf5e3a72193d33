/** What metadata is made of: children by name, attributes by type. Each throws a MetadataMistake that names the element. */
import { decodeBase64 } from './base64.ts';
import { mistaken } from './metadata-mistake.ts';
import { namespaces } from './names.ts';
import type { XmlElement } from './xml.ts';

/** Of any URI that is kept: entity IDs (saml-metadata §2.2.1), locations, names of attributes. */
const longestUri = 1024;

export const childrenNamed = (
  element: XmlElement,
  localName: string,
  namespace: string = namespaces.metadata,
): readonly XmlElement[] => element.children.filter((child) => child.localName === localName && child.namespace === namespace);

/** Those of that namespace within the md:Extensions of an element. */
export const extensionsNamed = (element: XmlElement, localName: string, namespace: string): readonly XmlElement[] =>
  childrenNamed(element, 'Extensions').flatMap((extensions) => childrenNamed(extensions, localName, namespace));

export const requireAttribute = (element: XmlElement, name: string): string =>
  element.attributes.get(name) ?? mistaken(element, `has no ${name}`);

/** An attribute that is a URI or a name: neither empty nor endless. */
export const requireUri = (element: XmlElement, name: string): string => {
  const value = requireAttribute(element, name).trim();
  return value === '' || value.length > longestUri
    ? mistaken(element, `has a ${name} that is empty or longer than ${longestUri} characters`)
    : value;
};

/** xs:boolean */
export const readBoolean = (element: XmlElement, name: string): boolean | undefined => {
  const value = element.attributes.get(name)?.trim();
  if (value === undefined) return undefined;
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0'
    ? false
    : mistaken(element, `has ${name}="${value.slice(0, 64)}", which is neither true nor false`);
};

/** xs:unsignedShort */
export const requireIndex = (element: XmlElement): number => {
  const value = requireAttribute(element, 'index').trim();
  const index = /^\d{1,5}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
  return index <= 65_535 ? index : mistaken(element, `has index="${value.slice(0, 64)}", which is no number from 0 to 65535`);
};

/** xs:base64Binary, which is not empty. */
export const requireBytes = (element: XmlElement): Buffer => {
  const bytes = decodeBase64(element.text.replace(/[ \t\r\n]+/g, ''));
  return bytes === undefined || bytes.length === 0 ? mistaken(element, 'does not hold base64') : bytes;
};

/** saml-metadata §2.2.3: the default is the first that says so, else the first that does not deny it, else the first. */
export const defaultOf = <Indexed extends { readonly asked: boolean | undefined }>(
  list: readonly Indexed[],
): Indexed | undefined => list.find(({ asked }) => asked) ?? list.find(({ asked }) => asked === undefined) ?? list[0];

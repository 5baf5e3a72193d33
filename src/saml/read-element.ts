/** Reads the attributes and text of a message's elements by the simple types of its schema; what breaks them is request-invalid. */
import { Refusal } from '../refusal.ts';
import { parseDateTime } from './date-time.ts';
import { isBlank } from './xml-characters.ts';
import type { XmlElement } from './xml.ts';

/** UTF-16 code units of an attribute or text: four times the 256 characters that saml-core §1.3.1 bids everybody take. */
const longestValue = 1024;

/** @throws Refusal request-invalid, always */
export const invalid = (element: XmlElement, why: string): never => {
  throw new Refusal('request-invalid', { line: element.line, element: element.localName.slice(0, 64), why });
};

export const is = (element: XmlElement | undefined, namespace: string, localName: string): boolean =>
  element?.localName === localName && element.namespace === namespace;

/** @throws Refusal request-invalid */
export const readString = (element: XmlElement, attribute: string): string | undefined => {
  const value = element.attributes.get(attribute);
  return value !== undefined && value.length > longestValue ? invalid(element, `${attribute} is too long`) : value;
};

/** An xs:boolean; false where it is absent. @throws Refusal request-invalid */
export const readBoolean = (element: XmlElement, attribute: string): boolean => {
  const value = element.attributes.get(attribute);
  if (value === undefined || value === 'false' || value === '0') return false;
  return value === 'true' || value === '1' || invalid(element, `${attribute} is no xs:boolean`);
};

/** An xs:unsignedShort. @throws Refusal request-invalid */
export const readIndex = (element: XmlElement, attribute: string): number | undefined => {
  const value = element.attributes.get(attribute);
  if (value === undefined) return undefined;
  const index = /^\d{1,5}$/.test(value) ? Number.parseInt(value, 10) : Number.NaN;
  return index <= 65_535 ? index : invalid(element, `${attribute} is no xs:unsignedShort`);
};

/** An xs:nonNegativeInteger, of which there is no largest: as it is written. @throws Refusal request-invalid */
export const readCount = (element: XmlElement, attribute: string): string | undefined => {
  const value = readString(element, attribute);
  return value === undefined || /^\d+$/.test(value) ? value : invalid(element, `${attribute} is no xs:nonNegativeInteger`);
};

/** Milliseconds since the epoch. @throws Refusal request-invalid */
export const readInstant = (element: XmlElement, attribute: string): number | undefined => {
  const value = element.attributes.get(attribute);
  if (value === undefined) return undefined;
  return parseDateTime(value) ?? invalid(element, `${attribute} is no instant in UTC`);
};

/** Text that is not empty, of an element without children. @throws Refusal request-invalid */
export const readText = (element: XmlElement): string => {
  if (element.children.length > 0) invalid(element, 'elements where text belongs');
  return element.text === '' || element.text.length > longestValue ? invalid(element, 'empty or too long') : element.text;
};

/** An xs:anyURI: white space around it is no part of it. @throws Refusal request-invalid */
export const readUri = (element: XmlElement): string => {
  const uri = readText(element).trim();
  return uri === '' ? invalid(element, 'empty') : uri;
};

/** @throws Refusal request-invalid */
export const requireElementsOnly = (element: XmlElement): void => {
  if (!isBlank(element.text)) invalid(element, 'text between the elements');
};

/** What a service provider is told about a person beside the address. */
import type { Person } from '../directory/directory.ts';
import { Refusal } from '../refusal.ts';
import { escapeAttribute, escapeText } from '../saml/escape.ts';
import { attributeNameFormats } from '../saml/names.ts';
import { groupName } from './group-name.ts';
import type { Registry } from './registry.ts';
import type { RegisteredServiceProvider } from './service-provider.ts';

export interface ReleasedAttribute {
  readonly name: string;
  /** saml-core §8.2. */
  readonly nameFormat: string;
  readonly values: readonly string[];
}

const groupsSource = 'memberOf';
const uri = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/;
const xmlName = /^[\p{L}_:][\p{L}\p{N}\p{M}_:.·-]*$/u;
const ascii = /^[\u0000-\u007F]*$/;

function nameFormatOf(name: string): string {
  if (uri.test(name)) return attributeNameFormats.uri;
  // saml-core §8.2.3: basic names are of type xs:Name.
  return xmlName.test(name) ? attributeNameFormats.basic : attributeNameFormats.unspecified;
}

/** The values of a directory attribute, whose name is compared without regard to case (RFC 4512 §2.5). */
function valuesOf(person: Person, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  for (const [name, values] of Object.entries(person.attributes)) {
    if (name.toLowerCase() === wanted) return values;
  }
  const known = {
    objectguid: person.objectGUID,
    distinguishedname: person.distinguishedName,
    samaccountname: person.sAMAccountName,
    userprincipalname: person.userPrincipalName,
    mail: person.mail,
    displayname: person.displayName,
  };
  const value = Object.entries(known).find(([name]) => name === wanted)?.[1];
  return value === undefined ? [] : [value];
}

/** Names of groups; two groups of one name are one value, and a name that cannot be read is left out. */
function groupsOf(person: Person): readonly string[] {
  const names = valuesOf(person, groupsSource).map(groupName);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** Bytes of the AttributeStatement as Passerelle writes it, tags and escapes included, in UTF-8. */
function bytesOf(attributes: readonly ReleasedAttribute[]): number {
  let bytes = '<saml:AttributeStatement></saml:AttributeStatement>'.length;
  for (const { name, nameFormat, values } of attributes) {
    bytes += '<saml:Attribute Name="" NameFormat=""></saml:Attribute>'.length + nameFormat.length;
    bytes += Buffer.byteLength(escapeAttribute(name, 'Attribute'));
    for (const value of values) {
      bytes += '<saml:AttributeValue></saml:AttributeValue>'.length + Buffer.byteLength(escapeText(value, name));
    }
  }
  return attributes.length === 0 ? 0 : bytes;
}

function verifyLimits(attributes: readonly ReleasedAttribute[], serviceProvider: RegisteredServiceProvider): void {
  const { bytes: limit, ascii: asciiOnly } = serviceProvider.attributeLimits;
  if (asciiOnly === true) {
    const found = attributes.find(({ name, values }) => ![name, ...values].every((text) => ascii.test(text)));
    if (found !== undefined) {
      throw new Refusal('attributes-not-ascii', { serviceProvider: serviceProvider.entityID, attribute: found.name });
    }
  }
  if (limit === undefined) return;
  const bytes = bytesOf(attributes);
  if (bytes > limit) {
    throw new Refusal('attributes-too-large', { serviceProvider: serviceProvider.entityID, bytes, limit });
  }
}

/**
 * The attributes to release to the service provider, in the order of the configuration, groups last. Attributes that the person
 * does not have are left out, and so are empty values.
 * @throws Refusal attributes-too-large, attributes-not-ascii, attribute-character-forbidden
 */
export function releaseAttributes(serviceProvider: RegisteredServiceProvider, person: Person): readonly ReleasedAttribute[] {
  const released = Object.entries(serviceProvider.attributes).map(([name, attribute]) => ({
    name,
    nameFormat: nameFormatOf(name),
    values: valuesOf(person, attribute).filter((value) => value !== ''),
  }));
  const { groupsAttribute } = serviceProvider;
  if (groupsAttribute !== undefined) {
    released.push({ name: groupsAttribute, nameFormat: nameFormatOf(groupsAttribute), values: [...groupsOf(person)] });
  }
  const present = released.filter(({ values }) => values.length > 0);
  verifyLimits(present, serviceProvider);
  return present;
}

/** The directory attributes that must be read of a person so that everything configured can be released. */
export function released(registry: Registry): readonly string[] {
  const names = new Map<string, string>();
  for (const { attributes, groupsAttribute } of registry.list) {
    const wanted = [...Object.values(attributes), ...(groupsAttribute === undefined ? [] : [groupsSource])];
    for (const name of wanted) if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
  }
  return [...names.values()];
}

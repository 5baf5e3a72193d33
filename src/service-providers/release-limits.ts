/** How much a service provider may be told at once. */
import { Refusal } from '../refusal.ts';
import { escapeAttribute, escapeText } from '../saml/escape.ts';
import type { Attribute } from '../saml/response.ts';
import type { AttributeLimits, RegisteredServiceProvider } from './service-provider.ts';

/** For those that have no limit of their own. */
const mostBytes = 256 * 1_024;
const mostValues = 5_000;
const ascii = /^[\u0000-\u007F]*$/;

/**
 * Bytes of the AttributeStatement as Passerelle writes it, tags and escapes included, in UTF-8.
 * @throws Refusal attribute-character-forbidden
 */
export function attributeBytes(attributes: readonly Attribute[]): number {
  let bytes = '<saml:AttributeStatement></saml:AttributeStatement>'.length;
  for (const { name, nameFormat, friendlyName, values } of attributes) {
    bytes += '<saml:Attribute Name="" NameFormat=""></saml:Attribute>'.length;
    bytes += Buffer.byteLength(escapeAttribute(name, 'Attribute')) + Buffer.byteLength(escapeAttribute(nameFormat, name));
    if (friendlyName !== undefined) {
      bytes += ' FriendlyName=""'.length + Buffer.byteLength(escapeAttribute(friendlyName, name));
    }
    for (const value of values) {
      bytes += '<saml:AttributeValue></saml:AttributeValue>'.length + Buffer.byteLength(escapeText(value, name));
    }
  }
  return attributes.length === 0 ? 0 : bytes;
}

/** Bytes that the service provider takes at most. */
export const byteLimit = ({ bytes }: AttributeLimits): number => bytes ?? mostBytes;

/** @throws Refusal attributes-too-large, attributes-not-ascii, attribute-character-forbidden */
export function verifyLimits(attributes: readonly Attribute[], serviceProvider: RegisteredServiceProvider): void {
  const { entityID, attributeLimits } = serviceProvider;
  if (attributeLimits.ascii === true) {
    const found = attributes.find(({ name, values }) => ![name, ...values].every((text) => ascii.test(text)));
    if (found !== undefined) throw new Refusal('attributes-not-ascii', { serviceProvider: entityID, attribute: found.name });
  }
  const values = attributes.reduce((sum, attribute) => sum + attribute.values.length, 0);
  if (values > mostValues) throw new Refusal('attributes-too-large', { serviceProvider: entityID, values, limit: mostValues });
  const bytes = attributeBytes(attributes);
  const limit = byteLimit(attributeLimits);
  if (bytes > limit) throw new Refusal('attributes-too-large', { serviceProvider: entityID, bytes, limit });
}

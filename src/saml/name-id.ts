/** A NameID (saml-core §2.2.3): who is meant, in whose words. */
import { escapeAttribute, escapeText } from './escape.ts';

export interface NameID {
  readonly value: string;
  /** A URN; undefined where none is written, which means unspecified. */
  readonly format: string | undefined;
  readonly nameQualifier?: string | undefined;
  readonly spNameQualifier?: string | undefined;
}

/**
 * The element in exclusive canonical form, for the inside of an element that declares the prefix `saml`.
 * @throws Refusal attribute-character-forbidden
 */
export function writeNameID({ value, format, nameQualifier, spNameQualifier }: NameID): string {
  const attributes = [
    ['Format', format],
    ['NameQualifier', nameQualifier],
    ['SPNameQualifier', spNameQualifier],
  ] as const;
  const written = attributes.map(([name, text]) => (text === undefined ? '' : ` ${name}="${escapeAttribute(text, 'NameID')}"`));
  return `<saml:NameID${written.join('')}>${escapeText(value, 'NameID')}</saml:NameID>`;
}

/** Escapes text so that it stands in a document exactly as exclusive canonicalization would write it (xml-c14n §2.3). */
import { Refusal } from '../refusal.ts';

// XML 1.0 §2.2: what is not a Char. Lone surrogates are found by isWellFormed.
const forbidden = /[^\P{Cc}\t\n\r\u007F-\u009F]|[\uFFFE\uFFFF]/u;
const special = /[&<>\r]/;
const specialInAttribute = /[&<"\t\n\r]/;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
const entity = (character: string): string => entities[character] ?? character;

function verifyCharacters(text: string, where: string): void {
  const found = forbidden.exec(text);
  if (found !== null) {
    const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    throw new Refusal('attribute-character-forbidden', { where, character: `U+${code}` });
  }
  if (!text.isWellFormed()) {
    throw new Refusal('attribute-character-forbidden', { where, character: 'lone surrogate' });
  }
}

/**
 * Text as the content of an element. `where` names it for the refusal.
 * @throws Refusal attribute-character-forbidden
 */
export function escapeText(text: string, where: string): string {
  verifyCharacters(text, where);
  return special.test(text) ? text.replace(/[&<>\r]/g, entity) : text;
}

/**
 * Text as the value of an attribute, between double quotes. `where` names it for the refusal.
 * @throws Refusal attribute-character-forbidden
 */
export function escapeAttribute(text: string, where: string): string {
  verifyCharacters(text, where);
  return specialInAttribute.test(text) ? text.replace(/[&<"\t\n\r]/g, entity) : text;
}

/**
 * A finished document, with the two characters that some parsers take for line ends (U+0085, U+2028) as references: what is
 * signed stays the same, since canonicalization resolves them.
 */
export function protectLineEnds(document: string): string {
  return /[\u0085\u2028]/.test(document) ? document.replace(/\u0085/g, '&#x85;').replace(/\u2028/g, '&#x2028;') : document;
}

/** Takes `protectLineEnds` back. */
export function resolveLineEnds(document: string): string {
  return document.replaceAll('&#x85;', '\u0085').replaceAll('&#x2028;', '\u2028');
}

/** Holds a NameID to the rules of its format (saml-core §8.3). */
import assert from 'node:assert/strict';
import { attribute, isXmlId, maybe } from './dom.ts';

export interface GivenNameID {
  readonly value: string;
  readonly format: string | undefined;
  readonly nameQualifier: string | undefined;
  readonly spNameQualifier: string | undefined;
}

export const formats = {
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
  emailAddress: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
} as const;

const rules: Readonly<Record<string, (nameID: GivenNameID, provider: string) => void>> = {
  [formats.emailAddress]: ({ value }) => assert.match(value, /^[^@\s()<>]+@[^@\s()<>]+$/),
  [formats.transient]: ({ value }) => {
    assert.ok(isXmlId(value) && value.length <= 256, `saml-core §8.3.8: ${value} is no identifier`);
    // saml-core §1.3.4: two of them agree by chance once in 2^128 at most.
    assert.ok(value.length >= 23, 'too short to be random');
  },
  [formats.persistent]: ({ value, nameQualifier }, provider) => {
    assert.ok(value.length >= 16 && value.length <= 256, 'saml-core §8.3.7: length');
    assert.ok(value === value.toLowerCase() || value === value.toUpperCase(), 'letters of either case');
    assert.ok([undefined, provider].includes(nameQualifier), 'saml-core §8.3.7: NameQualifier');
  },
};

export function judgeNameIDElement(element: Element, provider: string): GivenNameID {
  const given = {
    value: element.textContent,
    format: attribute(element, 'Format'),
    nameQualifier: attribute(element, 'NameQualifier'),
    spNameQualifier: attribute(element, 'SPNameQualifier'),
  };
  assert.notEqual(given.value, '');
  rules[given.format ?? '']?.(given, provider);
  return given;
}

/** The NameID of an assertion’s subject; undefined where it has none. */
export function judgeNameID(assertion: Element, provider: string): GivenNameID | undefined {
  const element = maybe('saml:Subject/saml:NameID', assertion);
  return element && judgeNameIDElement(element, provider);
}

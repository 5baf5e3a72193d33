/** XML as the judge reads it: a parser and paths that are not the house’s own. */
import assert from 'node:assert/strict';
import { DOMParser } from '@xmldom/xmldom';
import xpath from 'xpath';

const uris = {
  samlp: 'urn:oasis:names:tc:SAML:2.0:protocol',
  saml: 'urn:oasis:names:tc:SAML:2.0:assertion',
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  xenc: 'http://www.w3.org/2001/04/xmlenc#',
  xenc11: 'http://www.w3.org/2009/xmlenc11#',
  alg: 'urn:oasis:names:tc:SAML:metadata:algsupport',
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  ecp: 'urn:oasis:names:tc:SAML:2.0:profiles:SSO:ecp',
  paos: 'urn:liberty:paos:2003-08',
  cb: 'urn:oasis:names:tc:SAML:protocol:ext:channel-binding',
  samlec: 'urn:ietf:params:xml:ns:samlec',
  aslo: 'urn:oasis:names:tc:SAML:2.0:protocol:ext:async-slo',
} as const;

const select = xpath.useNamespaces(uris);

/** Parses what must be well formed, without a DTD. */
export function parse(xml: string): Element {
  assert.doesNotMatch(xml, /<!DOCTYPE/i, 'a DTD was sent');
  const complain = (message: unknown): never => assert.fail(`not well formed: ${String(message)}\n${xml.slice(0, 500)}`);
  const document = new DOMParser({ errorHandler: { warning: complain, error: complain, fatalError: complain } });
  const { documentElement } = document.parseFromString(xml, 'text/xml');
  return documentElement;
}

/** Elements on a path, by the prefixes above. */
export const all = (path: string, from: Node): readonly Element[] => select(path, from) as Element[];

/** The only element on a path. */
export function one(path: string, from: Node): Element {
  const found = all(path, from);
  assert.equal(found.length, 1, `${String(found.length)} elements at ${path}`);
  return found[0]!;
}

/** The only element on a path, or none. */
export function maybe(path: string, from: Node): Element | undefined {
  const found = all(path, from);
  assert.ok(found.length < 2, `${String(found.length)} elements at ${path}`);
  return found[0];
}

/** An attribute, undefined where it is not there. */
export const attribute = (element: Element, name: string): string | undefined =>
  element.hasAttribute(name) ? (element.getAttribute(name) ?? '') : undefined;

/** An instant in UTC, in milliseconds; undefined where the attribute is not there. */
export function instant(element: Element, name: string): number | undefined {
  const value = attribute(element, name);
  if (value === undefined) return undefined;
  // saml-core §1.3.3
  assert.match(value, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, name);
  return Date.parse(value);
}

/** saml-core §1.3.4 and the type xs:ID: a name without a colon. */
export const isXmlId = (value: string): boolean => /^[\p{L}_][\p{L}\p{M}\p{N}_.\-·]*$/u.test(value);

/** A strict, bounded, namespace-aware XML reader that refuses everything a SAML message never needs. */
import { Refusal } from '../refusal.ts';
import type { Reason } from '../refusal.ts';
import { namespaces } from './names.ts';
import { isBlank, ncName, notChar } from './xml-characters.ts';

/** An element as it was read. Comments and processing instructions, where they are let through, leave no trace in it. */
export interface XmlElement {
  /** Namespace name; empty where there is none. */
  readonly namespace: string;
  readonly localName: string;
  /** Values by local name or, for attributes in a namespace, by `{namespace}localName`. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Namespace names by prefix, as declared on this very element; the default namespace has the empty prefix. */
  readonly declarations: ReadonlyMap<string, string>;
  /** Child elements, in document order. */
  readonly children: readonly XmlElement[];
  /** Its own character data, that of its children left out. */
  readonly text: string;
  /** Line of its start tag, from 1. */
  readonly line: number;
  /** Where it begins and ends in the text that was read. */
  readonly start: number;
  readonly end: number;
}

export interface XmlLimits {
  /** UTF-16 code units of the whole text. */
  readonly size: number;
  /** Elements within each other. */
  readonly depth: number;
  /** Elements and attributes altogether. */
  readonly nodes: number;
  /** Attributes of one element. */
  readonly attributes: number;
}

const messageLimits: XmlLimits = { size: 262_144, depth: 64, nodes: 4000, attributes: 64 };

interface XmlOptions {
  readonly limits?: XmlLimits;
  /** Lets comments, processing instructions and odd namespace names through, as people write them into metadata. */
  readonly lenient?: boolean;
}

const space = '[ \\t\\r\\n]';
const quoted = (value: string): string => `${space}*=${space}*(?:"${value}"|'${value}')`;
const declaration = new RegExp(
  `^<\\?xml${space}+version${quoted('1\\.0')}(?:${space}+encoding${quoted('[Uu][Tt][Ff]-8')})?` +
    `(?:${space}+standalone${quoted('(?:yes|no)')})?${space}*\\?>`,
);
// RFC 3986 §3: an absolute URI. Namespaces in XML asks for no less, though few parsers look.
const absoluteUri =
  /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+(?:#[A-Za-z0-9._~:/?@!$&'()*+,;=-]*)?$/;
const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

interface OpenElement {
  readonly name: string;
  readonly element: { -readonly [Key in keyof XmlElement]: XmlElement[Key] } & { readonly children: XmlElement[] };
  /** What the prefixes declared here meant outside. */
  readonly shadowed: readonly (readonly [string, string | undefined])[];
}

interface RawAttribute {
  readonly name: string;
  readonly value: string;
}

class Reader {
  readonly #text: string;
  readonly #limits: XmlLimits;
  readonly #lenient: boolean;
  readonly #qName = new RegExp(`${ncName}(?::${ncName})?`, 'uy');
  readonly #open: OpenElement[] = [];
  readonly #prefixes = new Map<string, string>([['xml', namespaces.xml]]);
  #at = 0;
  #nodes = 0;
  #line = 1;
  #newline: number;

  constructor(text: string, limits: XmlLimits, lenient: boolean) {
    this.#text = text;
    this.#limits = limits;
    this.#lenient = lenient;
    this.#newline = text.indexOf('\n');
  }

  read(): XmlElement {
    const text = this.#text;
    if (text.length > this.#limits.size) throw new Refusal('request-too-large', { limit: this.#limits.size });
    const wrong = text.search(notChar);
    if (wrong >= 0) this.#refuse('request-not-xml', 'a character that XML does not allow', wrong);
    this.#at = declaration.exec(text)?.[0].length ?? 0;
    if (this.#at === 0 && /^<\?xml[ \t\r\n]/.test(text))
      this.#refuse('request-not-xml', 'an XML declaration other than 1.0 in UTF-8');
    let root: XmlElement | undefined;
    for (;;) {
      const markup = text.indexOf('<', this.#at);
      const end = markup < 0 ? text.length : markup;
      if (end > this.#at) this.#readCharacters(end);
      if (markup < 0) break;
      this.#at = markup;
      const next = text[markup + 1];
      if (next === '/') this.#readEndTag();
      else if (next === '!' || next === '?') this.#skipMarkup();
      else {
        if (root !== undefined && this.#open.length === 0) this.#refuse('request-not-xml', 'a second root element');
        const element = this.#readStartTag();
        root ??= element;
      }
    }
    if (root === undefined) this.#refuse('request-not-xml', 'no root element');
    if (this.#open.length > 0) this.#refuse('request-not-xml', 'an element is not closed', text.length);
    return root;
  }

  #refuse(reason: Reason, why: string, at = this.#at): never {
    throw new Refusal(reason, { line: this.#lineAt(at), why });
  }

  #lineAt(offset: number): number {
    while (this.#newline >= 0 && this.#newline < offset) {
      this.#line += 1;
      this.#newline = this.#text.indexOf('\n', this.#newline + 1);
    }
    return this.#line;
  }

  #count(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodes) this.#refuse('request-too-complex', 'too many elements and attributes');
  }

  #skipBlank(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #readName(): string {
    this.#qName.lastIndex = this.#at;
    const name = this.#qName.exec(this.#text)?.[0];
    if (name === undefined) this.#refuse('request-not-xml', 'a name is missing or malformed');
    this.#at += name.length;
    return name;
  }

  #readCharacters(end: number): void {
    const raw = this.#text.slice(this.#at, end);
    const parent = this.#open.at(-1)?.element;
    if (parent !== undefined) {
      if (raw.includes(']]>')) this.#refuse('request-not-xml', ']]> in character data');
      parent.text += this.#resolve(raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw);
    } else if (!isBlank(raw)) this.#refuse('request-not-xml', 'text outside the root element');
    this.#at = end;
  }

  /** Replaces references; line ends and white space have been normalised, so that what references yield stays as it is. */
  #resolve(raw: string): string {
    let ampersand = raw.indexOf('&');
    if (ampersand < 0) return raw;
    let resolved = '';
    let from = 0;
    for (; ampersand >= 0; ampersand = raw.indexOf('&', from)) {
      const semicolon = raw.indexOf(';', ampersand);
      const reference = raw.slice(ampersand + 1, semicolon < 0 ? ampersand : Math.min(semicolon, ampersand + 16));
      resolved += raw.slice(from, ampersand) + this.#referenced(reference);
      from = semicolon + 1;
    }
    return resolved + raw.slice(from);
  }

  #referenced(reference: string): string {
    const named = Object.hasOwn(predefined, reference) ? predefined[reference] : undefined;
    if (named !== undefined) return named;
    const numeric = /^#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}))$/.exec(reference);
    const code =
      numeric === null ? Number.NaN : Number.parseInt(numeric[1] ?? numeric[2] ?? '', numeric[1] === undefined ? 10 : 16);
    if (!(code <= 0x10ffff)) this.#refuse('request-not-xml', 'a malformed reference or an entity that is not predefined');
    const character = String.fromCodePoint(code);
    if (notChar.test(character)) this.#refuse('request-not-xml', 'a reference to a character that XML does not allow');
    return character;
  }

  #skipMarkup(): void {
    const text = this.#text;
    const comment = text.startsWith('<!--', this.#at);
    if (!this.#lenient || (text[this.#at + 1] === '!' && !comment)) {
      this.#refuse('request-forbidden-markup', 'a DOCTYPE, processing instruction, comment or CDATA section');
    }
    this.#count();
    if (comment) {
      const dashes = text.indexOf('--', this.#at + 4);
      if (dashes < 0 || text[dashes + 2] !== '>') this.#refuse('request-not-xml', 'a malformed comment');
      this.#at = dashes + 3;
      return;
    }
    const start = this.#at;
    this.#at += 2;
    const target = this.#readName();
    const end = text.indexOf('?>', this.#at);
    this.#skipBlank();
    const apart = this.#at > start + 2 + target.length || this.#at === end;
    if (end < 0 || !apart || target.includes(':') || target.toLowerCase() === 'xml') {
      this.#refuse('request-not-xml', 'a malformed processing instruction', start);
    }
    this.#at = end + 2;
  }

  #readEndTag(): void {
    const closed = this.#open.pop();
    if (closed === undefined || !this.#text.startsWith(closed.name, this.#at + 2)) {
      this.#refuse('request-not-xml', 'an end tag that matches no start tag');
    }
    this.#at += 2 + closed.name.length;
    this.#skipBlank();
    if (this.#text[this.#at] !== '>') this.#refuse('request-not-xml', 'a malformed end tag');
    this.#at += 1;
    this.#close(closed);
  }

  #close({ element, shadowed }: OpenElement): void {
    element.end = this.#at;
    for (const [prefix, outside] of shadowed) {
      if (outside === undefined) this.#prefixes.delete(prefix);
      else this.#prefixes.set(prefix, outside);
    }
  }

  #readStartTag(): XmlElement {
    const start = this.#at;
    const line = this.#lineAt(start);
    if (this.#open.length >= this.#limits.depth) this.#refuse('request-too-complex', 'too many elements within each other');
    this.#count();
    this.#at += 1;
    const name = this.#readName();
    const raw = this.#readAttributes();
    const empty = this.#text[this.#at] === '/';
    this.#at += empty ? 2 : 1;

    const declarations = new Map<string, string>();
    for (const { name: attribute, value } of raw)
      if (attribute === 'xmlns' || attribute.startsWith('xmlns:')) this.#declare(attribute, value, declarations);
    const shadowed = [...declarations.keys()].map((prefix) => [prefix, this.#prefixes.get(prefix)] as const);
    for (const [prefix, namespace] of declarations) this.#prefixes.set(prefix, namespace);

    const attributes = new Map<string, string>();
    for (const { name: attribute, value } of raw) {
      if (attribute === 'xmlns' || attribute.startsWith('xmlns:')) continue;
      const [namespace, localName] = this.#expand(attribute, '');
      const key = namespace === '' ? localName : `{${namespace}}${localName}`;
      if (attributes.has(key)) this.#refuse('request-not-xml', `the attribute ${localName.slice(0, 64)} twice`, start);
      attributes.set(key, value);
    }
    const [namespace, localName] = this.#expand(name, this.#prefixes.get('') ?? '');
    const element = { namespace, localName, attributes, declarations, children: [], text: '', line, start, end: this.#at };
    this.#open.at(-1)?.element.children.push(element);
    if (empty) this.#close({ name, element, shadowed });
    else this.#open.push({ name, element, shadowed });
    return element;
  }

  /** Up to the `>` or `/>` of the start tag. */
  #readAttributes(): RawAttribute[] {
    const text = this.#text;
    const raw: RawAttribute[] = [];
    for (;;) {
      const before = this.#at;
      this.#skipBlank();
      if (text[this.#at] === '>' || text.startsWith('/>', this.#at)) return raw;
      if (this.#at === before) this.#refuse('request-not-xml', 'a malformed start tag');
      if (raw.length >= this.#limits.attributes) this.#refuse('request-too-complex', 'too many attributes of one element');
      this.#count();
      const name = this.#readName();
      this.#skipBlank();
      if (text[this.#at] !== '=') this.#refuse('request-not-xml', 'an attribute without a value');
      this.#at += 1;
      this.#skipBlank();
      const quote = text[this.#at];
      const end = quote === '"' || quote === "'" ? text.indexOf(quote, this.#at + 1) : -1;
      if (end < 0) this.#refuse('request-not-xml', 'an attribute value without its quotes');
      const value = text.slice(this.#at + 1, end);
      if (value.includes('<')) this.#refuse('request-not-xml', '< in an attribute value');
      raw.push({ name, value: this.#resolve(value.replace(/\r\n|[\t\n\r]/g, ' ')) });
      this.#at = end + 1;
    }
  }

  /** Namespaces in XML §3 and §5. */
  #declare(attribute: string, namespace: string, declarations: Map<string, string>): void {
    const prefix = attribute.slice(6);
    if (declarations.has(prefix)) this.#refuse('request-not-xml', 'a prefix declared twice');
    const reserved = namespace === namespaces.xmlns || (namespace === namespaces.xml) !== (prefix === 'xml');
    if (reserved || prefix === 'xmlns' || (prefix !== '' && namespace === '')) {
      this.#refuse('request-not-xml', 'a forbidden namespace declaration');
    }
    if (!this.#lenient && namespace !== '' && !absoluteUri.test(namespace)) {
      this.#refuse('request-not-xml', 'a namespace name that is no absolute URI');
    }
    declarations.set(prefix, namespace);
  }

  #expand(name: string, unprefixed: string): readonly [namespace: string, localName: string] {
    const colon = name.indexOf(':');
    if (colon < 0) return [unprefixed, name];
    const namespace = this.#prefixes.get(name.slice(0, colon));
    if (namespace === undefined) this.#refuse('request-not-xml', 'a prefix that is not declared');
    return [namespace, name.slice(colon + 1)];
  }
}

/**
 * Reads a document, in linear time and without recursion. Throws the Refusals request-not-xml, request-forbidden-markup,
 * request-too-complex and request-too-large, with the line.
 */
export const parseXml = (text: string, { limits = messageLimits, lenient = false }: XmlOptions = {}): XmlElement =>
  new Reader(text, limits, lenient).read();

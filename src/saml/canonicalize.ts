/**
 * Exclusive canonical form (xml-exc-c14n §3, without comments) of documents of any length: taken in pieces, given out in pieces.
 * What it takes must be well-formed where it matters; whoever uses the text parses it strictly besides.
 */
import { escapeAttribute, escapeText } from './escape.ts';
import { namespaces } from './names.ts';

/** Text of which no canonical form can be told. */
export class NotCanonicalizable extends Error {
  override readonly name = 'NotCanonicalizable';
}

interface Frame {
  readonly name: string;
  /** Namespace names by prefix, as declared for this element and those around it. */
  readonly declared: ReadonlyMap<string, string>;
  /** The same as the canonical form has told them so far. */
  readonly told: ReadonlyMap<string, string>;
}

interface Attribute {
  readonly name: string;
  readonly prefix: string;
  readonly value: string;
}

const outermost: Frame = { name: '', declared: new Map([['xml', namespaces.xml]]), told: new Map() };
const nameAtStart = /^[^\s/]+/;
const attributePattern = /\s+([^\s=]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const predefined: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', apos: "'", quot: '"' };

const refuse = (why: string): never => {
  throw new NotCanonicalizable(why);
};

const referenced = (hex: string | undefined, decimal: string | undefined, name: string): string => {
  if (name !== '') return predefined[name] ?? refuse('an entity that is not predefined');
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : refuse('a malformed reference');
};
const resolve = (raw: string): string =>
  raw.includes('&')
    ? raw.replace(
        /&(?:#x([0-9A-Fa-f]{1,8})|#([0-9]{1,10})|([a-z]{2,4}));|&/g,
        (_, hex?: string, decimal?: string, name?: string) => referenced(hex, decimal, name ?? ''),
      )
    : raw;
const withNewlines = (raw: string): string => (raw.includes('\r') ? raw.replace(/\r\n?/g, '\n') : raw);
const canonicalText = (raw: string): string => (/[&>\r]/.test(raw) ? escapeText(resolve(withNewlines(raw)), 'metadata') : raw);
const attributeValue = (raw: string): string => resolve(raw.replace(/\r\n|[\t\n\r]/g, ' '));
const attribute = (name: string, value: string): string => ` ${name}="${escapeAttribute(value, 'metadata')}"`;

const prefixOf = (name: string): string => name.slice(0, Math.max(0, name.indexOf(':')));
const localNameOf = (name: string): string => name.slice(name.indexOf(':') + 1);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export class Canonicalizer {
  readonly #write: (text: string) => void;
  /** Those that are told wherever they are declared: InclusiveNamespaces, with '' for the default namespace. */
  readonly #inclusive: readonly string[];
  readonly #open: Frame[] = [];
  #frame = outermost;
  #hasBegun = false;
  #parts: string[] = [];

  constructor(write: (text: string) => void, prefixes: readonly string[] = []) {
    this.#write = write;
    this.#inclusive = prefixes.map((prefix) => (prefix === '#default' ? '' : prefix));
  }

  /** A start tag around what is to be canonicalised, which is not part of it. @throws NotCanonicalizable */
  enter(startTag: string): void {
    const { name, declared } = this.#readTag(startTag.slice(1, -1));
    this.#frame = { name, declared, told: this.#frame.told };
  }

  /**
   * Whole tags and what stands between them; text may be cut anywhere but within a reference or a line end.
   * @throws NotCanonicalizable, and the Refusal attribute-character-forbidden
   */
  feed(text: string): void {
    let at = 0;
    for (let markup = text.indexOf('<'); markup >= 0; markup = text.indexOf('<', at)) {
      this.#addText(text.slice(at, markup));
      at = this.#readMarkup(text, markup);
    }
    this.#addText(text.slice(at));
    this.#write(this.#parts.join(''));
    this.#parts = [];
  }

  /** xml-c14n §2.3: no text outside the document element. */
  #addText(raw: string): void {
    if (raw !== '' && this.#open.length > 0) this.#parts.push(canonicalText(raw));
  }

  /** @returns the offset after it */
  #readMarkup(text: string, start: number): number {
    const upTo = (end: string, from: number): number => {
      const found = text.indexOf(end, from);
      return found < 0 ? refuse('markup that does not end') : found;
    };
    if (text.startsWith('<!--', start)) return upTo('-->', start + 4) + 3;
    if (text.startsWith('<![CDATA[', start)) {
      const end = upTo(']]>', start + 9);
      this.#parts.push(escapeText(withNewlines(text.slice(start + 9, end)), 'metadata'));
      return end + 3;
    }
    if (text[start + 1] === '?') {
      const end = upTo('?>', start + 2);
      this.#addInstruction(text.slice(start + 2, end));
      return end + 2;
    }
    if (text[start + 1] === '!') return refuse('a declaration');
    let end = start + 1;
    for (; text[end] !== '>'; end += 1) {
      const character = text[end];
      if (character === '"' || character === "'") end = upTo(character, end + 1);
      else if (character === undefined) return refuse('markup that does not end');
    }
    if (text[start + 1] === '/') this.#close(text.slice(start + 2, end).trimEnd());
    else this.#startElement(text.slice(start + 1, end));
    return end + 1;
  }

  #addInstruction(content: string): void {
    const [, target = '', data = ''] = /^(\S+)\s*([^]*)$/.exec(content) ?? [];
    if (target.toLowerCase() === 'xml') return;
    const instruction = `<?${target}${data === '' ? '' : ` ${withNewlines(data)}`}?>`;
    // xml-c14n §2.3: outside the document element each stands on a line of its own.
    if (this.#open.length > 0) this.#parts.push(instruction);
    else this.#parts.push(this.#hasBegun ? `\n${instruction}` : `${instruction}\n`);
  }

  /** What stands between the angle brackets of a start tag. */
  #readTag(content: string): Pick<Frame, 'name' | 'declared'> & { attributes: Attribute[]; isEmpty: boolean } {
    const name = nameAtStart.exec(content)?.[0] ?? refuse('a tag without a name');
    const attributes: Attribute[] = [];
    let declared: Map<string, string> | undefined;
    let at = name.length;
    for (;;) {
      attributePattern.lastIndex = at;
      const match = attributePattern.exec(content);
      if (match === null) break;
      at = attributePattern.lastIndex;
      const value = attributeValue(match[2] ?? match[3] ?? '');
      const [, attributeName = ''] = match;
      if (attributeName === 'xmlns' || attributeName.startsWith('xmlns:')) {
        declared ??= new Map(this.#frame.declared);
        declared.set(attributeName.slice(6), value);
      } else attributes.push({ name: attributeName, prefix: prefixOf(attributeName), value });
    }
    const rest = content.slice(at).trimStart();
    if (rest !== '' && rest !== '/') refuse('a malformed start tag');
    return { name, attributes, declared: declared ?? this.#frame.declared, isEmpty: rest === '/' };
  }

  #startElement(content: string): void {
    const { name, attributes, declared, isEmpty } = this.#readTag(content);
    const namespaceOf = (prefix: string): string =>
      declared.get(prefix) ?? (prefix === '' ? '' : refuse('a prefix that is not declared'));
    const used = new Set([prefixOf(name), ...this.#inclusive.filter((prefix) => declared.has(prefix))]);
    for (const { prefix } of attributes) if (prefix !== '') used.add(prefix);
    used.delete('xml');

    let { told } = this.#frame;
    const news = [...used].filter((prefix) => (told.get(prefix) ?? '') !== namespaceOf(prefix)).sort(compare);
    this.#parts.push('<', name);
    if (news.length > 0) {
      told = new Map([...told, ...news.map((prefix) => [prefix, namespaceOf(prefix)] as const)]);
      for (const prefix of news) this.#parts.push(attribute(prefix === '' ? 'xmlns' : `xmlns:${prefix}`, namespaceOf(prefix)));
    }
    if (attributes.length > 1) {
      const namespace = ({ prefix }: Attribute): string => (prefix === '' ? '' : namespaceOf(prefix));
      attributes.sort((a, b) => compare(namespace(a), namespace(b)) || compare(localNameOf(a.name), localNameOf(b.name)));
    }
    for (const { name: attributeName, value } of attributes) this.#parts.push(attribute(attributeName, value));
    this.#parts.push('>');
    this.#hasBegun = true;
    if (isEmpty) {
      this.#parts.push('</', name, '>');
      return;
    }
    this.#open.push(this.#frame);
    this.#frame = { name, declared, told };
  }

  #close(name: string): void {
    const outside = this.#open.pop();
    if (outside === undefined || this.#frame.name !== name) return refuse('an end tag that matches no start tag');
    this.#frame = outside;
    this.#parts.push('</', name, '>');
  }
}

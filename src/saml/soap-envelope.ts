/** SOAP 1.1 envelopes as the SOAP and PAOS bindings use them (saml-bindings §3.2): one message in the body, blocks in the header. */
import { isUtf8 } from 'node:buffer';
import { Refusal } from '../refusal.ts';
import { escapeAttribute, escapeText } from './escape.ts';
import { namespaces } from './names.ts';
import { isBlank } from './xml-characters.ts';
import { parseXml, type XmlElement } from './xml.ts';

const { soap } = namespaces;
/** Whoever receives the message first, which is us (SOAP 1.1 §4.2.2). */
export const actorNext = 'http://schemas.xmlsoap.org/soap/actor/next';
const mostHeaderBlocks = 32;
/** The message is bounded as by the other bindings; the envelope takes little. */
const mostBytes = 147_456;

/** An envelope as it came; nothing of it is trusted. */
export interface SoapEnvelope {
  /** The header blocks that are for us. */
  readonly header: readonly XmlElement[];
  /** The message in the body, as a document of its own that means the same and has the same exclusive canonical form. */
  readonly message: string;
}

const malformed = (element: XmlElement, why: string): never => {
  throw new Refusal('soap-malformed', { line: element.line, element: element.localName.slice(0, 64), why });
};

const is = (element: XmlElement | undefined, localName: string): boolean =>
  element?.localName === localName && element.namespace === soap;

const requireElementsOnly = (element: XmlElement): void => {
  if (!isBlank(element.text)) malformed(element, 'text between the elements');
};

const readMustUnderstand = (block: XmlElement): boolean => {
  const value = block.attributes.get(`{${soap}}mustUnderstand`);
  if (value === undefined || value === '0') return false;
  // SOAP 1.1 §4.2.3: 1 or 0, and no other spelling.
  return value === '1' || malformed(block, 'mustUnderstand is neither 1 nor 0');
};

const readHeader = (header: XmlElement | undefined, understood: ReadonlySet<string>): readonly XmlElement[] => {
  if (header === undefined) return [];
  requireElementsOnly(header);
  if (header.children.length > mostHeaderBlocks) malformed(header, 'too many header blocks');
  return header.children.filter((block) => {
    const actor = block.attributes.get(`{${soap}}actor`);
    if (actor !== undefined && actor !== '' && actor !== actorNext) return false;
    if (readMustUnderstand(block) && !understood.has(`${block.namespace} ${block.localName}`)) {
      throw new Refusal('soap-header-not-understood', {
        line: block.line,
        header: `{${block.namespace.slice(0, 128)}}${block.localName.slice(0, 64)}`,
      });
    }
    return true;
  });
};

/** Namespaces that the ancestors declare are declared on the element itself: exclusive canonicalization sees no difference. */
const cutOut = (xml: string, element: XmlElement, ancestors: readonly XmlElement[]): string => {
  const inScope = new Map(ancestors.flatMap(({ declarations }) => [...declarations]));
  const inherited = [...inScope]
    .filter(([prefix, namespace]) => !element.declarations.has(prefix) && namespace !== '' && prefix !== 'xml')
    .map(([prefix, namespace]) => ` xmlns${prefix === '' ? '' : ':'}${prefix}="${escapeAttribute(namespace, 'xmlns')}"`);
  const text = xml.slice(element.start, element.end);
  const name = /^<[^\s/>]+/.exec(text)?.[0] ?? '';
  return name + inherited.join('') + text.slice(name.length);
};

const decode = (bytes: Buffer): string => {
  if (bytes.length > mostBytes) throw new Refusal('request-too-large', { limit: mostBytes });
  if (!isUtf8(bytes)) throw new Refusal('request-not-xml', { why: 'not UTF-8' });
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
};

/**
 * Reads an envelope strictly. `understood` names the header blocks that we know, as `namespace localName`.
 * @throws Refusal soap-malformed, soap-version-mismatch, soap-header-not-understood and those of parsing
 */
export const readSoapEnvelope = (bytes: Buffer, understood: ReadonlySet<string> = new Set()): SoapEnvelope => {
  const xml = decode(bytes);
  const envelope = parseXml(xml);
  if (envelope.localName === 'Envelope' && envelope.namespace !== soap) {
    throw new Refusal('soap-version-mismatch', { namespace: envelope.namespace.slice(0, 256) });
  }
  if (!is(envelope, 'Envelope')) malformed(envelope, 'no SOAP envelope');
  requireElementsOnly(envelope);
  const header = is(envelope.children[0], 'Header') ? envelope.children[0] : undefined;
  const [body, ...others] = envelope.children.slice(header === undefined ? 0 : 1);
  if (body === undefined || !is(body, 'Body') || others.length > 0) {
    return malformed(envelope, 'its content is not an optional Header and one Body');
  }
  requireElementsOnly(body);
  const [message, second] = body.children;
  // saml-bindings §3.2.2.1: one SAML message and nothing else.
  if (message === undefined || second !== undefined) return malformed(body, 'not exactly one message');
  return { header: readHeader(header, understood), message: cutOut(xml, message, [envelope, body]) };
};

/** `header` and `body` are XML, each block with its own namespaces. */
export const writeSoapEnvelope = (body: string, header = ''): string =>
  `<soap:Envelope xmlns:soap="${soap}">${header === '' ? '' : `<soap:Header>${header}</soap:Header>`}` +
  `<soap:Body>${body}</soap:Body></soap:Envelope>`;

/** SOAP 1.1 §4.4.1 */
export type FaultCode = 'VersionMismatch' | 'MustUnderstand' | 'Client' | 'Server';

/** An envelope with a fault; `text` is for whoever looks into it. */
export const writeSoapFault = (code: FaultCode, text: string): string =>
  writeSoapEnvelope(
    `<soap:Fault><faultcode>soap:${code}</faultcode><faultstring>${escapeText(text, 'faultstring')}</faultstring></soap:Fault>`,
  );

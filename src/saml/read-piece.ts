/** Reads a piece of a metadata document as if the rest of the document stood around it. */
import { Refusal } from '../refusal.ts';
import { escapeAttribute } from './escape.ts';
import { MetadataMistake } from './metadata-mistake.ts';
import type { Span } from './scan-metadata.ts';
import { parseXml, type XmlElement } from './xml.ts';

const limits = { size: 2_097_152, depth: 64, nodes: 50_000, attributes: 64 };

/** The text of a document or an element. @throws MetadataMistake where it is no usable XML */
export const parseMetadata = (xml: string): XmlElement => {
  try {
    return parseXml(xml, { limits, lenient: true });
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const { line, why } = cause.detail;
    const what = typeof why === 'string' ? `this is not usable XML: ${why}.` : 'the metadata is too large.';
    throw new MetadataMistake(what, typeof line === 'number' ? line : undefined);
  }
};

/** @throws MetadataMistake where the bytes are not UTF-8 */
export const textOf = (bytes: Buffer, { start, end, line }: Span): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(start, end));
  } catch {
    throw new MetadataMistake('this is not usable XML: it is not UTF-8.', line);
  }
};

/** The namespace declarations of an element, as its start tag would write them, after those around it. */
export const declarationsOf = (element: XmlElement, around: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...around, ...element.declarations]);

/**
 * The element that the piece is, with the namespaces declared around it; `within` is told of it. Lines of mistakes are those of
 * the document.
 * @throws MetadataMistake
 */
export const readPiece = <Result>(
  text: string,
  line: number,
  declared: ReadonlyMap<string, string>,
  within: (element: XmlElement) => Result,
): Result => {
  try {
    const written = [...declared].map(([prefix, namespace]) => {
      return ` xmlns${prefix === '' ? '' : `:${prefix}`}="${escapeAttribute(namespace, 'metadata')}"`;
    });
    const around = `<around${written.join('')}>`;
    const [element, ...others] = parseMetadata(`${around}${text}</around>`).children;
    const isWhole = element?.start === around.length && element.end === around.length + text.length;
    if (element === undefined || !isWhole || others.length > 0) throw new MetadataMistake('this is not one element.', 1);
    return within(element);
  } catch (cause) {
    throw cause instanceof MetadataMistake ? cause.below(line - 1) : cause;
  }
};

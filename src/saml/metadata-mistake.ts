/** A mistake in metadata, which is told with the element that is at fault and its line. */
import type { XmlElement } from './xml.ts';

/** Metadata that cannot be used, and where: a mistake of whoever wrote it, told in one sentence. */
export class MetadataMistake extends Error {
  /** Its local name; undefined where the text is no XML. */
  readonly element: string | undefined;
  /** From 1. */
  readonly line: number | undefined;
  readonly sentence: string;

  constructor(sentence: string, line?: number, element?: string) {
    super(line === undefined ? sentence : `Line ${line}: ${sentence}`);
    this.name = 'MetadataMistake';
    this.sentence = sentence;
    this.element = element;
    this.line = line;
  }

  /** The same mistake in a text that begins so many lines further down. */
  below(lines: number): MetadataMistake {
    return new MetadataMistake(this.sentence, this.line === undefined ? undefined : this.line + lines, this.element);
  }
}

const longestName = 64;

/** @throws MetadataMistake "the element … `what`" */
export const mistaken = (element: XmlElement, what: string): never => {
  const name = element.localName.slice(0, longestName);
  throw new MetadataMistake(`the element ${name} ${what}.`, element.line, name);
};

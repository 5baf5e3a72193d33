/** Finds the groups and entities in the bytes of a metadata document, without reading what they hold. */
import { MetadataMistake } from './metadata-mistake.ts';

/** Bytes from `start` up to `end`; the line of the first, from 1. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

/**
 * The root and every EntitiesDescriptor in it are groups, of which the tags are told; of their other children the whole. Names
 * are as written, without their prefix: what namespace they are in is for the reader to see.
 */
export interface Piece extends Span {
  readonly kind: 'start' | 'child' | 'end';
  readonly localName: string;
  /** Groups around it: 0 for the root's own tags. */
  readonly depth: number;
}

const mostGroups = 16;
const lt = 0x3c;
const gt = 0x3e;
const [newline, slash, question, exclamation, quote, apostrophe] = [0x0a, 0x2f, 0x3f, 0x21, 0x22, 0x27];

const endsName = (code: number | undefined): boolean =>
  code === undefined || code === gt || code === slash || code === 0x20 || code === 0x09 || code === 0x0d || code === newline;

/** @throws MetadataMistake where tags do not match up */
export const scanMetadata = (bytes: Buffer): readonly Piece[] => {
  const pieces: Piece[] = [];
  const groups: string[] = [];
  let child: { readonly start: number; readonly line: number; readonly localName: string } | undefined;
  /** Elements open within the child. */
  let within = 0;
  let line = 1;
  let counted = 0;

  const lineAt = (offset: number): number => {
    for (let at = bytes.indexOf(newline, counted); at >= 0 && at < offset; at = bytes.indexOf(newline, at + 1)) line += 1;
    counted = offset;
    return line;
  };
  const unusable = (why: string, at: number): never => {
    throw new MetadataMistake(`this is not usable XML: ${why}.`, lineAt(Math.max(at, counted)));
  };
  const past = (end: string, from: number, what: string): number => {
    const found = bytes.indexOf(end, from, 'latin1');
    return found < 0 ? unusable(`${what} does not end`, from) : found + end.length;
  };
  const pastTag = (from: number): number => {
    for (let at = from; at < bytes.length; at += 1) {
      const code = bytes[at];
      if (code === gt) return at + 1;
      if (code !== quote && code !== apostrophe) continue;
      at = bytes.indexOf(code, at + 1);
      if (at < 0) break;
    }
    return unusable('a tag does not end', from);
  };
  const localNameAt = (from: number): string => {
    let end = from;
    while (!endsName(bytes[end])) end += 1;
    const name = bytes.toString('utf8', from, Math.min(end, from + 256));
    return name.slice(name.indexOf(':') + 1);
  };
  const add = (kind: Piece['kind'], start: number, end: number, localName: string, depth: number): void => {
    pieces.push({ kind, start, end, line: lineAt(start), localName, depth });
  };

  const openTag = (start: number, end: number): void => {
    const isEmpty = bytes[end - 2] === slash;
    if (child !== undefined) {
      within += isEmpty ? 0 : 1;
      return;
    }
    const localName = localNameAt(start + 1);
    const depth = groups.length;
    if (depth === 0 && pieces.length > 0) unusable('a second root element', start);
    if (depth > 0 && localName !== 'EntitiesDescriptor') {
      if (isEmpty) add('child', start, end, localName, depth);
      else child = { start, line: lineAt(start), localName };
      return;
    }
    if (depth >= mostGroups) unusable('too many groups within each other', start);
    add('start', start, end, localName, depth);
    if (isEmpty) add('end', end, end, localName, depth);
    else groups.push(localName);
  };
  const closeTag = (start: number, end: number): void => {
    if (within > 0) {
      within -= 1;
    } else if (child !== undefined) {
      pieces.push({ kind: 'child', end, depth: groups.length, ...child });
      child = undefined;
    } else {
      const localName = groups.pop() ?? unusable('an end tag that matches no start tag', start);
      add('end', start, end, localName, groups.length);
    }
  };

  for (let at = bytes.indexOf(lt); at >= 0; at = bytes.indexOf(lt, at)) {
    const start = at;
    const next = bytes[at + 1];
    if (next === question) at = past('?>', at + 2, 'a processing instruction');
    else if (next !== exclamation) {
      at = pastTag(at + 1);
      if (next === slash) closeTag(start, at);
      else openTag(start, at);
    } else if (bytes.toString('latin1', at, at + 4) === '<!--') at = past('-->', at + 4, 'a comment');
    else if (bytes.toString('latin1', at, at + 9) === '<![CDATA[') at = past(']]>', at + 9, 'a CDATA section');
    else unusable('a DOCTYPE or another declaration', at);
  }
  if (pieces.length === 0) unusable('no root element', 0);
  if (child !== undefined || groups.length > 0) unusable('an element is not closed', bytes.length);
  return pieces;
};

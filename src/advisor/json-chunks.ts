/** Writes JSON in pieces, so that a long report never stands in one string. */
import { escapeInJson } from '../audit/escape-in-json.ts';

/** Code units that a piece has at least, but for the last. */
const enough = 65_536;
/**
 * What a terminal would obey, or an HTML parser. They stand within strings alone, line feeds apart: those of a string
 * JSON.stringify has escaped already.
 */
const acting = /[^\P{Cc}\n]|[\p{Cf}\p{Zl}\p{Zp}<>&]/gu;

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isFlat = (value: object): boolean =>
  !Object.values(value).some((member) => isNested(member) || typeof member === 'function');

/** Tokens of it; what holds nothing but texts, numbers and truth values is one. */
function* tokensOf(value: unknown): Generator<string> {
  if (!isNested(value) || isFlat(value)) {
    yield JSON.stringify(value);
    return;
  }
  if (Array.isArray(value)) {
    let before = '[\n';
    for (const member of value as readonly unknown[]) {
      yield before;
      yield* tokensOf(member ?? null);
      before = ',\n';
    }
    yield '\n]';
    return;
  }
  let before = '{';
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* tokensOf(member);
    before = ',\n';
  }
  yield '}';
}

/**
 * JSON of plain values, which JSON.parse gives back as they were, a line for each entry of a long list. It writes to no terminal and
 * opens no element where it stands in HTML.
 */
export function* jsonChunks(value: unknown): Generator<string> {
  let piece = '';
  for (const token of tokensOf(value)) {
    piece += token;
    if (piece.length < enough) continue;
    yield piece.replace(acting, escapeInJson);
    piece = '';
  }
  yield `${piece.replace(acting, escapeInJson)}\n`;
}

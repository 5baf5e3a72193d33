/** Reads JSON of strangers: nothing is taken for granted of its shape, and no name in it reaches a prototype. */
import { ImportMistake } from './imported.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a file, in UTF-8 or, as Windows PowerShell writes by default, UTF-16. @throws ImportMistake */
export function decodeText(bytes: Buffer): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new ImportMistake('The file is neither UTF-8 nor UTF-16 text.');
  }
}

const deepest = 100;

/** Of JSON that is in order. */
function nestsTooDeeply(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length && depth <= deepest; at += 1) {
    const mark = text[at];
    if (isInText && mark === '\\') at += 1;
    else if (mark === '"') isInText = !isInText;
    else if (!isInText && (mark === '[' || mark === '{')) depth += 1;
    else if (!isInText && (mark === ']' || mark === '}')) depth -= 1;
  }
  return depth > deepest;
}

/** @throws ImportMistake */
export function parseJson(text: string): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new ImportMistake('The file is no JSON.');
  }
  if (nestsTooDeeply(text)) throw new ImportMistake('The file nests too deeply.');
  return parsed;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The property of that name, which is compared as it is written; undefined where there is none. */
export const at = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The text there, trimmed; undefined where there is none, or an empty one. */
export function textAt(value: unknown, name: string): string | undefined {
  const found = at(value, name);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
}

/** Whether something stands there that is no text, where a text is meant; null and an empty list are nothing. */
export const isOtherThanText = (value: unknown, name: string): boolean =>
  typeof at(value, name) !== 'string' && listAt(value, name).length > 0;

/** A truth value, whether written as one or as the word. */
export function flagAt(value: unknown, name: string): boolean | undefined {
  const found = at(value, name);
  if (typeof found === 'boolean') return found;
  return typeof found === 'string' && /^(true|false)$/i.test(found) ? found.toLowerCase() === 'true' : undefined;
}

/** A list, or the one thing that stands where a list is meant; empty where nothing stands there. */
export function listAt(value: unknown, name: string): readonly unknown[] {
  const found = at(value, name);
  if (found === undefined || found === null) return [];
  // Windows PowerShell writes some arrays as an object of their values and their number.
  const inner = isObject(found) && Object.hasOwn(found, 'Count') ? at(found, 'value') : found;
  return Array.isArray(inner) ? inner : [found];
}

export const textsAt = (value: unknown, name: string): readonly string[] =>
  listAt(value, name).flatMap((each) => (typeof each === 'string' && each.trim() !== '' ? [each.trim()] : []));

/** Text of strangers as it may be shown: it must not write to the terminal. */
import { escapeInJson } from '../audit/escape-in-json.ts';

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** As JSON over several lines, which says the same and is as harmless. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(obeyed, (character) => (character === '\n' ? character : escapeInJson(character)));

export const plain = (text: string): string => text.replace(obeyed, '\uFFFD');

/** The same for text of several lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

/** A line of JSON, which says the same and is as harmless. */
export const plainLine = (json: string): string => json.replace(obeyed, escapeInJson);

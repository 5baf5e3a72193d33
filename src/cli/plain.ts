/** Text of strangers as it may be shown: it must not write to the terminal. */

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

const escaped = (text: string): string =>
  Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** As JSON over several lines, which says the same and is as harmless. */
export const plainJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replace(obeyed, (character) => (character === '\n' ? character : escaped(character)));

export const plain = (text: string): string => text.replace(obeyed, '\uFFFD');

/** The same for text of several lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

/** A line of JSON, which says the same and is as harmless. */
export const plainLine = (json: string): string => json.replace(obeyed, escaped);

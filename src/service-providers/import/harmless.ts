/** Text of an export as it may be shown and written into comments: on one line, of bounded length, obeyed by no terminal. */

const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** @param most characters (UTF-16 code units) */
export function harmless(text: string, most = 400): string {
  const line = text
    .slice(0, 8 * most)
    .replace(/\s+/gu, ' ')
    .replace(obeyed, '\uFFFD')
    .trim();
  return line.length > most ? `${line.slice(0, most).toWellFormed()}…` : line;
}

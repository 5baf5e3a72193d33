/** Text as PowerShell takes it: nothing of it is ever a command, and a line stays one line. */

/** PowerShell takes four typographic quotes for the ASCII one. */
const quotes = /['\u2018\u2019\u201A\u201B]/gu;
/**
 * What ends a line, acts on a terminal, turns the reading direction, cannot be written in UTF-8, or parts cells in the spreadsheets
 * of some countries, whose guard (src/audit/csv-row.ts) would put a quote behind it.
 */
const unwritable = /([\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp};])/u;

const quoted = (text: string): string => `'${text.replace(quotes, '$&$&')}'`;

function codeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `[char]${String(character.charCodeAt(at))}`).join(' + ');
}

/** One argument: a string in single quotes, within which PowerShell expands nothing; an expression in brackets where one cannot say it. */
export function powershellText(text: string): string {
  if (!unwritable.test(text)) return quoted(text);
  const parts = text
    .split(unwritable)
    .map((part, index) => (index % 2 === 1 ? codeUnits(part) : part === '' ? '' : quoted(part)));
  // It begins with a string, so that what follows is joined to it and not added up.
  return `('' + ${parts.filter((part) => part !== '').join(' + ')})`;
}

/** A row of CSV (RFC 4180), for spreadsheets, which must not take a cell for a formula. */

/** Spreadsheets read what begins so as a formula, or drop what begins it (OWASP, CSV injection). */
const formula = /^[=+\-@\t\r\n|%＝＋－＠]/;
/** The same behind what parts cells where the comma is the decimal sign, whatever quotes there are around it. */
const hidden = /([;\t]["'\s]*)(?=[=+\-@|%＝＋－＠])/g;
const special = /[",\r\n]/;

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const harmless = (formula.test(text) ? `'${text}` : text).replace(hidden, "$1'");
  return special.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** With its line end. Text and numbers as they are, nothing for null and undefined, JSON for what else there is. */
export const csvRow = (cells: readonly unknown[]): string => `${cells.map(cell).join(',')}\r\n`;

/** Events as CSV (RFC 4180), for spreadsheets, which must not take a cell for a formula. */
import { readObject } from '../audit/chain-line.ts';
import { eventFields } from '../audit/events-fields.ts';

/** Those of docs/audit-events.md in their order; `message` belongs to notes, which are no events. */
export const csvColumns: readonly string[] = Object.keys(eventFields).filter((name) => name !== 'message');

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

const row = (cells: readonly unknown[]): string => `${cells.map(cell).join(',')}\r\n`;

export const csvHead = row(csvColumns);

/** @param text an event as a line of JSON; what is none becomes an empty row with the text at its end */
export function csvRow(text: string): string {
  const fields = readObject(text) ?? { detail: text };
  return row(csvColumns.map((name) => fields[name]));
}

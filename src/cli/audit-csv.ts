/** Events as CSV, for spreadsheets. */
import { readObject } from '../audit/chain-line.ts';
import { csvRow as row } from '../audit/csv-row.ts';
import { eventFields } from '../audit/events-fields.ts';

/** Those of docs/audit-events.md in their order; `message` belongs to notes, which are no events. */
export const csvColumns: readonly string[] = Object.keys(eventFields).filter((name) => name !== 'message');

export const csvHead = row(csvColumns);

/** @param text an event as a line of JSON; what is none becomes an empty row with the text at its end */
export function csvRow(text: string): string {
  const fields = readObject(text) ?? { detail: text };
  return row(csvColumns.map((name) => fields[name]));
}

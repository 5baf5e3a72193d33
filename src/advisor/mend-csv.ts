/** The people to mend as CSV, a line of PowerShell each. */
import { csvRow } from '../audit/csv-row.ts';
import { visible } from '../http/html.ts';
import type { Mending } from './advice.ts';

const columns = [
  ['name', ({ name }) => name],
  ['domain', ({ domain }) => domain],
  ['trouble', ({ trouble }) => trouble],
  ['because', ({ because }) => because],
  ['attribute', ({ attribute }) => attribute],
  ['now', ({ now }) => now],
  ['proposed', ({ proposed }) => proposed],
  ['powershell', ({ powershell }) => powershell],
  ['distinguishedName', ({ distinguishedName }) => distinguishedName],
  ['objectGUID', ({ objectGUID }) => objectGUID],
] as const satisfies readonly (readonly [string, (mending: Mending) => string | null | undefined])[];

/** What acts on a terminal is written out; a line of PowerShell says such characters by its own means, and must stay as it is. */
const cellOf = (column: string, value: string | null | undefined): string =>
  column === 'powershell' ? (value ?? '') : visible(value ?? '');

/** Row by row, the head first. The guard against formulas leaves lines of PowerShell as they are: none begins or goes on like one. */
export function* mendingCsv(mendings: Iterable<Mending>): Generator<string, void> {
  yield csvRow(columns.map(([name]) => name));
  for (const mending of mendings) yield csvRow(columns.map(([name, valueOf]) => cellOf(name, valueOf(mending))));
}

/** The people to mend as CSV, a line of PowerShell each. */
import { csvRow } from '../audit/csv-row.ts';
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

/** Characters that act, such as those that a terminal obeys, written out. */
const acting = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
const visible = (text: string): string =>
  text.replace(acting, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** Row by row, the head first. The guard against formulas leaves lines of PowerShell as they are: none begins or goes on like one. */
export function* mendingCsv(mendings: Iterable<Mending>): Generator<string, void> {
  yield csvRow(columns.map(([name]) => name));
  for (const mending of mendings) yield csvRow(columns.map(([, valueOf]) => visible(valueOf(mending) ?? '')));
}

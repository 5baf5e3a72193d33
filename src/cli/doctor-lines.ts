/** The findings of the doctor as lines for people. */
import type { Area } from '../doctor/checks/row.ts';
import type { Verdict } from '../doctor/check.ts';
import type { Report, ReportedCheck } from '../doctor/report.ts';
import { plain } from './plain.ts';

const marks: Readonly<Record<Verdict, string>> = { ok: '✓', warning: '!', problem: '✗', skipped: '–' };
/** ECMA-48 §8.3.117: green, yellow, red, faint. */
const colours: Readonly<Record<Verdict, string>> = { ok: '32', warning: '33', problem: '31', skipped: '2' };

export interface LineStyle {
  readonly coloured: boolean;
  /** Nothing but what is to be done. */
  readonly quiet: boolean;
}

const sentence = (text: string): string => {
  const shown = plain(text).trim();
  return /[.!?]$/.test(shown) ? shown : `${shown}.`;
};

function line({ id, subject, verdict, found, remedy }: ReportedCheck, { coloured }: LineStyle): string {
  const mark = coloured ? `\u001B[${colours[verdict]}m${marks[verdict]}\u001B[0m` : marks[verdict];
  const name = id.slice(id.indexOf('.') + 1).replaceAll('-', ' ');
  const about = subject === null ? '' : ` (${plain(subject)})`;
  return `  ${mark} ${name}${about}: ${sentence(found)}\n${remedy === null ? '' : `      ${sentence(remedy)}\n`}`;
}

/** The lines of one area, with its name above; empty where there is nothing to tell. */
export function renderArea(area: Area, checks: readonly ReportedCheck[], style: LineStyle): string {
  const shown = style.quiet ? checks.filter(({ verdict }) => verdict === 'warning' || verdict === 'problem') : checks;
  const [first] = shown;
  if (first === undefined) return '';
  // One reason for all of them is told once.
  if (shown.length > 1 && shown.every(({ verdict, found }) => verdict === 'skipped' && found === first.found))
    return `${area}\n  ${marks.skipped} skipped: ${sentence(first.found)}\n`;
  return `${area}\n${shown.map((check) => line(check, style)).join('')}`;
}

const count = (number: number, one: string, many: string): string => `${String(number)} ${number === 1 ? one : many}`;

export function renderSummary({ counts }: Pick<Report, 'counts'>): string {
  const { ok, warning, problem, skipped } = counts;
  return `\n${count(problem, 'problem', 'problems')}, ${count(warning, 'warning', 'warnings')}; ${String(ok)} well, ${String(skipped)} skipped.\n`;
}

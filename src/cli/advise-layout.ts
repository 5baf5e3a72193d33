/** How the advice is laid out on a terminal: tables, wrapped text, lists that are cut, and decisions; lines of 80 columns at most. */
import { figure } from '../advisor/figures.ts';
import type { Decision, Named } from '../advisor/advice.ts';
import { plain } from './plain.ts';

/** Without a line break; what strangers named may still hold one until it is written. */
export type Line = string;

const lineLength = 80;
/** Letters of a cell: what is longer shows no more by being shown whole. */
const longestCell = 400;
/** Of a list. */
export const mostShown = 20;

const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u{FF01}-\u{FF60}\p{Emoji_Presentation}]/u;

/** Columns that a terminal gives it. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += /\p{M}/u.test(letter) ? 0 : wide.test(letter) ? 2 : 1;
  return width;
}

const padded = (text: string, width: number, isFigure: boolean): string => {
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isFigure ? gap + text : text + gap;
};

/** Pieces of at most that many columns, broken at spaces; within a word only where it is longer. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of plain(text).split(' ')) {
    const whole = line === '' ? word : `${line} ${word}`;
    if (widthOf(whole) <= width) {
      line = whole;
      continue;
    }
    if (line !== '') lines.push(line);
    while (widthOf(word) > width) {
      const cut = fitting(word, width);
      lines.push(cut);
      word = word.slice(cut.length);
    }
    line = word;
  }
  return line === '' && lines.length > 0 ? lines : [...lines, line];
}

/** As many letters from its beginning as fit, at least one; after a comma, a dot or an @ where one stands in the latter half. */
function fitting(word: string, width: number): string {
  let [cut, taken] = ['', 0];
  for (const letter of word) {
    taken += widthOf(letter);
    if (taken > width && cut !== '') break;
    cut += letter;
  }
  const place = Math.max(...[',', '.', '@'].map((sign) => cut.lastIndexOf(sign)));
  return place + 1 > cut.length / 2 ? cut.slice(0, place + 1) : cut;
}

/** @param mark stands before the first line, and spaces of its length before the others */
export function paragraph(text: string, indent = 0, mark = ''): readonly Line[] {
  const before = ' '.repeat(indent);
  return wrap(text, lineLength - indent - mark.length).map(
    (line, place) => `${before}${place === 0 ? mark : ' '.repeat(mark.length)}${line}`,
  );
}

export const bullets = (texts: readonly string[], indent = 2): readonly Line[] =>
  texts.flatMap((text) => paragraph(text, indent, '- '));

export function title(text: string, under: string): readonly Line[] {
  return ['', '', text, under.repeat(widthOf(text)), ''];
}

export const subtitle = (text: string): readonly Line[] => ['', ...paragraph(text)];

export interface Column {
  readonly head: string;
  readonly isFigure?: boolean;
}

const gap = 2;

function bounded(text: string): string {
  const letters = [...plain(text.slice(0, 4 * longestCell))];
  return letters.length > longestCell ? `${letters.slice(0, longestCell - 1).join('')}…` : letters.join('');
}

/**
 * Widths that fit the line: what is too much is taken from the widest, as long as there is a wider one. Figures are never broken.
 */
function fitWidths(columns: readonly Column[], rows: readonly (readonly string[])[], room: number): readonly number[] {
  const widths = columns.map(({ head }, at) => Math.max(widthOf(head), ...rows.map((row) => widthOf(row[at] ?? ''))));
  let over = widths.reduce((sum, width) => sum + width, 0) + gap * (columns.length - 1) - room;
  for (; over > 0; over -= 1) {
    let widest = -1;
    for (const [at, width] of widths.entries())
      if (columns[at]?.isFigure !== true && width > 8 && (widest < 0 || width > (widths[widest] ?? 0))) widest = at;
    if (widest < 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A table whose cells are wrapped where they do not fit, without columns that are empty. */
export function table(all: readonly Column[], rows: readonly (readonly string[])[], indent = 2): readonly Line[] {
  if (rows.length === 0) return [`${' '.repeat(indent)}none`];
  const used = all.map(({ head }, at) => head !== '' || rows.some((row) => (row[at] ?? '') !== ''));
  const columns = all.filter((_, at) => used[at]);
  const shown = rows.map((row) => row.filter((_, at) => used[at]).map(bounded));
  const widths = fitWidths(columns, shown, lineLength - indent);
  const before = ' '.repeat(indent);
  const lay = (row: readonly string[]): readonly Line[] => {
    const cells = widths.map((width, at) => wrap(row[at] ?? '', width));
    const height = Math.max(...cells.map((cell) => cell.length));
    return Array.from({ length: height }, (_, line) =>
      (
        before +
        cells.map((cell, at) => padded(cell[line] ?? '', widths[at] ?? 0, columns[at]?.isFigure === true)).join(' '.repeat(gap))
      ).trimEnd(),
    );
  };
  return [
    ...lay(columns.map(({ head }) => head)),
    before + widths.map((width) => '-'.repeat(width)).join(' '.repeat(gap)),
    ...shown.flatMap(lay),
  ];
}

/** What depends on the report as a whole. */
export interface Look {
  /** Where the others stand that a list leaves out, such as `in report/mend.csv`. */
  readonly rest: (file: 'advice.json' | 'mend.csv') => string;
  /** By name, and by domain where there are several. */
  readonly who: (named: Named) => string;
}

/** The first of a list, and how many more there are and where. */
export function cut<Item>(
  items: readonly Item[],
  render: (shown: readonly Item[]) => readonly Line[],
  rest: string,
  indent = 2,
): readonly Line[] {
  const left = items.length - mostShown;
  const shown = left > 0 ? items.slice(0, mostShown) : items;
  return left > 0 ? [...render(shown), ...paragraph(`and ${figure(left)} more, ${rest}`, indent)] : render(shown);
}

/** Items whose lists are the same, together, so that each list is shown once; without those that have none. */
export function alike<Item>(items: readonly Item[], listOf: (item: Item) => readonly string[]): readonly (readonly Item[])[] {
  const sets = new Map<string, Item[]>();
  for (const item of items) {
    const list = listOf(item);
    if (list.length === 0) continue;
    const signature = JSON.stringify(list);
    const same = sets.get(signature);
    if (same === undefined) sets.set(signature, [item]);
    else same.push(item);
  }
  return [...sets.values()];
}

/** Questions and answers, the one that was taken marked, and below what decided and what follows. */
export function decide({ steps, outcome }: Decision): readonly Line[] {
  return [
    ...steps.flatMap(({ question, options, because }, place) => [
      ...paragraph(question, 2, `${String(place + 1)}. `),
      ...options.flatMap(({ answer, taken }) => paragraph(answer, 5, taken ? '[x] ' : '[ ] ')),
      ...paragraph(because, 9),
    ]),
    ...paragraph(outcome, 2, '=> '),
  ];
}

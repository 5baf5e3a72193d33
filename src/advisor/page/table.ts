/** Tables that say how much they leave out, and that scroll in a box of their own where the window is narrow. */
import { html, type Html } from '../../http/html.ts';
import { figure } from '../figures.ts';

/** As many rows as a page shows of any list. */
export const mostRows = 200;
const longest = 1_024;
const shortest = 30;

type Cell = string | number | Html;

export interface Column {
  readonly head: string;
  /** `n`: figures; `w`: wide; `x`: very wide. */
  readonly kind?: 'n' | 'w' | 'x';
}

export interface Listed<Row> {
  /** Unique on the page. */
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** The first names the row. */
  readonly cells: (row: Row) => readonly Cell[];
  readonly isBest?: (row: Row) => boolean;
  /** Where the whole list is. */
  readonly where?: string;
}

/** A value of the directory: apart from what stands around it, whatever the direction of its script; a short one stays in one line. */
export function told(text: string | null): Html {
  if (text === null) return html`<span class="soft">none</span>`;
  return html`<bdi class="${text.length <= shortest ? 'k' : ''}"
    >${text.length > longest ? `${text.slice(0, longest)}…` : text}</bdi
  >`;
}

export const andMore = (hidden: number, where: string): Html | undefined =>
  hidden > 0 ? html`<p class="more">and ${figure(hidden)} more, in ${where}</p>` : undefined;

/** Nothing where there are no rows. */
export function* table<Row>({ caption, columns, rows, cells, isBest, where = 'advice.json' }: Listed<Row>): Generator<string> {
  if (rows.length === 0) return;
  const kinds = columns.map(({ kind }) => kind ?? '');
  const label = html`${caption}`.text;
  yield `<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><caption>${label}</caption>`;
  yield html`<thead>
    <tr>
      ${columns.map(({ head, kind }) => html`<th scope="col" class="${kind ?? ''}">${head}</th>`)}
    </tr>
  </thead>`.text;
  yield '<tbody>';
  for (const row of rows.slice(0, mostRows)) {
    const [first, ...others] = cells(row).map((cell) => (typeof cell === 'number' ? figure(cell) : cell));
    yield html`<tr class="${isBest?.(row) === true ? 'best' : ''}">
      <th scope="row" class="${kinds[0] ?? ''}">${first}</th>
      ${others.map((cell, index) => html`<td class="${kinds[index + 1] ?? ''}">${cell}</td>`)}
    </tr>`.text;
  }
  yield `</tbody></table></div>${andMore(rows.length - mostRows, where)?.text ?? ''}\n`;
}

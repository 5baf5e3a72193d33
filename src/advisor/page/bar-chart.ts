/** Bars beside one another, a row for each thing that is counted; widths are shares, so that it is as wide as there is room. */
import { html, type Html } from '../../http/html.ts';
import { chartAlternative, legend, type Series } from './chart-words.ts';
import { figure } from '../figures.ts';
import { svgText } from './svg-text.ts';

export interface BarRow {
  readonly label: string;
  /** One for each series. */
  readonly values: readonly number[];
}

const mostRows = 12;
const labelHeight = 22;
const barHeight = 15;
const gap = 14;
/** Percent; what remains is for the figure behind the longest bar. */
const widest = 78;

/** @param where names what holds the rows that are not drawn */
export function barChart(title: string, series: readonly Series[], rows: readonly BarRow[], where = 'the table'): Html {
  if (rows.length === 0) return html``;
  const drawn = rows.slice(0, mostRows);
  const most = Math.max(1, ...drawn.flatMap(({ values }) => values));
  const rowHeight = labelHeight + series.length * (barHeight + 3) + gap;
  const bars = drawn.map(({ label, values }, row) => {
    const top = row * rowHeight;
    return html`<g>
      ${svgText(label, { x: 0, y: top + 15, width: 285, className: 'slim' })}
      ${svgText(label, { x: 0, y: top + 15, width: 560, className: 'wide' })}
      ${series.map((_, index) => {
        const value = values[index] ?? 0;
        const width = value === 0 ? 0 : Math.max(0.5, (value / most) * widest);
        const y = top + labelHeight + index * (barHeight + 3);
        return html`<rect
            class="f${index + 1}"
            x="1"
            y="${y + 1.5}"
            width="${width.toFixed(2)}%"
            height="${barHeight - 3}"
            visibility="${value === 0 ? 'hidden' : 'visible'}"
          />
          <text class="s" x="${width.toFixed(2)}%" dx="8" y="${y + 12}">${figure(value)}</text>`;
      })}
      <path class="axis" d="M.5 ${top + labelHeight - 1}V${top + rowHeight - gap}" />
    </g>`;
  });
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg
      role="img"
      width="100%"
      height="${drawn.length * rowHeight - gap + 2}"
      aria-label="${chartAlternative(title, series, drawn)}"
    >
      ${bars}
    </svg>
    ${legend(series)}
    ${rows.length > drawn.length ? html`<p class="more">and ${figure(rows.length - drawn.length)} more, in ${where}</p>` : undefined}
  </figure>`;
}

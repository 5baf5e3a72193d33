/** Bars of several parts, one for each thing that is compared: each as long as its parts together. */
import { html, type Html } from '../../http/html.ts';
import type { BarRow } from './bar-chart.ts';
import { chartAlternative, legend, type Series } from './chart-words.ts';
import { boldSize } from './fit-text.ts';
import { figure } from '../figures.ts';
import { svgText } from './svg-text.ts';

const rowHeight = 62;
const barHeight = 20;
/** Percent of the longest bar below which a part could not be seen. */
const least = 0.6;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Parts in percent of the room; those that are hardly there are widened, at the cost of the others. */
function widths(values: readonly number[], most: number): readonly number[] {
  const total = sum(values);
  if (total === 0) return values;
  const room = (total / most) * 100;
  const wanted = values.map((value) => (value === 0 ? 0 : Math.max(least, (value / total) * room)));
  const scale = Math.min(1, room / sum(wanted));
  return wanted.map((width) => width * Math.max(scale, 0));
}

export interface StackedRow extends BarRow {
  /** Stands at the end of the line above the bar; the sum where it is not given. */
  readonly said?: string;
  readonly best?: boolean;
}

/** Series that are nothing everywhere are left out of the legend. @param first number of the first colour and pattern */
export function stackedBars(title: string, series: readonly Series[], rows: readonly StackedRow[], first = 1): Html {
  if (rows.length === 0) return html``;
  const most = Math.max(1, ...rows.map(({ values }) => sum(values)));
  const bars = rows.map(({ label, values, said, best }, row) => {
    const top = row * rowHeight;
    let x = 0;
    const parts = widths(values, most).map((width, index) => {
      const from = x;
      x += width;
      if (width === 0) return html``;
      return html`<rect
        class="f${index + first}"
        x="${from.toFixed(2)}%"
        y="${top + 27}"
        width="${width.toFixed(2)}%"
        height="${barHeight}"
      >
        <title>${series[index]?.name ?? ''}: ${figure(values[index] ?? 0)}</title>
      </rect>`;
    });
    const [weight, size] = best === true ? ['b', boldSize] : ['', 14];
    return html`<g>
      ${svgText(label, { x: 0, y: top + 17, width: 245, size, className: `slim ${weight}` })}
      ${svgText(label, { x: 0, y: top + 17, width: 420, size, className: `wide ${weight}` })}
      <text class="s" x="100%" y="${top + 17}" text-anchor="end">${said ?? figure(sum(values))}</text>
      <rect class="rail" x="0" y="${top + 27}" width="100%" height="${barHeight}" />
      ${parts}
    </g>`;
  });
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg role="img" width="100%" height="${rows.length * rowHeight - 12}" aria-label="${chartAlternative(title, series, rows)}">
      ${bars}
    </svg>
    ${legend(series, first)}
  </figure>`;
}

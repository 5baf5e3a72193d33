/** Columns, one for each number on a scale. */
import { html, type Html } from '../../http/html.ts';
import { figure } from '../figures.ts';

const mostColumns = 11;
const height = 130;

/** @param amounts the place is the number on the scale; those beyond the last column are added up there */
export function histogram(title: string, amounts: readonly number[], scale: string): Html {
  if (amounts.length === 0) return html``;
  const cut = amounts.length > mostColumns;
  const shown = cut
    ? [...amounts.slice(0, mostColumns - 1), amounts.slice(mostColumns - 1).reduce((sum, amount) => sum + amount, 0)]
    : amounts;
  const most = Math.max(1, ...shown);
  const room = 100 / Math.max(shown.length, 4);
  const name = (index: number): string => (cut && index === mostColumns - 1 ? `${String(index)}+` : String(index));
  const columns = shown.map((amount, index) => {
    const tall = amount === 0 ? 0 : Math.max(2, (amount / most) * height);
    const middle = `${(room * (index + 0.5)).toFixed(2)}%`;
    return html`<rect
        class="f1"
        x="${(room * (index + 0.18)).toFixed(2)}%"
        y="${(20 + height - tall).toFixed(1)}"
        width="${(room * 0.64).toFixed(2)}%"
        height="${tall.toFixed(1)}"
        visibility="${amount === 0 ? 'hidden' : 'visible'}"
      />
      <text class="s t" x="${middle}" y="${(14 + height - tall).toFixed(1)}" text-anchor="middle">${figure(amount)}</text>
      <text class="s" x="${middle}" y="${height + 38}" text-anchor="middle">${name(index)}</text>`;
  });
  const said = shown.map((amount, index) => `${name(index)}: ${figure(amount)}`).join('; ');
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg role="img" width="100%" height="${height + 64}" aria-label="${title}. ${scale}. ${said}.">
      ${columns}
      <rect class="base" x="0" y="${height + 20}" width="100%" height="1" />
      <text class="s" x="0" y="${height + 58}">${scale}</text>
    </svg>
  </figure>`;
}

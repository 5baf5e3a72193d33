/** What is said beside a chart, and instead of it. */
import { html, visible, type Html } from '../../http/html.ts';
import { figure } from '../figures.ts';

export interface Series {
  readonly name: string;
}

/** For who hears the page: every figure that is drawn, names cut at a length that can be heard. */
export function chartAlternative(
  title: string,
  series: readonly Series[],
  rows: readonly { readonly label: string; readonly values: readonly number[] }[],
): string {
  const said = rows.map(({ label, values }) => {
    const figures = series.map(({ name }, index) => (series.length === 1 ? '' : `${name} `) + figure(values[index] ?? 0));
    return `${visible(label).slice(0, 60)}: ${figures.join(', ')}`;
  });
  return `${title}. ${said.join('; ')}.`;
}

export function legend(series: readonly Series[], first = 1): Html | undefined {
  if (series.length < 2) return undefined;
  const entries = series.map(
    ({ name }, index) =>
      html`<li>
        <svg width="18" height="14" aria-hidden="true"><rect class="f${index + first}" x="1" y="1" width="16" height="12" /></svg
        >${name}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
}

/** Forests, their domains and the trusts between them, drawn: each forest a list, each trust a way around its side. */
import { html, type Html } from '../../http/html.ts';
import type { AdvisedForest } from '../advice.ts';
import { boldSize } from './fit-text.ts';
import { figure, counted } from '../figures.ts';
import { layForests, type DrawnRow, type DrawnTrust } from './forest-layout.ts';
import { svgText } from './svg-text.ts';

const width = 320;
const rowHeight = 30;
const laneWidth = 12;
const padding = 10;

const middle = (row: number): number => row * rowHeight + rowHeight / 2;

function drawRow(row: Exclude<DrawnRow, { kind: 'gap' }>, index: number, right: number): Html {
  const y = middle(index);
  if (row.kind === 'forest') {
    return svgText(row.name, { x: 12, y: y + 5, width: right - 24, size: boldSize, className: 'b' });
  }
  const x = 14 + row.depth * 12;
  // Active Directory draws a domain as a triangle.
  const sign = html`<path class="${row.isRead ? 'full' : 'ghost'}" d="M${x} ${y + 6}l7 -12l7 12z" />`;
  const said = row.isRead ? figure(row.people) : 'not read';
  const room = 8 + said.length * 7.5;
  return html`<g>
    ${sign}${svgText(row.name, { x: x + 20, y: y + 5, width: right - x - 26 - room, className: row.isRead ? '' : 's' })}
    <text class="s" x="${right - 10}" y="${y + 5}" text-anchor="end">${said}</text>
  </g>`;
}

function tip(x: number, y: number): Html {
  return html`<path class="tip" d="M${x} ${y}l9 -5v10z" />`;
}

function drawTrust({ from, to, lane, forward, back, style }: DrawnTrust, right: number): Html {
  const x = right + 16 + lane * laneWidth;
  const [top, bottom] = [middle(from), middle(to)];
  const shift = (lane % 3) * 3 - 3;
  const way = `M${right + 4} ${top + shift}H${x - 6}Q${x} ${top + shift} ${x} ${top + shift + 6}V${bottom + shift - 6}Q${x} ${bottom + shift} ${x - 6} ${bottom + shift}H${right + 4}`;
  return html`<g>
    <path class="trust ${style}" d="${way}" />
    ${back ? tip(right + 1, top + shift) : undefined}${forward ? tip(right + 1, bottom + shift) : undefined}
  </g>`;
}

/** Nothing where there are no forests. */
export function forestDrawing(forests: readonly AdvisedForest[]): Html {
  if (forests.length === 0) return html``;
  const { rows, groups, trusts, hidden } = layForests(forests);
  const lanes = Math.max(0, ...trusts.map(({ lane }) => lane + 1));
  const right = lanes === 0 ? width - 1 : width - 14 - lanes * laneWidth;
  const boxes = groups.map(
    ({ first, last, isRead }) =>
      html`<rect
        class="${isRead ? 'box' : 'ghost'}"
        x="1"
        y="${first * rowHeight + 2}"
        width="${right - 1}"
        height="${(last - first + 1) * rowHeight - 4}"
        rx="${padding}"
      />`,
  );
  const domains = forests.reduce((sum, forest) => sum + forest.domains.length, 0);
  const said = `Drawing of ${counted(forests.length, 'forest')} with ${counted(domains, 'domain')} and ${counted(trusts.length, 'trust')} between them. The tables beneath say the same.`;
  return html`<figure>
    <figcaption>What was found</figcaption>
    <svg
      role="img"
      viewBox="0 0 ${width} ${rows.length * rowHeight}"
      width="${width}"
      height="${rows.length * rowHeight}"
      aria-label="${said}"
    >
      ${boxes}${rows.map((row, index) => (row.kind === 'gap' ? html`` : drawRow(row, index, right)))}${trusts.map((trust) => drawTrust(trust, right))}
    </svg>
    <p class="more">
      A triangle is a domain, with its
      people.${trusts.length > 0 ? ' An arrow points at who is trusted; a dashed line is no forest trust.' : ''}
    </p>
    ${hidden > 0 ? html`<p class="more">and ${figure(hidden)} more, in advice.json</p>` : undefined}
  </figure>`;
}

/** A line of text in a picture, which never grows out of its room; what is cut off stands whole in its title. */
import { html, type Html } from '../../http/html.ts';
import { oneLine, shorten } from './fit-text.ts';

interface Placed {
  /** A number of pixels, or a share such as `50%`. */
  readonly x: number | string;
  readonly y: number;
  /** Pixels. */
  readonly width: number;
  readonly size?: number;
  readonly className?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
}

export function svgText(text: string, { x, y, width, size = 14, className = '', anchor = 'start' }: Placed): Html {
  const shown = shorten(text, width, size);
  const title = shown === oneLine(text) ? undefined : html`<title>${text.slice(0, 1_024)}</title>`;
  return html`<text x="${x}" y="${y}" class="${className}" text-anchor="${anchor}">${title}${shown}</text>`;
}

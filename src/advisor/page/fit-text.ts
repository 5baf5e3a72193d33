/** Makes text fit into a picture, where nothing wraps it: by widths that no usual typeface goes beyond. */
import { visible } from '../../http/html.ts';

const narrow = /[ .,:;!|'`iIjl()[\]/\\ftr-]/;
const broad = /[MWmw@%&…—=<>+~#]/;
const latin = /[\x20-\x7e\u00a0-\u024f]/;

function widthOf(character: string): number {
  if (/\p{M}/u.test(character)) return 0;
  if (!latin.test(character)) return /[\u0370-\u06ff‘-”]/.test(character) ? 0.8 : 1.1;
  if (narrow.test(character)) return 0.41;
  if (broad.test(character)) return 1.02;
  return /[A-Z\u00c0-\u00de]/.test(character) ? 0.79 : 0.645;
}

/** Bold text takes more room: as if it were of this size. */
export const boldSize = 15.7;

/** In the unit of `size`. */
const measure = (text: string, size: number): number => [...text].reduce((sum, character) => sum + widthOf(character) * size, 0);

/** The text where nothing has to be cut off. */
export const oneLine = (text: string): string => visible(text).replace(/\s+/g, ' ').trim();

export function shorten(text: string, width: number, size: number): string {
  const line = oneLine(text);
  if (line.length < 8 * width && measure(line, size) <= width) return line;
  let room = width - measure('…', size);
  let kept = '';
  for (const character of line) {
    room -= widthOf(character) * size;
    if (room < 0) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Lines of at most `width`; what does not fit into `most` lines ends in an ellipsis. */
export function wrap(text: string, width: number, size: number, most: number): readonly string[] {
  const words = visible(text).slice(0, 2_000).split(/\s+/).filter(Boolean);
  const lines: string[] = [];
  let line = '';
  for (const [index, word] of words.entries()) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer, size) <= width) {
      line = longer;
      continue;
    }
    if (lines.length === most - 1) {
      return [...lines, shorten([line, ...words.slice(index)].join(' '), width, size)];
    }
    if (line !== '') lines.push(line);
    line = shorten(word, width, size);
  }
  return line === '' ? lines : [...lines, line];
}

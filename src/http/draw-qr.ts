/** A text as a picture for cameras (QR code, ISO/IEC 18004): black on white in every light, with the quiet zone that it needs. */
import { encode } from 'uqr';

/** Modules of white around it: the standard's own number. */
const quiet = 4;

/** A row of modules, drawn from its middle: a step over the white ones, a line for each run of black ones. */
function drawRow(row: readonly boolean[], y: number): string {
  let drawn = '';
  let at = 0;
  for (let x = 0; x < row.length; x += 1) {
    if (row[x] !== true) continue;
    const start = x;
    while (row[x + 1] === true) x += 1;
    const end = x + 1;
    drawn += drawn === '' ? `M${String(start)} ${String(y)}.5` : `m${String(start - at)} 0`;
    drawn += `h${String(end - start)}`;
    at = end;
  }
  return drawn;
}

/** An SVG element of which nothing but the pattern comes from the text. */
export function drawQr(text: string): string {
  const { data, size } = encode(text.toWellFormed(), { ecc: 'M', border: quiet });
  const side = String(size);
  return (
    `<svg viewBox="0 0 ${side} ${side}" aria-hidden="true" focusable="false" shape-rendering="crispEdges">` +
    `<rect width="${side}" height="${side}" fill="#ffffff"/><path stroke="#000000" d="${data.map(drawRow).join('')}"/></svg>`
  );
}

/** The logo: the configured file, or a footbridge in the brand colour. */
import { readFileSync } from 'node:fs';
import { createPalette } from './palette.ts';

export interface Logo {
  readonly type: string;
  readonly content: Buffer;
}

const mostBytes = 200 * 1024;

/** A footbridge on a field of the brand colour, as an SVG element. */
export function drawMark(color: string): string {
  const { accent, onAccent } = createPalette(color).light;
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="40" height="40" aria-hidden="true" focusable="false">' +
    `<rect width="40" height="40" rx="10" fill="${accent}"/>` +
    `<g fill="none" stroke="${onAccent}" stroke-width="2.5" stroke-linecap="round">` +
    '<path d="M7 26h26M9.5 26c1-17 20-17 21 0"/><path d="M15 17.5V26M20 14.5V26M25 17.5V26" stroke-width="1.75"/></g></svg>'
  );
}

/** Reads the logo file, whose kind is told by its content and not by its name; throws where it is none or too large. */
export function readLogo(branding: { readonly logoFile?: string | undefined; readonly color: string }): Logo {
  const { logoFile, color } = branding;
  if (logoFile === undefined) return { type: 'image/svg+xml', content: Buffer.from(drawMark(color)) };
  const content = readFileSync(logoFile);
  if (content.length > mostBytes) throw new Error(`${logoFile}: the logo is larger than 200 kB`);
  const type = typeOf(content);
  if (type === undefined) throw new Error(`${logoFile}: the logo is neither SVG nor PNG nor WebP`);
  return { type, content };
}

function typeOf(content: Buffer): string | undefined {
  if (content.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (content.subarray(0, 4).toString('latin1') === 'RIFF' && content.subarray(8, 12).toString('latin1') === 'WEBP') {
    return 'image/webp';
  }
  const text = content.toString('utf8').replace(/^\ufeff/, '');
  return /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[^]*?-->\s*)*<svg[\s>]/.test(text) ? 'image/svg+xml' : undefined;
}

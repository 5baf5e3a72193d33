/** The reference that pages, Responses and the log show for one event: short enough to be read out over the telephone. */
import type { Random } from '../clock.ts';

/** Crockford's base 32: no I, L, O or U to be misheard or misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Ten characters of five random bits each, such as `7K3F-9QXM2C`. */
export function newReference(random: Random): string {
  let characters = '';
  for (const byte of random(10)) characters += alphabet.charAt(byte & 31);
  return `${characters.slice(0, 4)}-${characters.slice(4)}`;
}

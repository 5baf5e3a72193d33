/** What a RADIUS server says to the person (RFC 2865 §5.18), as text that may stand on a page. */
import { attributeTypes, longestValue, valuesOf, type Packet } from './packet.ts';

/** Characters. */
const longest = 500;
const most = 16;

/** Undefined where it says nothing. */
export function replyMessage(packet: Pick<Packet, 'attributes'>): string | undefined {
  const parts = valuesOf(packet, attributeTypes.replyMessage)
    .slice(0, most)
    // A full one goes on in the next, in the middle of a word or of a character.
    .flatMap((value) => (value.length === longestValue ? [value] : [value, Buffer.from(' ')]));
  const text = new TextDecoder('utf-8')
    .decode(Buffer.concat(parts))
    // What acts instead of being read: controls, what turns the direction, what is invisible or stands for nothing.
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}\uFFFD]+/gu, ' ')
    .trim();
  if (text === '') return undefined;
  const characters = [...text];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : text;
}

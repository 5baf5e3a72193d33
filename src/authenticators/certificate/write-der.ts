/** Writes DER: what an OCSP request is made of. */
import { tags } from './der.ts';

/** One value of these contents, one after the other. */
export function writeDer(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const shortest = length.subarray(length.findIndex((octet) => octet > 0));
  return Buffer.concat([Buffer.from([tag, 0x80 | shortest.length]), shortest, content]);
}

/** Of its dotted form. */
export function writeObjectIdentifier(dotted: string): Buffer {
  const [top = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const octets = [top * 40 + second, ...others].flatMap((arc) => {
    const digits = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(0x80 | (rest % 128));
    return digits;
  });
  return writeDer(tags.objectIdentifier, Buffer.from(octets));
}

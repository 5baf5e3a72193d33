/** Where the keys of a prefix end, in the order of code points. */

const lastCodePoint = 0x10ffff;

/** The least text that is greater than every text which begins with `prefix`; undefined where there is none. */
export function keyBeyond(prefix: string): string | undefined {
  const points = [...prefix];
  while (points.length > 0) {
    const last = points.pop()?.codePointAt(0) ?? 0;
    if (last === lastCodePoint) continue;
    // Surrogates are no characters: after U+D7FF comes U+E000.
    return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
  }
  return undefined;
}

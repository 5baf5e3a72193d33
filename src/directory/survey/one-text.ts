/** One text for all that are equal: many entries bear the same few. */

const MOST = 50_000;

export function createOneText(): (text: string) => string {
  const texts = new Map<string, string>();
  return (text) => {
    const known = texts.get(text);
    if (known !== undefined) return known;
    if (texts.size < MOST) texts.set(text, text);
    return text;
  };
}

/** The words above the page of the operator's own factor: one text, or one a language. */

const longest = 80;
const isTitle = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '' && value.length <= longest;

/** Undefined where it is neither; answers the title of a locale, the English one where there is none. */
export function titleReader(title: unknown): ((locale: string) => string) | undefined {
  if (isTitle(title)) return () => title;
  if (typeof title !== 'object' || title === null) return undefined;
  const titles = new Map(Object.entries(title).filter((pair): pair is [string, string] => isTitle(pair[1])));
  const english = titles.get('en');
  if (english === undefined || titles.size !== Object.keys(title).length) return undefined;
  return (locale) => titles.get(locale) ?? titles.get(locale.split('-', 1)[0] ?? '') ?? english;
}

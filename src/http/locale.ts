/** Which of the five languages a browser prefers (RFC 9110 §12.5.4). */

export const locales = ['en', 'de', 'fr', 'es', 'ja'] as const;
export type Locale = (typeof locales)[number];

/** Longer headers than this are cut, and no more ranges than that are read: nobody speaks so many languages. */
const longest = 512;
const mostRanges = 32;

const range = /^(\*|[A-Za-z]{1,8})(?:-[A-Za-z0-9]{1,8}){0,7}(?:[ \t]*;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;

/** The best of our locales for an Accept-Language header; English where it says nothing that we can follow. */
export function locale(acceptLanguage: string | undefined): Locale {
  if (acceptLanguage === undefined || acceptLanguage === '') return 'en';
  const ranges = acceptLanguage.slice(0, longest).split(',');
  // What the cut left of the last range may mean something else than was sent.
  if (acceptLanguage.length > longest) ranges.pop();
  const wishes = new Map<string, number>();
  for (const text of ranges.slice(0, mostRanges)) {
    const match = range.exec(text.trim());
    if (match === null) continue;
    const language = (match[1] ?? '').toLowerCase();
    const weight = Number(match[2] ?? '1');
    wishes.set(language, Math.max(wishes.get(language) ?? 0, weight));
  }
  let best: Locale = 'en';
  let bestWeight = 0;
  // A Map keeps the order of the header, which decides between equal weights.
  for (const [language, weight] of wishes) {
    if (weight <= bestWeight) continue;
    const found = language === '*' ? locales.find((ours) => !wishes.has(ours)) : locales.find((ours) => ours === language);
    if (found === undefined) continue;
    best = found;
    bestWeight = weight;
  }
  return best;
}

/** How forests, and figures about them, are written in sentences. */
import type { AdvisedForest } from './advice.ts';

const MOST_LISTED = 20;

/** `a, b and c`; of very many the first few. */
export function listed(names: readonly string[]): string {
  if (names.length > MOST_LISTED)
    return `${names.slice(0, MOST_LISTED).join(', ')} and ${String(names.length - MOST_LISTED)} more`;
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

/** An OpenLDAP without a name is called by what is searched. */
export const forestName = ({ name, domains }: Pick<AdvisedForest, 'name' | 'domains'>): string =>
  name ?? domains[0]?.dnsDomain ?? 'a directory without a name';

/** How many domains of the directory people come from. */
import type { Settings } from './settings.ts';

export function countDomains(settings: Settings): number {
  const forests = settings.at(['directory', 'forests']);
  if (!Array.isArray(forests)) return 1;
  return [...forests.keys()].reduce((sum, index) => {
    const domains = settings.at(['directory', 'forests', index, 'domains']);
    return sum + (Array.isArray(domains) ? domains.length : 0);
  }, 0);
}

/** Finds the word that was probably meant. */

/** Edits (insert, delete, replace, swap of neighbours) between two short words. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let edits = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}

const longest = 64;
const plain = (word: string): string => word.toLowerCase().replace(/[-_ ]/g, '');

/** The candidate nearest to `word` where one is near enough, regardless of case, hyphens and underscores. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > longest) return undefined;
  let best: string | undefined;
  let fewest = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > longest) continue;
    const edits = distance(plain(word), plain(candidate));
    if (edits < fewest && edits <= Math.max(1, Math.floor(0.4 * Math.max(word.length, candidate.length)))) {
      best = candidate;
      fewest = edits;
    }
  }
  return best;
}

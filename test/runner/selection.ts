/** Which test files run, in which order, and what each of them needs. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { needs, type Need } from './needs.ts';

export interface Selected {
  /** Absolute. */
  readonly file: string;
  readonly needs: readonly Need[];
}

const importSpecifier = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

/** The text of a test file and of all that it imports from test/. */
function textOf(file: string, tests: string, seen = new Set<string>()): string {
  if (seen.has(file) || relative(tests, file).startsWith('..')) {
    return '';
  }
  seen.add(file);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return '';
  }
  const near = [...text.matchAll(importSpecifier)].map(([, specifier]) => resolve(dirname(file), specifier ?? ''));
  return [text, ...near.map((one) => textOf(one, tests, seen))].join('\n');
}

/** Pure rooms first, then what listens, then the real partners, the browser last. */
function rankOf(path: string, needed: readonly Need[]): number {
  if (path.startsWith('browser/')) {
    return 3;
  }
  if (path.startsWith('interop/') || needed.some(({ server }) => server !== undefined)) {
    return 2;
  }
  return /^(http|flow|cli|demo|attacks|conformance)\//.test(path) ? 1 : 0;
}

/**
 * @param root the checkout
 * @param filters paths, or beginnings or parts of paths, from the checkout's root; none of them means all tests
 */
export function select(root: string, filters: readonly string[]): readonly Selected[] {
  const tests = join(root, 'test');
  return globSync('**/*.test.ts', { cwd: tests })
    .filter((path) => filters.length === 0 || filters.some((filter) => join('test', path).includes(filter.replace(/^\.\//, ''))))
    .map((path) => {
      const file = join(tests, path);
      // The runner's own tests speak of every need and have none.
      const text = /^(runner|house)\b/.test(path) ? '' : textOf(file, tests);
      const needed = needs.filter(({ sign }) => sign.test(text));
      return { path, file, needs: needed, rank: rankOf(path, needed) };
    })
    .toSorted((one, other) => one.rank - other.rank || (one.path < other.path ? -1 : 1));
}

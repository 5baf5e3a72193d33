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
  // The runner speaks of every need and has none.
  if (seen.has(file) || /^(\.\.|runner\b)/.test(relative(tests, file))) {
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

/** What needs nothing while the servers start, then the long ones, then the many short ones, and at the end what wants quiet. */
function rankOf(path: string, needed: readonly Need[]): number {
  if (needed.some(({ quiet }) => quiet === true)) {
    return 4;
  }
  if (needed.some(({ alone }) => alone === true)) {
    return 1;
  }
  if (/^(browser|interop)\//.test(path) || needed.some(({ server }) => server !== undefined)) {
    return 2;
  }
  return /^(http|flow|demo|attacks|conformance)\//.test(path) ? 3 : 0;
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
      // The rules of the house speak of every need, too.
      const text = path.startsWith('house') ? '' : textOf(file, tests);
      const needed = needs.filter(({ sign }) => sign.test(text));
      return { path, file, needs: needed, rank: rankOf(path, needed) };
    })
    .toSorted((one, other) => one.rank - other.rank || (one.path < other.path ? -1 : 1));
}
